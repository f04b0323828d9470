"""The file rows as a cache of the documents: refreshed after quiet, at most every few seconds, and before a read."""

import hashlib
from dataclasses import dataclass

from server.errors import Unavailable
from server.feature import Services
from server.features.documents.document import Document
from server.features.documents.library import Library
from server.features.documents.text_form import line_count, restored
from server.store import files

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
            if not document.unwritten and (is_quiet or is_late):
                await self.refresh(document)

    async def refresh_all(self) -> None:
        """Before the process ends: every text that is committed is shown by its file row."""
        for document in self._uncached():
            if not document.unwritten:
                await self.refresh(document)

    async def refresh(self, document: Document) -> None:
        """Write one text as of its newest committed edit.

        Raises:
            Unavailable: edits of it are still on their way to the log.
        """
        if document.unwritten:
            raise Unavailable("The newest edits are not saved yet. Try again.")
        text, seq = document.replica.text(), document.seq
        document.uncached_since = None
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
