"""The file rows as a cache of the documents: refreshed after quiet, at most every few seconds, and before a read."""

import hashlib
from dataclasses import dataclass

import structlog

from protocol.ids import Seq
from server.errors import Unavailable
from server.feature import Services
from server.features.documents.document import Document
from server.features.documents.library import Library
from server.features.documents.text_form import line_count, restored
from server.store import files
from server.store.failures import StorageBusy, StorageFailure, StorageUnavailable

log = structlog.get_logger(__name__)

BATCH = 200  # documents refreshed in one run of the job; the rest waits for the next


@dataclass(frozen=True, slots=True)
class Content:
    services: Services
    library: Library

    async def refresh_due(self) -> None:
        """Write the text of documents that have been quiet for a moment, or not written for too long."""
        settings, now = self.services.settings, self.services.clock.monotonic()
        for document in self._uncached()[:BATCH]:
            is_quiet = now - document.changed_at >= settings.content_quiet_s
            is_late = document.uncached_since is not None and now - document.uncached_since >= settings.content_latest_s
            if _is_settled(document) and (is_quiet or is_late):
                await self._refresh_or_log(document)

    async def refresh_all(self) -> None:
        """Before the process ends: every text that is committed is shown by its file row."""
        for document in self._uncached():
            if _is_settled(document):
                await self._refresh_or_log(document)

    async def refresh(self, document: Document) -> None:
        """Write one text as of its newest committed edit.

        Raises:
            Unavailable: edits of it are still on their way to the log.
        """
        if not _is_settled(document):
            raise Unavailable("The newest edits are not saved yet. Try again.")
        since, document.uncached_since = document.uncached_since, None
        try:
            await self._write(document, document.replica.text(), document.seq)
        except BaseException:
            document.uncached_since = since
            raise

    async def _refresh_or_log(self, document: Document) -> None:
        """Refresh one of many: what is wrong with its text is logged, so that it never keeps the others from theirs."""
        try:
            await self.refresh(document)
        except (StorageUnavailable, StorageBusy):
            raise
        except StorageFailure as error:
            log.error("file row refused", document=str(document.facts.id), reason=str(error))

    async def _write(self, document: Document, text: str, seq: Seq) -> None:
        data = restored(text, document.facts.form)
        async with self.services.db.transaction() as tx:
            await files.refresh_content.run(
                tx,
                file_id=document.facts.id,
                content=text,
                content_seq=seq,
                size=len(data),
                checksum=hashlib.sha256(data).digest(),
                line_count=line_count(text),
                user_id=document.last_editor,
            )

    def _uncached(self) -> list[Document]:
        waiting = [document for document in self.library.documents() if document.uncached_since is not None]
        return sorted(waiting, key=lambda document: document.uncached_since or 0.0)


def _is_settled(document: Document) -> bool:
    """Whether the text is that of a log number: nothing of it is on its way to the log, or ahead of a gap in it."""
    return not document.unwritten and not document.has_gap
