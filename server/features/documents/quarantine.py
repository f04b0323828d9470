"""What cannot be read is set aside, visibly: a document, or a row of its log that nothing was built on (P8)."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from prometheus_client import Counter

from protocol.ids import DocumentId
from server.feature import Services
from server.features.documents.log_reading import MAX_REASON, NOT_VALID, rows_that_hold
from server.store import documents as store
from server.store import repair

log = structlog.get_logger(__name__)

_quarantined = Counter("flashio_documents_quarantined_total", "Documents set aside for an unreadable log row")


@dataclass(frozen=True, slots=True)
class Quarantine:
    services: Services

    async def set_aside(self, document_id: DocumentId, seq: int | None, reason: str) -> None:
        """Quarantine the document, and the log row that cannot be read when one is to blame."""
        _quarantined.inc()
        log.error("document quarantined", document=str(document_id), seq=seq, reason=reason)
        async with self.services.db.transaction() as tx:
            if seq is not None:
                await repair.quarantine_update(tx, document_id, seq, reason[:MAX_REASON])
            await repair.set_state(tx, document_id, store.DocumentState.QUARANTINED)

    async def set_rows_aside(self, stored: store.LoadedDocument, updates: Sequence[bytes]) -> None:
        """Take out edits that waited in vain; nothing was built on them, so the document lives."""
        for row in rows_that_hold(stored, updates):
            log.error("edit set aside", document=str(stored.document.id), seq=row.seq)
            async with self.services.db.transaction() as tx:
                await repair.quarantine_update(tx, stored.document.id, row.seq, NOT_VALID)
