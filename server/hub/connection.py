"""One open socket as the hub sees it: how to encode for it, what it may know, and where it is."""

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
        self._pauses: set[str] = set()

    def pause(self, reason: str) -> None:
        if not self._pauses:
            self.socket.pause_reading()
        self._pauses.add(reason)

    def resume(self, reason: str) -> None:
        if reason in self._pauses:
            self._pauses.discard(reason)
            if not self._pauses:
                self.socket.resume_reading()
