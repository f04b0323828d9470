"""What `document repair` does to rows: set bad updates aside, put them back, close and open documents, begin anew."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store import compaction
from server.store.db import Connection, Transaction
from server.store.documents import SERVER_AUTHOR_NO, DocumentState, claim_client, lock_document
from server.store.queries import query


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """An update that could not be applied."""

    seq: int
    author_no: int
    reason: str
    update_v1: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BrokenDocumentRow:
    """A document that is closed for repair or lacks updates."""

    id: UUID
    project_id: UUID
    path: str
    state: DocumentState
    quarantined_rows: int


list_broken_documents = query("documents.list_broken", BrokenDocumentRow)
list_quarantined_updates = query("documents.list_quarantined_updates", QuarantinedRow)

_quarantine_update = query("documents.quarantine_update")
_release_update = query("documents.release_update")
_set_state = query("documents.set_state")
_retire_lineage = query("documents.retire_lineage")
_discard_history = query("documents.discard_history")
_begin_lineage = query("documents.begin_lineage", int)


async def quarantine_update(connection: Connection, document_id: UUID, seq: int, reason: str) -> bool:
    """Move one row of the log aside; its number stays used. False when it was not in the log."""
    return await _quarantine_update.run(connection, document_id=document_id, seq=seq, reason=reason) == 1


async def release_update(connection: Connection, document_id: UUID, seq: int) -> bool:
    """Put a row back into the log. False when it was not set aside, or a snapshot has already passed its number."""
    return await _release_update.run(connection, document_id=document_id, seq=seq) == 1


async def set_state(connection: Connection, document_id: UUID, state: DocumentState) -> bool:
    """Close a document for edits or open it again. False when it is gone or already so."""
    return await _set_state.run(connection, document_id=document_id, state=state) == 1


async def begin_lineage(
    tx: Transaction, document_id: UUID, *, lineage: UUID, seed_client: int, seed_update: bytes
) -> int:
    """Retire the document's history and begin another from a seed; return the number that the seed has.

    The caller has archived what it wants to keep of the old log. Raises: RowMissing when the document is gone.
    """
    await lock_document.one(tx, document_id=document_id)
    await _retire_lineage.run(tx, document_id=document_id)
    await _discard_history.run(tx, document_id=document_id)
    seq = await _begin_lineage.one(tx, document_id=document_id, lineage=lineage, seed_client=seed_client)
    await compaction.put_snapshot.run(tx, document_id=document_id, seq=seq, state=seed_update)
    await claim_client.run(tx, document_id=document_id, client_id=seed_client, author_no=SERVER_AUTHOR_NO)
    return seq
