"""What the doors need of a socket beyond the hub's port, whichever adapter carries it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from protocol.errors import CLOSE_TEXTS, CloseCode
from server.hub.socket import Socket
from server.settings import KIB, Settings

LOW_WATERMARK_BYTES = 64 * KIB  # a waiting writer is called back below it


@dataclass(frozen=True, slots=True)
class Farewell:
    """The last frames to somebody, and what their close frame says."""

    frames: bytes
    code: int
    reason: str


def plain_farewell(_limit_bytes: int) -> Farewell:
    """What RFC 6455 has for who sends too much. Most clients come back after it and send the same again."""
    return Farewell(b"", CloseCode.MESSAGE_TOO_BIG, CLOSE_TEXTS[CloseCode.MESSAGE_TOO_BIG])


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """`too_large` gives, for a limit in bytes, what is said to who exceeds it: a door's own words end it for good."""

    max_message_bytes: int
    ping_interval_s: float
    low_watermark_bytes: int
    close_grace_s: float
    too_large: Callable[[int], Farewell] = plain_farewell

    @classmethod
    def of(cls, settings: Settings) -> "SocketLimits":
        """Invariant: the low watermark is under the outbox's marks, so a wait for it is never over before it began."""
        low = min(LOW_WATERMARK_BYTES, settings.outbox_watermark_bytes // 2)
        return cls(settings.max_message_bytes, settings.ping_interval_s, low, settings.close_grace_s)


class SocketClosed(Exception):
    """The socket closes or is closed; nothing remains to be done with it."""


class DoorSocket(Socket, Protocol):
    """An accepted socket. It takes no message before it is told to, so what comes early waits for its limit."""

    async def receive(self, timeout_s: float, max_bytes: int) -> bytes:
        """Wait for the first message of a handshake; used at most once, and before `serve`.

        Raises:
            TimeoutError: none came in time.
            SocketClosed: the peer left, or sent text or too much and was closed for it.
        """

    async def serve(self, on_message: Callable[[bytes], None], on_ended: Callable[[], None]) -> None:
        """Carry messages both ways until the socket is closed, and call `on_ended` then, once.

        An adapter that needs no task for it returns at once, so that an idle socket costs none.
        """
