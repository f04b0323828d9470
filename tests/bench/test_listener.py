"""A listener of the generator sees what arrived, however the network cut it and however the server merged it."""

import asyncio
import random

import pytest
from pycrdt import merge_updates

from bench.listener import Authors, Listener
from bench.messages import FIRST_AUTHOR, FIRST_CURSOR, Dialect, Kind, Voice, authored
from protocol.websocket import frame
from protocol.yjs import sync
from protocol.yjs.awareness import AwarenessEntry, decode_awareness, encode_awareness_update
from tests.bench.test_messages import payloads

FIRST = {Kind.CURSORS: FIRST_CURSOR, Kind.EDITS: (1 << 14) + 1}
AUTHORS = [FIRST_AUTHOR + number for number in range(10)]
COUNT = 400
SEED = 11


class Network(asyncio.Transport):
    """Where a listener writes to; nobody answers."""

    def write(self, data: object) -> None:
        pass


def listening(kind: Kind, authors: list[int]) -> Listener:
    listener = Listener(Authors(authors), Dialect(), b"")
    listener.connection_made(Network())
    listener.data_received(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
    for author in authors:
        listener.seen[Voice(kind, author).number] = FIRST[kind] - 1
    return listener


def said_by(kind: Kind, author: int) -> list[bytes]:
    return payloads(authored(Voice(kind, author), Dialect(), FIRST[kind], COUNT).frames)


def shuffled(kind: Kind, authors: list[int], chance: random.Random) -> list[bytes]:
    """Frames of all authors, each one's in their order."""
    left = {author: said_by(kind, author)[::-1] for author in authors}
    frames = []
    while left:
        author = chance.choice(list(left))
        frames.append(frame(left[author].pop()))
        if not left[author]:
            del left[author]
    return frames


def give(listener: Listener, data: bytes, chance: random.Random) -> None:
    while data:
        cut = chance.choice([chance.randint(1, 200), chance.randint(1, 20_000)])
        listener.data_received(data[:cut])
        data = data[cut:]


def has_all(listener: Listener, kind: Kind, authors: list[int]) -> bool:
    return all(listener.seen[Voice(kind, author).number] == FIRST[kind] + COUNT - 1 for author in authors)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("authors", [AUTHORS[:1], AUTHORS], ids=["one", "ten"])
async def test_every_message_is_seen_wherever_reads_are_cut(kind: Kind, authors: list[int]) -> None:
    chance = random.Random(SEED)
    listener = listening(kind, authors)
    ours = shuffled(kind, authors, chance)
    keepalive = frame(sync.encode_awareness(b"\x00"))
    give(listener, b"".join([*ours[:100], keepalive, *ours[100:]]), chance)
    assert has_all(listener, kind, authors)
    assert not listener.has_gap


@pytest.mark.parametrize("authors", [AUTHORS[:1], AUTHORS], ids=["one", "ten"])
async def test_an_edit_that_is_left_out_is_noticed(authors: list[int]) -> None:
    chance = random.Random(SEED)
    listener = listening(Kind.EDITS, authors)
    ours = shuffled(Kind.EDITS, authors, chance)
    give(listener, b"".join(ours[:50] + ours[51:]), chance)
    assert listener.has_gap


async def test_an_edit_that_is_left_out_of_one_large_read_is_noticed() -> None:
    listener = listening(Kind.EDITS, AUTHORS)
    ours = shuffled(Kind.EDITS, AUTHORS, random.Random(SEED))
    listener.data_received(b"".join(ours[:20]))
    listener.data_received(b"".join(ours[20:500] + ours[501:]))
    assert listener.has_gap


async def test_merged_edits_count_for_all_they_hold() -> None:
    chance = random.Random(SEED)
    listener = listening(Kind.EDITS, AUTHORS[:2])
    updates = [
        message.update
        for pair in zip(*(said_by(Kind.EDITS, author) for author in AUTHORS[:2]), strict=True)
        for payload in pair
        for message in sync.parse_frame(payload)
        if isinstance(message, sync.Update)
    ]
    data = b""
    while updates:
        some = chance.randint(1, 9)
        data += frame(sync.encode_update(merge_updates(*updates[:some])))
        updates = updates[some:]
    give(listener, data, chance)
    assert has_all(listener, Kind.EDITS, AUTHORS[:2])
    assert not listener.has_gap


async def test_a_newer_cursor_stands_for_those_before_it_of_the_same_author_alone() -> None:
    listener = listening(Kind.CURSORS, AUTHORS[:2])
    one, other = ([frame(payload) for payload in said_by(Kind.CURSORS, author)] for author in AUTHORS[:2])
    listener.data_received(one[10] + one[200] + other[3] + one[399][:20])
    assert listener.seen[Voice(Kind.CURSORS, AUTHORS[0]).number] == FIRST[Kind.CURSORS] + 200
    assert listener.seen[Voice(Kind.CURSORS, AUTHORS[1]).number] == FIRST[Kind.CURSORS] + 3


async def test_cursors_of_several_authors_in_one_frame_are_all_seen() -> None:
    listener = listening(Kind.CURSORS, AUTHORS)
    entries: list[AwarenessEntry] = []
    for author in AUTHORS:
        (message,) = sync.parse_frame(said_by(Kind.CURSORS, author)[-1])
        assert isinstance(message, sync.Awareness)
        entries += decode_awareness(message.payload)
    listener.data_received(frame(sync.encode_awareness(encode_awareness_update(entries))))
    assert has_all(listener, Kind.CURSORS, AUTHORS)
