"""Yjs updates made of others, or of a text, without a replica: the seed of a history, a part, a sum. Pure."""

from collections.abc import Sequence
from typing import Any

from pycrdt import Doc, Map, Text, get_update, merge_updates

from server.features.documents.replica import (
    ReplicaBroken,
    UpdateUnreadable,
    panics_named,
)

LINEAGE_ROOT = "flashio"  # root map that every document carries; its one key is the first struct of the history
LINEAGE_KEY = "lineage"


def seed_update(client_id: int, lineage: str, root_name: str, text: str) -> bytes:
    """The first log row of a history: the lineage's struct, then the file's text, all under the reserved client id."""
    doc: Doc[Any] = Doc(client_id=client_id)
    doc.get(LINEAGE_ROOT, type=Map)[LINEAGE_KEY] = lineage
    if text:
        doc.get(root_name, type=Text).insert(0, text)
    return doc.get_update()


def trimmed(update: bytes, state_vector: bytes) -> bytes:
    """The part of a checked update that a replica with this state vector lacks; deletions stay whole."""
    with panics_named:
        return get_update(update, state_vector)


def merged(updates: Sequence[bytes]) -> bytes | None:
    """One update that says what these say; None when the engine cannot make it, and they must travel alone."""
    try:
        with panics_named:
            return merge_updates(*updates)
    except (ReplicaBroken, UpdateUnreadable):
        return None
