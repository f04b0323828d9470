"""The `Socket` port on a transport of our own: frames leave as they are, messages arrive by a call each.

No task, no queue, no lock and no await per message. Reading stops while nobody takes messages, and until the next turn
when the turn's reading time is over, so that busy sockets leave the others their time.
"""

import asyncio
from collections.abc import Callable

from prometheus_client import Counter

from protocol.errors import CLOSE_TEXTS, CloseCode
from server.transport.frames import Closed, Event, FrameReader, FrameViolation, Pinged
from server.transport.reading_time import SLICE, reading_time
from server.transport.socket import SocketClosed, SocketLimits

REASON_BYTES = 123  # RFC 6455 section 5.5: a control frame's payload has at most 125 bytes
PING = b"\x89\x00"
PONG, CLOSE = 0x8A, 0x88

_violations = Counter("flashio_socket_violations_total", "Sockets closed for breaking the protocol", ["code"])
_silent = Counter("flashio_sockets_silent_total", "Sockets closed because they gave no sign of life")


class FastSocket(asyncio.Protocol):
    """Invariant: the transport reads exactly while `_wants_to_read`, so TCP pushes back on whoever is not read."""

    __slots__ = (
        "_grace",
        "_is_closing",
        "_is_deaf",
        "_is_full",
        "_is_lost",
        "_is_paused",
        "_is_reading",
        "_is_unanswered",
        "_limits",
        "_loop",
        "_on_ended",
        "_on_lost",
        "_on_message",
        "_on_writable",
        "_reader",
        "_reading_time",
        "_rests",
        "_transport",
        "pulse",
    )

    def __init__(
        self, transport: asyncio.Transport, limits: SocketLimits, on_lost: Callable[["FastSocket"], None]
    ) -> None:
        """Take over a connected transport whose reading is paused."""
        self._transport = transport
        self._limits = limits
        self._on_lost = on_lost
        self._on_ended: Callable[[], None] | None = None
        self._loop = asyncio.get_running_loop()
        self._reading_time = reading_time(self._loop)
        self._reader = FrameReader(limits.max_message_bytes)
        self._on_message: Callable[[bytes], None] | None = None
        self._on_writable: Callable[[], None] | None = None
        self._grace: asyncio.TimerHandle | None = None
        self._is_reading = self._is_paused = self._is_full = self._rests = False
        self._is_closing = self._is_deaf = self._is_lost = self._is_unanswered = False
        transport.set_write_buffer_limits(limits.low_watermark_bytes, limits.low_watermark_bytes)
        self.pulse = self._loop.call_later(limits.ping_interval_s, self._beat)

    @property
    def buffered_bytes(self) -> int:
        return self._transport.get_write_buffer_size()

    def write(self, frames: bytes) -> None:
        if not self._is_closing and not self._transport.is_closing():
            self._transport.write(frames)

    def when_writable(self, callback: Callable[[], None]) -> None:
        self._on_writable = callback
        if not self._is_full:
            self._loop.call_soon(self._tell_writable)

    def close(self, code: int, reason: str) -> None:
        if not self._is_closing:
            self._say_closing(code, reason)
            self._follow_reading()

    def pause_reading(self) -> None:
        self._is_paused = True
        self._follow_reading()

    def resume_reading(self) -> None:
        self._is_paused = False
        self._follow_reading()

    async def receive(self, timeout_s: float, max_bytes: int) -> bytes:
        """See `DoorSocket`."""
        first: asyncio.Future[bytes] = self._loop.create_future()

        def take(message: bytes) -> None:
            self._take_no_more()
            if not first.done():
                first.set_result(message)

        def miss() -> None:
            if not first.done():
                first.set_exception(SocketClosed())

        self._take_messages(take, miss, max_bytes)
        try:
            async with asyncio.timeout(timeout_s):
                return await first
        finally:
            self._take_no_more()

    async def serve(self, on_message: Callable[[bytes], None], on_ended: Callable[[], None]) -> None:
        """See `DoorSocket`; returns at once."""
        self._take_messages(on_message, on_ended, self._limits.max_message_bytes)

    def abandon(self) -> None:
        """Close what nobody serves: its endpoint came to an end without a word."""
        if self._on_message is None:
            self.close(CloseCode.INTERNAL_ERROR, "")

    def shutdown(self) -> None:
        """uvicorn ends: called on all that is open."""
        self.close(CloseCode.SERVICE_RESTART, CLOSE_TEXTS[CloseCode.SERVICE_RESTART])

    def data_received(self, data: bytes) -> None:
        self._is_unanswered = False
        if not self._is_deaf:
            self._reader.feed(data)
            self._deliver()

    def eof_received(self) -> None:
        self._is_closing = self._is_deaf = True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - lost is lost
        self._is_closing = self._is_deaf = True
        self._is_lost = True
        self._on_message = self._on_writable = None
        self.pulse.cancel()
        if self._grace is not None:
            self._grace.cancel()
        self._on_lost(self)
        self._tell_ended()

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        self._tell_writable()

    def _tell_writable(self) -> None:
        if not self._is_full and self._on_writable is not None:
            callback, self._on_writable = self._on_writable, None
            callback()

    def _take_messages(self, on_message: Callable[[bytes], None], on_ended: Callable[[], None], max_bytes: int) -> None:
        self._reader.max_bytes = max_bytes
        self._on_ended = on_ended
        if self._is_lost:
            self._tell_ended()
        else:
            self._on_message = on_message
            self._follow_reading()

    def _take_no_more(self) -> None:
        self._on_message = self._on_ended = None
        self._follow_reading()

    def _tell_ended(self) -> None:
        on_ended, self._on_ended = self._on_ended, None
        if on_ended is not None:
            on_ended()

    @property
    def _wants_to_read(self) -> bool:
        return self._is_closing or not (self._on_message is None or self._is_paused or self._rests)

    def _follow_reading(self) -> None:
        if self._transport.is_closing() or self._is_reading == self._wants_to_read:
            return
        self._is_reading = not self._is_reading
        if not self._is_reading:
            self._transport.pause_reading()
            return
        self._transport.resume_reading()
        if self._reader.has_more:
            self._loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        """Hand out what is there, until somebody pauses or the turn's time is over."""
        taken, is_over = 0, False
        try:
            for event in self._reader.read() if self._is_reading and not self._is_deaf else ():
                self._handle(event)
                taken += 1
                is_over = not taken % SLICE and self._reading_time.is_over
                if is_over or not self._is_reading or self._is_deaf:
                    break
        except FrameViolation as violation:
            self._fail(violation)
        except BaseException:
            self.close(CloseCode.INTERNAL_ERROR, "")
            raise
        if is_over:
            self._rests = True
            self._follow_reading()
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        self._rests = False
        self._follow_reading()

    def _handle(self, event: Event) -> None:
        if type(event) is bytes:
            if self._on_message is not None and not self._is_closing:
                self._on_message(event)
        elif type(event) is Pinged:
            if not self._is_full:  # who pings without reading gets no answers piled up
                self.write(bytes((PONG, len(event.payload))) + event.payload)
        elif type(event) is Closed:
            self._follow_closing(event)

    def _follow_closing(self, event: Closed) -> None:
        """Answer the peer's close frame unless it is the answer, and end: neither side has more to say."""
        if not self._is_closing:
            self._transport.write(bytes((CLOSE, len(event.payload))) + event.payload)
            self._cut_later()
        self._is_closing = self._is_deaf = True
        self._transport.close()

    def _fail(self, violation: FrameViolation) -> None:
        """Say what was wrong and read on without listening: closing with bytes unread would destroy the close frame."""
        _violations.labels(violation.code.name.lower()).inc()
        if not self._is_closing and violation.code is CloseCode.MESSAGE_TOO_BIG:
            farewell = self._limits.too_large(self._reader.max_bytes)
            self.write(farewell.frames)
            self._say_closing(farewell.code, farewell.reason)
        elif not self._is_closing:
            self._say_closing(violation.code, str(violation))
        self._is_deaf = True
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()

    def _say_closing(self, code: int, reason: str) -> None:
        text = reason.encode()[:REASON_BYTES].decode(errors="ignore").encode()
        if not self._transport.is_closing():
            self._transport.write(bytes((CLOSE, 2 + len(text))) + code.to_bytes(2, "big") + text)
        self._is_closing = True
        self._cut_later()

    def _cut_later(self) -> None:
        self._grace = self._loop.call_later(self._limits.close_grace_s, self._transport.abort)

    def _beat(self) -> None:
        """Ask for a sign of life. Who is not read, or is still taking what was written, is not judged by it."""
        if self._is_closing:
            return
        self.pulse = self._loop.call_later(self._limits.ping_interval_s, self._beat)
        if self._is_unanswered and self._is_reading and not self.buffered_bytes:
            _silent.inc()
            self._say_closing(CloseCode.INTERNAL_ERROR, "You gave no sign of life.")
            self._transport.close()
        elif not self._is_full:
            self._is_unanswered = True
            self.write(PING)
