"""One broadcast in one dialect's bytes: encoded once, whatever the number of listeners."""

from collections.abc import Iterator
from functools import cached_property

from protocol.ids import ConnectionId
from protocol.outbound import Outbound
from server.hub.connection import Dialect
from server.hub.effects import Broadcast, Policy, View


class Encoded:
    """`frames` is for those who wrote nothing of it; empty when the dialect has no words for it."""

    def __init__(self, dialect: Dialect, broadcast: Broadcast, message: Outbound) -> None:
        self.frames = dialect.encode(message)
        self._dialect = dialect
        self._broadcast = broadcast
        self._message = message
        self._author = broadcast.author
        self._parts = broadcast.parts if message is broadcast.message else ()
        self.policy: Policy = broadcast.policy

    def frames_for(self, listener: ConnectionId) -> bytes:
        """The same without what the listener wrote."""
        if not self._parts:
            return b"" if listener == self._author else self.frames
        if all(part.author != listener for part in self._parts):
            return self.frames
        return b"".join([frames for author, frames in self._encoded_parts if author != listener])

    def seen_by(self, view: View) -> "Encoded":
        """What of it those with this view may know."""
        if self._broadcast.seen_by is None:
            return self
        message = self._broadcast.seen_by(view)
        return self if message is self._message else Encoded(self._dialect, self._broadcast, message)

    @cached_property
    def _encoded_parts(self) -> list[tuple[ConnectionId | None, bytes]]:
        return [(part.author, self._dialect.encode(part.message)) for part in self._parts]


def authors_of(broadcast: Broadcast) -> Iterator[ConnectionId | None]:
    """Everyone who is not sent the whole of it."""
    yield broadcast.author
    for part in broadcast.parts:
        yield part.author
