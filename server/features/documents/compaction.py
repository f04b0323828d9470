"""Compaction: a long log becomes a snapshot; its rows go, compressed, to the archive that keeps the history.

One worker at a time per document, by an advisory lock. An edit that still waits for another stays in the log under its
number, because a snapshot cannot hold it.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgpack
import structlog
from prometheus_client import Counter

from protocol.ids import DocumentId
from protocol.yjs.sync import EMPTY_STATE_VECTOR
from protocol.yjs.update import STORED_LIMITS, UpdateRefused, check_update
from server.feature import Services
from server.features.documents.proof import Proof, proof_of
from server.features.documents.replica import Replica, ReplicaBroken, UpdateUnreadable
from server.store import compaction as store
from server.store import documents, recoveries
from server.store.expiry import expire
from server.store.failures import DocumentLogBroken

log = structlog.get_logger(__name__)

BATCH = 20  # documents per run
ROWS_PER_TURN = 250  # merged before others on this loop get their turn; some 3 ms
ZLIB_LEVEL = 6
RETRY_PART = 10  # a log is looked at again when it has grown by this part of the rows that make a snapshot due
REMEMBERED = 2_000  # documents of which that is known
EXPIRY_BATCH = 100  # archives and copies are large

_compacted = Counter("flashio_compactions_total", "Snapshots made", ["outcome"])
_archived = Counter("flashio_archived_rows_total", "Log rows moved to the archive")


class ArchiveUnreadable(Exception):
    """The body of an archive is damaged."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The state after the rows up to `through_seq`, without those that wait; `rows` are in it."""

    state: bytes
    proof: Proof
    rows: Sequence[documents.LogRow]
    waiting_seqs: Sequence[int]
    through_seq: int


@dataclass(slots=True)
class Compaction:
    services: Services
    _retry_seqs: dict[DocumentId, int] = field(default_factory=dict)  # the log's end from which another try is worth it

    async def run(self) -> None:
        """Compact what is due."""
        settings = self.services.settings
        async with self.services.db.acquire() as connection:
            work = await store.pick_work.all(
                connection,
                min_rows=settings.snapshot_rows,
                min_bytes=settings.snapshot_bytes,
                tried_ids=list(self._retry_seqs),
                retry_seqs=list(self._retry_seqs.values()),
                limit=BATCH,
            )
        for row in work:
            document_id = DocumentId(row.id)
            await self.compact(document_id)
            self._put_off(document_id, row.last_seq + 1 + settings.snapshot_rows // RETRY_PART)

    async def compact(self, document_id: DocumentId) -> bool:
        """Make a snapshot of everything whole in the log; False when nothing was done."""
        try:
            stored = await documents.load(self.services.db, document_id)
        except DocumentLogBroken as error:
            _compacted.labels("broken").inc()
            log.error("log cannot be compacted", document=str(document_id), reason=str(error))
            return False
        if stored is None or stored.document.state is not documents.DocumentState.LIVE:
            return False
        merged = await self._merge(stored)
        if merged is None:
            _compacted.labels("nothing").inc()
            return False
        done = await self._write(document_id, stored.document.snapshot_seq, merged)
        _compacted.labels("done" if done else "overtaken").inc()
        if done:
            _archived.inc(len(merged.rows))
            log.info("log compacted", document=str(document_id), rows=len(merged.rows), state_bytes=len(merged.state))
        return done

    async def expire(self) -> None:
        """Delete archives and recovery copies whose retention is over."""
        now = self.services.clock.now()
        await expire(self.services.db, store.expire_archives, batch_rows=EXPIRY_BATCH, now=now)
        await expire(self.services.db, recoveries.expire_recoveries, batch_rows=EXPIRY_BATCH, now=now)

    def _put_off(self, document_id: DocumentId, retry_seq: int) -> None:
        """Whatever came of it, look again when the log has grown: rows that wait would make it due for ever."""
        self._retry_seqs.pop(document_id, None)
        self._retry_seqs[document_id] = retry_seq
        while len(self._retry_seqs) > REMEMBERED:
            del self._retry_seqs[next(iter(self._retry_seqs))]

    async def _merge(self, stored: documents.LoadedDocument) -> Merged | None:
        """Fold the rows that are whole into one state; None when there is none.

        A row that cannot be read is left to the next load, which quarantines the document visibly.
        """
        replica = Replica(stored.document.root_name)
        waiting: list[documents.LogRow] = []
        try:
            if stored.snapshot is not None:
                replica.apply(
                    stored.snapshot.state_v1, check_update(stored.snapshot.state_v1, STORED_LIMITS), is_stored=True
                )
            for at, row in enumerate(stored.tail):
                summary = check_update(row.update_v1, STORED_LIMITS)
                applied = replica.apply(row.update_v1, summary, is_stored=True)
                if applied.waits:
                    waiting.append(row)
                elif applied.released or applied.rejected:
                    decided = {*applied.released, *applied.rejected}  # what was rejected changed nothing
                    waiting = [held for held in waiting if held.update_v1 not in decided]
                if at % ROWS_PER_TURN == ROWS_PER_TURN - 1:
                    await self.services.clock.sleep(0)
            state = replica.diff(EMPTY_STATE_VECTOR)
            proof = proof_of(state, check_update(state, STORED_LIMITS))
        except (UpdateRefused, UpdateUnreadable, ReplicaBroken) as error:
            log.error("log cannot be merged", document=str(stored.document.id), reason=str(error))
            return None
        waiting_seqs = {row.seq for row in waiting}
        rows = [row for row in stored.tail if row.seq not in waiting_seqs]
        return Merged(state, proof, rows, sorted(waiting_seqs), stored.tail[-1].seq) if rows else None

    async def _write(self, document_id: DocumentId, base_seq: int, merged: Merged) -> bool:
        expires_at = self.services.clock.now() + timedelta(days=self.services.settings.archive_days)
        async with self.services.db.transaction() as tx:
            if not await store.try_lock.one(tx, document_id=document_id):
                return False
            return await store.write_compaction(
                tx,
                document_id,
                base_seq=base_seq,
                through_seq=merged.through_seq,
                state_v1=merged.state,
                checked_by=merged.proof.checked_by,
                checksum=merged.proof.checksum,
                archive=archive_of(merged.rows, expires_at),
                waiting_seqs=merged.waiting_seqs,
            )


def archive_of(rows: Sequence[documents.LogRow], expires_at: datetime) -> store.NewArchive:
    """Log rows in the archive's form: numbers, authors, times and bytes, compressed."""
    entries = [[row.seq, row.author_no, int(row.created_at.timestamp() * 1_000_000), row.update_v1] for row in rows]
    body = zlib.compress(msgpack.packb(entries), ZLIB_LEVEL)
    return store.NewArchive(rows[0].seq, rows[-1].seq, len(rows), body, expires_at)


def rows_of(body: bytes) -> list[documents.LogRow]:
    """Read an archive's body back.

    Raises:
        ArchiveUnreadable: it is not what `archive_of` wrote.
    """
    try:
        entries = msgpack.unpackb(zlib.decompress(body))
        return [
            documents.LogRow(seq, author_no, update, datetime.fromtimestamp(created_us / 1_000_000, UTC))
            for seq, author_no, created_us, update in entries
        ]
    except (zlib.error, msgpack.UnpackException, ValueError, TypeError) as error:
        raise ArchiveUnreadable(str(error)) from error
