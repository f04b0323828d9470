"""What one document was given in one turn of the loop: integrated at once, told and handed to the log at its end."""

from dataclasses import dataclass, field
from typing import NamedTuple

from protocol.ids import ConnectionId
from server.features.documents.committer import Row


class Telling(NamedTuple):
    """An update that everyone but its author is told of; `after` counts the edits taken with it."""

    after: int
    update: bytes
    author: ConnectionId | None


class Showing(NamedTuple):
    """Whom an awareness update is about: its first bytes, unread. A newer one of the same socket replaces it."""

    connection_id: ConnectionId
    subject: bytes


@dataclass(slots=True)
class Turn:
    """`is_due`: its end was asked for. What is in it is bounded by what sockets can read in one turn."""

    is_due: bool = False
    rows: list[Row] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)
    awareness: dict[Showing, bytes] = field(default_factory=dict)  # newest last

    def show(self, showing: Showing, update: bytes) -> None:
        self.awareness.pop(showing, None)
        self.awareness[showing] = update
