"""File rows that no worker brings up to date, because it died before: found by walking over all documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from protocol.ids import DocumentId
from protocol.text_form import TextForm
from protocol.yjs.update import STORED_LIMITS, UpdateRefused, check_update
from server.clock import Clock
from server.feature import Services
from server.features.documents.content import Shown, show
from server.features.documents.proof import is_proven
from server.features.documents.replica import Replica, ReplicaBroken, UpdateUnreadable
from server.store import documents as store
from server.store.documents import SnapshotRow
from server.store.failures import StorageFailure, StorageUnavailable

log = structlog.get_logger(__name__)

PAGE = 2_000  # documents looked at in one run: some milliseconds of index reads
BATCH = 100  # texts written in one run; the rest of the page waits for the next
PATIENCE = 4  # times the longest time that a worker which has the document takes
ROWS_PER_TURN = 250  # integrated before others on this loop get their turn; some 3 ms
FIRST = UUID(int=0)


@dataclass(slots=True)
class Laggards:
    services: Services
    _after: UUID = FIRST

    async def run(self) -> None:
        """Bring the file rows of the next page up to date; after the last page comes the first."""
        settings = self.services.settings
        before = self.services.clock.now() - timedelta(seconds=PATIENCE * settings.content_latest_s)
        async with self.services.db.acquire() as connection:
            found = await store.documents_behind.all(
                connection, after_id=self._after, before=before, page=PAGE, limit=BATCH
            )
            end = await store.find_page_end.maybe(connection, after_id=self._after, page=PAGE)
        for document_id in found:
            await self._refresh(DocumentId(document_id))
        self._after = found[-1] if len(found) == BATCH else end or FIRST

    async def _refresh(self, document_id: DocumentId) -> None:
        try:
            stored = await store.load(self.services.db, document_id)
            if stored is None or not stored.document.is_behind:
                return
            row, updates = stored.document, [logged.update_v1 for logged in stored.tail]
            replica = await replayed(row.root_name, stored.snapshot, updates, self.services.clock)
            form = TextForm(row.line_ending.value, row.has_bom)
            await show(self.services.db, Shown(document_id, replica.text(), form, row.last_seq), None)
        except StorageUnavailable:
            raise
        except (StorageFailure, UpdateRefused, UpdateUnreadable, ReplicaBroken) as error:
            log.error("file row stays behind", document=str(document_id), reason=str(error))


async def replayed(root_name: str, snapshot: SnapshotRow | None, updates: Sequence[bytes], clock: Clock) -> Replica:
    """A replica of a snapshot and the log rows after it.

    Raises:
        UpdateRefused, UpdateUnreadable, ReplicaBroken: one of them cannot be read.
    """
    replica = Replica(root_name)
    is_begun = snapshot is not None and is_proven(snapshot)
    if snapshot is not None and is_begun:
        replica.begin_with(snapshot.state_v1)
    states = [] if snapshot is None or is_begun else [snapshot.state_v1]
    for at, update in enumerate([*states, *updates]):
        replica.apply(update, check_update(update, STORED_LIMITS), is_stored=True)
        if at % ROWS_PER_TURN == ROWS_PER_TURN - 1:
            await clock.sleep(0)
    return replica
