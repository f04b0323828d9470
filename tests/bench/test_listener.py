"""A listener of the generator sees what arrived, however the network cut it and however the server merged it."""

import asyncio
import random

import pytest
from pycrdt import merge_updates

from bench.listener import Listener
from bench.messages import CLOCKS, Dialect, Kind, authored
from protocol.websocket import frame
from protocol.yjs import sync
from tests.bench.test_messages import payloads

FIRST = {kind: clocks.start for kind, clocks in CLOCKS.items()}
COUNT = 400
SEED = 11


class Network(asyncio.Transport):
    """Where a listener writes to; nobody answers."""

    def write(self, data: object) -> None:
        pass


def listening(kind: Kind) -> Listener:
    listener = Listener(kind, Dialect(), b"")
    listener.connection_made(Network())
    listener.data_received(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
    listener.seen = FIRST[kind] - 1
    return listener


def frames_of(kind: Kind) -> list[bytes]:
    return [frame(payload) for payload in payloads(authored(kind, Dialect(), FIRST[kind], COUNT).frames)]


def give(listener: Listener, data: bytes, chance: random.Random) -> None:
    while data:
        cut = chance.randint(1, 200)
        listener.data_received(data[:cut])
        data = data[cut:]


@pytest.mark.parametrize("kind", list(Kind))
async def test_every_message_is_seen_wherever_reads_are_cut(kind: Kind) -> None:
    listener = listening(kind)
    keepalive = frame(sync.encode_awareness(b"\x00"))
    ours = frames_of(kind)
    give(listener, b"".join([*ours[:100], keepalive, *ours[100:]]), random.Random(SEED))
    assert listener.seen == FIRST[kind] + COUNT - 1
    assert not listener.has_gap


async def test_an_edit_that_is_left_out_is_noticed() -> None:
    listener = listening(Kind.EDITS)
    ours = frames_of(Kind.EDITS)
    give(listener, b"".join(ours[:50] + ours[51:]), random.Random(SEED))
    assert listener.has_gap


async def test_merged_edits_count_for_all_they_hold() -> None:
    chance = random.Random(SEED)
    listener = listening(Kind.EDITS)
    updates = [
        message.update
        for payload in payloads(authored(Kind.EDITS, Dialect(), FIRST[Kind.EDITS], COUNT).frames)
        for message in sync.parse_frame(payload)
        if isinstance(message, sync.Update)
    ]
    data = b""
    while updates:
        some = chance.randint(1, 4)
        data += frame(sync.encode_update(merge_updates(*updates[:some])))
        updates = updates[some:]
    give(listener, data, chance)
    assert listener.seen == FIRST[Kind.EDITS] + COUNT - 1
    assert not listener.has_gap


async def test_a_newer_cursor_stands_for_those_before_it() -> None:
    listener = listening(Kind.CURSORS)
    ours = frames_of(Kind.CURSORS)
    listener.data_received(ours[10] + ours[200] + ours[399][:20])
    assert listener.seen == FIRST[Kind.CURSORS] + 200
