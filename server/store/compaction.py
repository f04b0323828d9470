"""Turn long logs into snapshots and archives, as rows; the worker merges the bytes between reading and writing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.db import Transaction
from server.store.documents import lock_document
from server.store.queries import query

SNAPSHOTS_KEPT = 2  # the newest, and one to fall back on with the archive between them


@dataclass(frozen=True, slots=True)
class CompactionWorkRow:
    """A document with a heavy log."""

    id: UUID
    snapshot_seq: int
    last_seq: int
    log_rows: int
    log_bytes: int


@dataclass(frozen=True, slots=True)
class ArchiveRow:
    """Compressed log rows `first_seq` to `last_seq`, with authors and times."""

    first_seq: int
    last_seq: int
    rows: int
    body: bytes
    expires_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewArchive:
    """Log rows that a compaction takes out of the log."""

    first_seq: int
    last_seq: int
    rows: int
    body: bytes
    expires_at: datetime


pick_work = query("compaction.pick", CompactionWorkRow)
try_lock = query("compaction.try_lock", bool)
put_snapshot = query("compaction.put_snapshot")
list_archives = query("compaction.list_archives", ArchiveRow)
expire_archives = query("compaction.expire_archives")

_truncate_log = query("compaction.truncate_log")
_drop_old_snapshots = query("compaction.drop_old_snapshots")
put_archive = query("compaction.put_archive")


async def write_compaction(
    tx: Transaction,
    document_id: UUID,
    *,
    base_seq: int,
    through_seq: int,
    state_v1: bytes,
    checked_by: int | None = None,
    checksum: bytes | None = None,
    archive: NewArchive,
    waiting_seqs: Sequence[int] = (),
) -> bool:
    """Replace the log rows up to `through_seq` by a snapshot and an archive, but for those that wait for others.

    `base_seq` is the snapshot the state was merged from; `checked_by` and `checksum` are as in `SnapshotRow`. False,
    with nothing written, when another was first. Commits to this document wait until the transaction ends.
    Raises: RowMissing when the document is gone.
    """
    locked = await lock_document.one(tx, document_id=document_id)
    if locked.snapshot_seq != base_seq or not base_seq < through_seq <= locked.last_seq:
        return False
    await put_snapshot.run(
        tx, document_id=document_id, seq=through_seq, state=state_v1, checked_by=checked_by, checksum=checksum
    )
    await put_archive.run(
        tx,
        document_id=document_id,
        first_seq=archive.first_seq,
        last_seq=archive.last_seq,
        rows=archive.rows,
        body=archive.body,
        expires_at=archive.expires_at,
    )
    await _truncate_log.run(tx, document_id=document_id, through_seq=through_seq, waiting_seqs=list(waiting_seqs))
    await _drop_old_snapshots.run(tx, document_id=document_id, keep=SNAPSHOTS_KEPT)
    return True
