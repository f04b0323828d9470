"""One client of the generator: a raw WebSocket that notes how far every author was seen, and when.

The common case costs the same however many messages one read brings: they have one size and one shape, so only the
newest of each author is looked at. Other reads are taken apart once, for all listeners that receive the same bytes.
"""

import asyncio
from time import perf_counter
from typing import cast

from bench.frames import CLOSE, PING, Chunk, Shape, taken_apart
from bench.messages import Dialect, masked, voice_number
from protocol.yjs.lib0 import read_var_uint, write_var_uint

MARK_BYTES = 5  # of an author's id

Reads = list[tuple[float, list[tuple[int, int]]]]


class Authors:
    """Whom the listeners of one room follow; shared by all of them."""

    def __init__(self, ids: list[int]) -> None:
        self.ids = ids
        self.of_mark = {write_var_uint(author): author for author in ids}


class Listener(asyncio.Protocol):
    """`reads` is the record of a run: when something came, and up to which clock of each voice that was."""

    def __init__(self, authors: Authors, dialect: Dialect, request: bytes) -> None:
        self._authors = authors
        self._dialect = dialect
        self._request = request
        self._rest = b""
        self._shape: Shape | None = None
        self._is_open = False
        self._transport: asyncio.Transport
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed: str | None = None  # why, once it is
        self.has_gap = False
        self.seen = {voice_number(author, is_edit=is_edit): -1 for author in authors.ids for is_edit in (False, True)}
        self.reads: Reads = []

    def begin(self) -> None:
        """Forget the record; from here on a new one is kept."""
        self.reads = []

    def send(self, frames: bytes | memoryview) -> None:
        self._transport.write(frames)

    def close(self) -> None:
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one by its methods only
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(self.closed or f"the connection broke: {exc}")

    def data_received(self, data: bytes) -> None:
        self.take(data, perf_counter())

    def put_off(self) -> "PutOff":
        """From here on only collect what arrives; nothing is answered, pings neither, until it is given back."""
        collecting = PutOff(self, self._transport)
        self._transport.set_protocol(collecting)
        return collecting

    def take(self, data: bytes, now: float) -> None:
        """Handle what a read brought at a time."""
        if self._rest:
            data = self._rest + data
        if self._shape is not None and self._took_run(data, self._shape, now):
            return
        if not self._is_open:
            data = self._opened(data)
        if self._is_open:
            chunk = taken_apart(data, self._dialect.address)
            self._take_chunk(chunk, now)
            data = data[chunk.end :]
        self._rest = data

    def _took_run(self, data: bytes, shape: Shape, now: float) -> bool:
        """Take whole frames of the known shape at once, if they are all that is there but for a cut last one."""
        count, rest = divmod(len(data), shape.size)
        if not count or not data.startswith(shape.head):
            return False
        newest = self._newest(data, shape, count)
        if newest is None:
            return False
        self.seen.update(newest)
        self.reads.append((now, newest))
        self._rest = data[-rest:] if rest else b""
        return True

    def _newest(self, data: bytes, shape: Shape, count: int) -> list[tuple[int, int]] | None:
        """Look from the end until every author's newest is found; None when it is not all news of one shape."""
        size, head, is_edit = shape
        at, end, of_mark = len(head), len(head) + MARK_BYTES, self._authors.of_mark
        found: dict[int, int] = {}
        news = 0
        for pos in range((count - 1) * size, -1, -size):
            author = of_mark.get(data[pos + at : pos + end])
            if author is None or not data.startswith(head, pos):
                return None
            voice = author * 2 + is_edit
            if voice in found:
                continue
            found[voice], _ = read_var_uint(data, pos + end)
            step = found[voice] - self.seen[voice]
            if step <= 0:
                return None
            news += step
            if (news == count) if is_edit else (len(found) == len(of_mark)):
                break
        return None if is_edit and news != count else list(found.items())

    def _take_chunk(self, chunk: Chunk, now: float) -> None:
        for opcode, payload in chunk.controls:
            self._take_control(opcode, payload)
        if chunk.has_document and not self.joined.done():
            self.joined.set_result(None)
        if chunk.refusal is not None and not self._dialect.greeting:
            self.closed = chunk.refusal
        news = []
        for voice, first, last in chunk.said:
            seen = self.seen.get(voice)
            if seen is not None and last > seen:
                self.has_gap |= bool(voice % 2) and first > seen + 1
                self.seen[voice] = last
                news.append((voice, last))
        if news:
            self._shape = chunk.shape
            self.reads.append((now, news))

    def _take_control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self._transport.write(masked(payload, opcode=10))
        elif opcode == CLOSE:
            self.closed = f"closed with {int.from_bytes(payload[:2], 'big')}: {payload[2:].decode(errors='replace')}"
            self._transport.close()

    def _opened(self, data: bytes) -> bytes:
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            return data
        if not head.startswith(b"HTTP/1.1 101"):
            self._end(f"the handshake was refused: {head[:200]!r}")
            return b""
        self._is_open = True
        self._transport.write(self._dialect.hello())
        return rest

    def _end(self, reason: str) -> None:
        self.closed = reason
        if not self.joined.done():
            self.joined.set_exception(ConnectionError(reason))
            self.joined.exception()


class PutOff(asyncio.Protocol):
    """Collects reads for a listener, so that taking them apart costs nothing while a run is timed."""

    def __init__(self, listener: Listener, transport: asyncio.Transport) -> None:
        self._listener = listener
        self._transport = transport
        self._reads: list[tuple[bytes, float]] = []

    def data_received(self, data: bytes) -> None:
        self._reads.append((data, perf_counter()))

    def connection_lost(self, exc: Exception | None) -> None:
        self._listener.connection_lost(exc)

    def catch_up(self) -> None:
        """Let the listener take what was collected so far."""
        reads, self._reads = self._reads, []
        for data, now in reads:
            self._listener.take(data, now)

    def give_back(self) -> None:
        """Let the listener take everything, now and from here on."""
        self.catch_up()
        self._transport.set_protocol(self._listener)
