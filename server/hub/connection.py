"""One open socket as the hub sees it: how to encode for it, what it may know, and where it is."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from protocol.ids import ConnectionId
from protocol.outbound import Outbound
from server.hub.effects import RoomKey, View
from server.hub.outbox import Outbox, OutboxLimits
from server.hub.socket import Socket


class Dialect(Protocol):
    """One protocol's bytes for the server's messages; one object serves all its connections.

    `serves_one_room`: a socket of this dialect exists for one document and is closed when that ends.
    """

    serves_one_room: bool

    def encode(self, message: Outbound) -> bytes:
        """Whole RFC 6455 frames, joined; empty when the dialect has no words for the message."""

    def encode_bulk(self, message: Outbound) -> list[bytes]:
        """The same in pieces that may leave one by one, other frames between them."""


class Connection:
    def __init__(
        self,
        connection_id: ConnectionId,
        socket: Socket,
        dialect: Dialect,
        view: View,
        *,
        limits: OutboxLimits,
        give_up: Callable[["Connection"], None],
    ) -> None:
        self.id = connection_id
        self.dialect = dialect
        self.view = view
        self.socket = socket
        self.outbox = Outbox(socket, limits, dialect.encode_bulk, lambda: give_up(self))
        self.rooms: set[RoomKey] = set()
        self._pauses: dict[str, asyncio.TimerHandle | None] = {}  # what ends each; None: only `resume` does

    def pause(self, reason: str, for_s: float | None = None) -> None:
        """Do not read until `resume`, or for so long; of two pauses for one reason the longer holds."""
        if not self._pauses:
            self.socket.pause_reading()
        loop, before = asyncio.get_running_loop(), self._pauses.get(reason)
        if reason in self._pauses and (before is None or (for_s is not None and before.when() > loop.time() + for_s)):
            return
        if before is not None:
            before.cancel()
        self._pauses[reason] = None if for_s is None else loop.call_later(for_s, self.resume, reason)

    def resume(self, reason: str) -> None:
        if reason in self._pauses:
            timer = self._pauses.pop(reason)
            if timer is not None:
                timer.cancel()
            if not self._pauses:
                self.socket.resume_reading()
