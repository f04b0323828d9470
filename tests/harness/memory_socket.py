"""The `Socket` port without a network: what is written waits here until the peer takes it."""

from collections import deque
from collections.abc import Callable

from protocol.websocket import payloads


class MemorySocket:
    """A second adapter of the port, whose peer reads when the test says so: always, or by `take`.

    `writes` counts what the server wrote, `received` holds the payloads that the peer has taken.
    """

    def __init__(self, *, is_reading: bool = True, low_watermark_bytes: int = 1024) -> None:
        self.is_reading = is_reading
        self.low_watermark_bytes = low_watermark_bytes
        self.received: list[bytes] = []
        self.writes = 0
        self.closed: tuple[int, str] | None = None
        self.is_paused = False
        self._waiting: deque[bytes] = deque()
        self._buffered = 0
        self._on_writable: Callable[[], None] | None = None

    @property
    def buffered_bytes(self) -> int:
        return self._buffered

    def write(self, frames: bytes) -> None:
        if self.closed is not None:
            return
        self.writes += 1
        self._waiting.append(frames)
        self._buffered += len(frames)
        if self.is_reading:
            self.take()

    def when_writable(self, callback: Callable[[], None]) -> None:
        self._on_writable = callback
        if self._buffered <= self.low_watermark_bytes:
            self._tell_writable()

    def close(self, code: int, reason: str) -> None:
        if self.closed is None:
            self.closed = (code, reason)

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def take(self, writes: int | None = None) -> list[bytes]:
        """Let the peer take what waits, or so many writes of it; returns their payloads."""
        taken: list[bytes] = []
        while self._waiting and (writes is None or writes > 0):
            frames = self._waiting.popleft()
            self._buffered -= len(frames)
            taken += payloads(frames)
            self.received += payloads(frames)
            writes = None if writes is None else writes - 1
            if self._buffered <= self.low_watermark_bytes:
                self._tell_writable()
        return taken

    def take_all(self) -> list[bytes]:
        """Let the peer take what waits, and what that makes room for."""
        taken = self.take()
        while self._waiting:
            taken += self.take()
        return taken

    def _tell_writable(self) -> None:
        callback, self._on_writable = self._on_writable, None
        if callback is not None:
            callback()
