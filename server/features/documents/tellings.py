"""Telling a room of updates: those of one turn travel as one, which costs every listener one message."""

from collections.abc import Sequence

from protocol.ids import ConnectionId
from protocol.outbound import Edited
from server.features.documents.document import Document
from server.features.documents.turn import Telling
from server.features.documents.updates import merged
from server.hub.effects import Broadcast, Part

MERGED_BYTES = 64 * 1024  # longer ones gain nothing and would only be copied


def told(document: Document, tellings: Sequence[Telling]) -> list[Broadcast]:
    """Everyone in the room is told of what others wrote, in as few messages as that takes."""
    if len(tellings) < 2:
        return [relay(document, update, author) for _, update, author in tellings]
    updates = [telling.update for telling in tellings]
    whole = merged(updates) if sum(map(len, updates)) <= MERGED_BYTES else None
    if whole is None:
        return [relay(document, update, author) for _, update, author in tellings]
    authors = {telling.author for telling in tellings}
    if len(authors) == 1:
        return [relay(document, whole, tellings[0].author)]
    parts = tuple(Part(author, Edited(document.channel, update)) for _, update, author in tellings)
    return [relay(document, whole, None, parts)]


def relay(document: Document, update: bytes, author: ConnectionId | None, parts: Sequence[Part] = ()) -> Broadcast:
    """Everyone in the room but the author is told of an update."""
    edited = Edited(document.channel, update)
    return Broadcast(document.room, edited, document.audience, document.resync, author, parts=parts)
