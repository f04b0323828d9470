"""What lets a load skip the gate's walk over a snapshot: that this very state was walked when it was made.

The walk of a long history takes a hundred times as long as its checksum. The proof covers rows that rot or that older
software wrote; whoever can forge it can write to the database as they please.
"""

import hashlib
from dataclasses import dataclass

from protocol.yjs.update import GATE_VERSION, UpdateSummary
from server.store.documents import SnapshotRow


@dataclass(frozen=True, slots=True)
class Proof:
    """As a snapshot's row keeps it; empty for a state that must be walked at every load."""

    checked_by: int | None = None
    checksum: bytes | None = None


UNPROVEN = Proof()


def proof_of(state: bytes, summary: UpdateSummary) -> Proof:
    """The proof for a state that the gate has just summarised.

    Only for plain text that stands on its own: of anything else a replica must know what the walk finds.
    """
    if summary.type_count or summary.needs:
        return UNPROVEN
    return Proof(GATE_VERSION, hashlib.sha256(state).digest())


def is_proven(snapshot: SnapshotRow) -> bool:
    """Whether the gate as it is now accepted just these bytes; some milliseconds for the largest ones."""
    if snapshot.checked_by != GATE_VERSION:
        return False
    return hashlib.sha256(snapshot.state_v1).digest() == snapshot.checksum
