"""What a run is said to have delivered, and how late, follows from what its listeners saw."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import pytest

from bench.connecting import Room
from bench.crowd import SHORT_TEXT, Crowd
from bench.generator import Scene, performed, rehearsed
from bench.messages import Dialect, Kind
from protocol.websocket import frame
from tests.bench.test_messages import payloads

HANDSHAKE = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"


class Relay:
    """A server of frames on a real port that sends what one says to all others, and to newcomers, but for what
    `drops` counts to."""

    def __init__(self, drops: int | None = None) -> None:
        self._drops = drops
        self._relayed = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._said: list[bytes] = []
        self.is_empty = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HANDSHAKE + frame(b"\x00\x01\x02\x00\x00") + b"".join(self._said))  # an empty document, and news
        await reader.readexactly(len(Dialect().hello()))
        self._writers.append(writer)
        try:
            while data := await reader.read(65_536):
                for payload in payloads(data):
                    self._relayed += 1
                    if self._relayed != self._drops:
                        self._tell(writer, payload)
        except ConnectionResetError:  # the generator leaves without a word
            pass
        finally:
            self._writers.remove(writer)
            writer.close()
            if not self._writers:
                self.is_empty.set()

    def _tell(self, author: asyncio.StreamWriter, payload: bytes) -> None:
        is_edit = payload[0] == 0
        self._said.append(frame(payload))
        for writer in self._writers:
            if writer is not author or is_edit:
                writer.write(frame(payload))


@asynccontextmanager
async def acting(kind: Kind, count: int, drops: int | None = None) -> AsyncIterator[Scene]:
    """Two authors and a listener, with so many messages each."""
    relay = Relay(drops)
    async with await asyncio.start_server(relay.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        crowd = Crowd(Room(f"ws://127.0.0.1:{port}/room", Dialect()), 2, (kind,), SHORT_TEXT)
        await crowd.join(3)
        try:
            yield Scene(crowd, rehearsed(crowd, kind, 0.004, count))
        finally:
            crowd.leave()
            await relay.is_empty.wait()
            await asyncio.sleep(0)


@pytest.mark.parametrize("puts_off", [False, True])
@pytest.mark.parametrize("kind", list(Kind))
async def test_all_of_two_authors_reaches_everybody_else(kind: Kind, puts_off: bool) -> None:
    async with acting(kind, 10) as scene:
        played = await performed([scene], 500, nullcontext(), puts_off=puts_off)
    assert played.is_complete
    assert (played.sent, played.delivered) == (20, 40)
    assert played.own_seen == (20 if kind is Kind.EDITS else 0)
    assert 0 < played.p50_s <= played.p99_s <= played.max_s < 1


async def test_an_edit_that_is_lost_fails_the_run() -> None:
    opening_frames = 2
    async with acting(Kind.EDITS, 10, drops=opening_frames + 7) as scene:
        played = await performed([scene], 500, nullcontext())
    assert played.failure == "an edit was left out"
    assert not played.is_complete
