"""What `document repair` does to rows: set bad updates aside, put them back, close and open documents, begin anew."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store import compaction
from server.store.compaction import ArchiveRow, list_archives
from server.store.db import Connection, Database, Transaction
from server.store.documents import (
    SERVER_AUTHOR_NO,
    DocumentRow,
    DocumentState,
    LogRow,
    SnapshotRow,
    claim_client,
    get_document,
    lock_document,
    whole_tail,
)
from server.store.queries import query

SNAPSHOTS_READ = 10  # more than are kept of one history
QUARANTINE_PAGE_ROWS = 1_000
ARCHIVE_PAGE_ROWS = 20


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


@dataclass(frozen=True, slots=True)
class Remains:
    """What the tables hold of a document, whether or not it joins up; snapshots newest first."""

    document: DocumentRow
    snapshots: list[SnapshotRow]
    log: list[LogRow]
    set_aside: frozenset[int]


list_snapshots = query("documents.snapshots", SnapshotRow)
list_broken_documents = query("documents.list_broken", BrokenDocumentRow)
list_quarantined_updates = query("documents.list_quarantined_updates", QuarantinedRow)

_quarantine_update = query("documents.quarantine_update")
_release_update = query("documents.release_update")
_set_state = query("documents.set_state")
_retire_lineage = query("documents.retire_lineage")
_discard_log = query("documents.discard_log")
_quarantine_snapshot = query("documents.quarantine_snapshot")
_begin_lineage = query("documents.begin_lineage", int)


async def load_remains(db: Database, document_id: UUID) -> Remains | None:
    """Read a document as of one moment without asking that it be whole, or None when it was never made."""
    async with db.transaction("repeatable read", is_read_only=True) as tx:
        document = await get_document.maybe(tx, document_id=document_id)
        if document is None:
            return None
        snapshots = await list_snapshots.all(tx, document_id=document_id, limit=SNAPSHOTS_READ)
        return Remains(document, snapshots, await whole_tail(tx, document_id, 0), await _set_aside(tx, document_id))


async def archives_of(db: Database, document_id: UUID, after_seq: int) -> list[ArchiveRow]:
    """Read the archives that hold a number above `after_seq`, in order."""
    found: list[ArchiveRow] = []
    after_first_seq = 0
    async with db.acquire() as connection:
        while True:
            page = await list_archives.all(
                connection, document_id=document_id, after_first_seq=after_first_seq, limit=ARCHIVE_PAGE_ROWS
            )
            found += [archive for archive in page if archive.last_seq > after_seq]
            if len(page) < ARCHIVE_PAGE_ROWS:
                return found
            after_first_seq = page[-1].first_seq


async def _set_aside(tx: Transaction, document_id: UUID) -> frozenset[int]:
    numbers: list[int] = []
    while True:
        page = await list_quarantined_updates.all(
            tx, document_id=document_id, after_seq=numbers[-1] if numbers else 0, limit=QUARANTINE_PAGE_ROWS
        )
        numbers += [row.seq for row in page]
        if len(page) < QUARANTINE_PAGE_ROWS:
            return frozenset(numbers)


async def quarantine_snapshot(connection: Connection, document_id: UUID, seq: int, reason: str) -> bool:
    """Move a snapshot aside. False when there is none, or something with its number is set aside already."""
    return await _quarantine_snapshot.run(connection, document_id=document_id, seq=seq, reason=reason) == 1


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
    await _discard_log.run(tx, document_id=document_id)
    seq = await _begin_lineage.one(tx, document_id=document_id, lineage=lineage, seed_client=seed_client)
    await compaction.put_snapshot.run(
        tx, document_id=document_id, seq=seq, state=seed_update, checked_by=None, checksum=None
    )
    await claim_client.run(tx, document_id=document_id, client_id=seed_client, author_no=SERVER_AUTHOR_NO)
    return seq
