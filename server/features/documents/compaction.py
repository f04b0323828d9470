"""Compaction: a long log becomes a snapshot; its rows go, compressed, to the archive that keeps the history.

One worker at a time per document, by an advisory lock. Rows are merged only as far as they are whole: an edit that
still waits for another stays in the log, because a snapshot cannot hold it; one that waits in vain is set aside.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgpack
import structlog
from prometheus_client import Counter

from protocol.ids import DocumentId
from protocol.yjs.sync import EMPTY_STATE_VECTOR
from protocol.yjs.update import STORED_LIMITS, UpdateRefused, check_update
from server.feature import Services
from server.features.documents.replica import Replica, ReplicaBroken, UpdateUnreadable
from server.store import compaction as store
from server.store import documents, recoveries, repair
from server.store.failures import DocumentLogBroken

log = structlog.get_logger(__name__)

BATCH = 20  # documents per run
ROWS_PER_TURN = 250  # merged before others on this loop get their turn; some 3 ms
ZLIB_LEVEL = 6
EXPIRY_BATCH = 500
WAITS_AT_MOST = timedelta(days=1)

_compacted = Counter("flashio_compactions_total", "Snapshots made", ["outcome"])
_archived = Counter("flashio_archived_rows_total", "Log rows moved to the archive")


@dataclass(frozen=True, slots=True)
class Merged:
    """`rows` are whole: nothing in them waits for a later one. The state holds them, and may hold more.

    `waiting` are the edits that build on others which are not in the log, `rejected` those that waited and are void.
    """

    state: bytes
    rows: Sequence[documents.LogRow]
    waiting: Sequence[documents.LogRow]
    rejected: Sequence[documents.LogRow]

    @property
    def through_seq(self) -> int:
        return self.rows[-1].seq


@dataclass(frozen=True, slots=True)
class Compaction:
    services: Services

    async def run(self) -> None:
        """Compact what is due."""
        settings = self.services.settings
        async with self.services.db.acquire() as connection:
            work = await store.pick_work.all(
                connection, min_rows=settings.snapshot_rows, min_bytes=settings.snapshot_bytes, limit=BATCH
            )
        for row in work:
            await self.compact(DocumentId(row.id))

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
        if merged is not None and (vain := self._waited_in_vain(merged)):
            await self._set_aside(document_id, vain)
            return await self.compact(document_id)
        if merged is None or not merged.rows:
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
        async with self.services.db.transaction() as tx:
            await store.expire_archives.run(tx, now=now, limit=EXPIRY_BATCH)
            await recoveries.expire_recoveries.run(tx, now=now, limit=EXPIRY_BATCH)

    async def _merge(self, stored: documents.LoadedDocument) -> Merged | None:
        """Fold the log as far as it is whole; None when it cannot be read.

        A row that cannot be read is left to the next load, which quarantines the document visibly.
        """
        replica = Replica(stored.document.root_name)
        waiting: dict[bytes, documents.LogRow] = {}
        rejected: list[documents.LogRow] = []
        whole = 0
        try:
            if stored.snapshot is not None:
                replica.apply(
                    stored.snapshot.state_v1, check_update(stored.snapshot.state_v1, STORED_LIMITS), is_stored=True
                )
            for at, row in enumerate(stored.tail, start=1):
                applied = replica.apply(row.update_v1, check_update(row.update_v1, STORED_LIMITS), is_stored=True)
                if applied.waits:
                    waiting[row.update_v1] = row
                for update in applied.released:
                    waiting.pop(update, None)
                rejected += (waiting.pop(update) for update in applied.rejected if update in waiting)
                if not waiting:
                    whole = at
                if at % ROWS_PER_TURN == 0:
                    await self.services.clock.sleep(0)
            state = replica.diff(EMPTY_STATE_VECTOR)
            check_update(state, STORED_LIMITS)
        except (UpdateRefused, UpdateUnreadable, ReplicaBroken) as error:
            log.error("log cannot be merged", document=str(stored.document.id), reason=str(error))
            return None
        return Merged(state, stored.tail[:whole], list(waiting.values()), rejected)

    def _waited_in_vain(self, merged: Merged) -> list[documents.LogRow]:
        """Edits that turned out not to be valid, and those whose missing part did not come in all this time."""
        since = self.services.clock.now() - WAITS_AT_MOST
        return [*merged.rejected, *(row for row in merged.waiting if row.created_at < since)]

    async def _set_aside(self, document_id: DocumentId, vain: Sequence[documents.LogRow]) -> None:
        """Nothing is built on these, so the document lives without them; an operator finds them in the quarantine."""
        log.error("edits that wait in vain set aside", document=str(document_id), rows=len(vain))
        async with self.services.db.transaction() as tx:
            for row in vain:
                await repair.quarantine_update(tx, document_id, row.seq, "it waited in vain for edits it builds on")

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
                archive=archive_of(merged.rows, expires_at),
            )


def archive_of(rows: Sequence[documents.LogRow], expires_at: datetime) -> store.NewArchive:
    """Log rows in the archive's form: numbers, authors, times and bytes, compressed."""
    entries = [[row.seq, row.author_no, int(row.created_at.timestamp() * 1_000_000), row.update_v1] for row in rows]
    body = zlib.compress(msgpack.packb(entries), ZLIB_LEVEL)
    return store.NewArchive(rows[0].seq, rows[-1].seq, len(rows), body, expires_at)
