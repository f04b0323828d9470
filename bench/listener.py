"""One client of the generator: a raw WebSocket that notes how far its author was seen, and when.

The common case costs the same however many messages one read brings: they have one size and one shape, so only the
newest is looked at. Everything else is taken apart frame by frame.
"""

import asyncio
from array import array
from functools import lru_cache
from time import perf_counter
from typing import NamedTuple, cast

from bench.messages import AUTHOR_ID, Dialect, Kind, masked
from protocol.yjs.awareness import decode_awareness
from protocol.yjs.lib0 import read_var_bytes, read_var_string, read_var_uint, write_var_uint
from protocol.yjs.update import STORED_LIMITS, check_update

AUTHOR_MARK = write_var_uint(AUTHOR_ID)
BINARY, CLOSE, PING = 2, 8, 9
SYNC, AWARENESS, AUTH = 0, 1, 2
STEP_2 = 1


class Shape(NamedTuple):
    """The newest message's frame: `head` reaches from its first byte to the author's clock."""

    size: int
    head: bytes


class Listener(asyncio.Protocol):
    """`newest` and `arrived` are the record of a run: the read at `arrived[i]` brought everything up to `newest[i]`."""

    def __init__(self, kind: Kind, dialect: Dialect, request: bytes) -> None:
        self._kind = kind
        self._dialect = dialect
        self._request = request
        self._rest = b""
        self._shape: Shape | None = None
        self._is_open = False
        self._transport: asyncio.Transport
        loop = asyncio.get_running_loop()
        self.joined: asyncio.Future[None] = loop.create_future()
        self.closed: str | None = None  # why, once it is
        self.seen = -1  # newest clock of the author
        self.has_gap = False
        self.newest = array("q")
        self.arrived = array("d")

    def begin(self) -> None:
        """Forget the record; from here on a new one is kept."""
        self.newest, self.arrived = array("q"), array("d")

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
        now = perf_counter()
        if self._rest:
            data = self._rest + data
        if self._shape is not None and self._took_run(data, self._shape, now):
            return
        pos = 0 if self._is_open else self._opened(data)
        if self._is_open:
            pos = self._take_frames(data, pos, now)
        self._rest = data[pos:]

    def _took_run(self, data: bytes, shape: Shape, now: float) -> bool:
        """Take whole frames of the known shape at once, if they are all that is there but for a cut last one."""
        size, head = shape
        count, rest = divmod(len(data), size)
        last = (count - 1) * size
        if not count or not data.startswith(head) or not data.startswith(head, last):
            return False
        clock, _ = read_var_uint(data, last + len(head))
        news = clock - self.seen
        if news != count and (self._kind is Kind.EDITS or news < count):
            return False
        self._note(clock, now)
        self._rest = data[-rest:] if rest else b""
        return True

    def _note(self, clock: int, now: float) -> None:
        self.seen = clock
        self.newest.append(clock)
        self.arrived.append(now)

    def _opened(self, data: bytes) -> int:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return 0
        if not data.startswith(b"HTTP/1.1 101"):
            self._end(f"the handshake was refused: {data[:200]!r}")
        self._is_open = True
        self._transport.write(self._dialect.hello())
        return end + 4

    def _take_frames(self, data: bytes, pos: int, now: float) -> int:
        """Take whole frames one by one and return where the first cut one begins."""
        total = len(data)
        while pos + 2 <= total:
            size, start = data[pos + 1], pos + 2
            if size == 126:
                size, start = int.from_bytes(data[start : start + 2], "big"), start + 2
            elif size == 127:
                size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
            end = start + size
            if end > total or start > total:
                break
            self._take(data[pos] & 15, data[start:end], data[pos:end], now)
            pos = end
        return pos

    def _take(self, opcode: int, payload: bytes, frame: bytes, now: float) -> None:
        if opcode == BINARY and payload.startswith(self._dialect.address):
            self._take_message(payload[len(self._dialect.address) :], frame, now)
        elif opcode == PING:
            self._transport.write(masked(payload, opcode=10))
        elif opcode == CLOSE:
            self.closed = f"closed with {int.from_bytes(payload[:2], 'big')}: {payload[2:].decode(errors='replace')}"
            self._transport.close()

    def _take_message(self, message: bytes, frame: bytes, now: float) -> None:
        kind, pos = message[0], 1
        if kind == SYNC and message[pos] != 0:
            start, end = _edited(read_var_bytes(message, pos + 1)[0])
            if message[pos] == STEP_2 and not self.joined.done():
                self.joined.set_result(None)
            if self._kind is Kind.EDITS and end > start:
                self.has_gap |= start > self.seen + 1
                self._take_news(end - 1, frame, now, is_one=end - start == 1)
        elif kind == AWARENESS and self._kind is Kind.CURSORS:
            self._take_news(_shown(read_var_bytes(message, pos)[0]), frame, now, is_one=True)
        elif kind == AUTH and not self._dialect.greeting:
            self.closed = f"refused: {read_var_string(message, pos + 1)[0]}"

    def _take_news(self, clock: int, frame: bytes, now: float, *, is_one: bool) -> None:
        """`is_one`: the frame holds one message; edits that were merged are not told by the first clock alone."""
        if clock > self.seen:
            self._note(clock, now)
            at = frame.find(AUTHOR_MARK) + len(AUTHOR_MARK)
            self._shape = Shape(len(frame), frame[:at]) if is_one else None

    def _end(self, reason: str) -> None:
        self.closed = reason
        if not self.joined.done():
            self.joined.set_exception(ConnectionError(reason))
            self.joined.exception()


@lru_cache(maxsize=4096)  # one server sends the same bytes to everybody
def _edited(update: bytes) -> tuple[int, int]:
    """The author's clocks in an update, as start and end."""
    ranges = [(start, end) for client, start, end in check_update(update, STORED_LIMITS).ranges if client == AUTHOR_ID]
    return (ranges[0][0], ranges[-1][1]) if ranges else (0, 0)


@lru_cache(maxsize=4096)
def _shown(update: bytes) -> int:
    """The author's clock in an awareness update; -1 when it says nothing of the author."""
    return max((entry.clock for entry in decode_awareness(update) if entry.client == AUTHOR_ID), default=-1)
