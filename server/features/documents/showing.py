"""Bringing the file rows of a project level with the log, for who is about to read many of them."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from protocol.ids import ProjectId
from protocol.text_form import TextForm
from protocol.yjs.update import UpdateRefused
from server.clock import Clock
from server.features.documents.laggards import replayed
from server.features.documents.replica import ReplicaBroken, UpdateUnreadable
from server.store.db import Transaction
from server.store.documents import DocumentState, SnapshotRow
from server.store.lagging import LaggingRow, ShownText, list_lagging, show_texts

BATCH = 500  # documents at most in one statement
BATCH_BYTES = 16 << 20  # of logs and snapshots in one statement, and so about in memory
FIRST = UUID(int=0)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Showing:
    """The `Texts` of `server.feature`. It reads the log alone: what a worker has in memory is one copy of several."""

    clock: Clock

    async def show(self, tx: Transaction, project_id: ProjectId, path: str | None = None) -> None:
        after = FIRST
        while True:
            rows = await list_lagging.all(
                tx, project_id=project_id, path=path, after_id=after, max_bytes=BATCH_BYTES, limit=BATCH
            )
            if not rows:
                return
            texts = [shown for row in rows if (shown := await self._text(row)) is not None]
            if texts:
                await show_texts(tx, texts)
            after = rows[-1].id

    async def _text(self, row: LaggingRow) -> ShownText | None:
        """What the log comes to; None when that cannot be known, which one document never makes others pay for."""
        if row.state is DocumentState.QUARANTINED or not row.is_whole:
            log.error("file row stays behind", document=str(row.id), reason="its log is not whole, or it is set aside")
            return None
        snapshot = None
        if row.state_v1 is not None:
            snapshot = SnapshotRow(row.snapshot_seq, row.state_v1, row.checked_by, row.checksum)
        try:
            replica = await replayed(row.root_name, snapshot, row.updates, self.clock)
        except (UpdateRefused, UpdateUnreadable, ReplicaBroken) as error:
            log.error("file row stays behind", document=str(row.id), reason=str(error))
            return None
        return ShownText(row.id, replica.text(), TextForm(row.line_ending.value, row.has_bom), row.last_seq)
