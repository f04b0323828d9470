"""Telling a room what became of awareness states: the one form that news and departures have."""

from collections.abc import Sequence

from protocol.ids import ConnectionId
from protocol.outbound import Aware
from protocol.yjs.awareness import AwarenessEntry, encode_awareness_update
from server.features.documents.document import Document
from server.hub.effects import Broadcast, Latest


def tell_awareness(
    document: Document, entries: Sequence[AwarenessEntry], author: ConnectionId | None
) -> list[Broadcast]:
    """One message per awareness id, so that a slow reader keeps the newest of each."""
    return [
        Broadcast(
            document.room,
            Aware(document.channel, encode_awareness_update([entry])),
            document.audience,
            Latest(entry.client),
            author,
        )
        for entry in entries
    ]
