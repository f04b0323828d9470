"""The `Socket` port: one open WebSocket, whatever carries its bytes."""

from collections.abc import Callable
from typing import Protocol


class Socket(Protocol):
    """Owned by one connection; every method is called on the loop's thread and returns at once.

    Incoming messages reach the `on_message` callback that the adapter was given, one call per binary message.
    """

    @property
    def buffered_bytes(self) -> int:
        """Bytes written and not yet handed to the kernel, as far as the adapter can know."""

    def write(self, frames: bytes) -> None:
        """Send whole RFC 6455 frames (`protocol.websocket.frame`), joined; ignored once closing."""

    def when_writable(self, callback: Callable[[], None]) -> None:
        """Call back once, when `buffered_bytes` has fallen to the low watermark; replaces an earlier callback."""

    def close(self, code: int, reason: str) -> None:
        """Send what is buffered, then a close frame; a peer that does not read is cut after a grace time."""

    def pause_reading(self) -> None:
        """Deliver no more messages and let TCP push back."""

    def resume_reading(self) -> None: ...
