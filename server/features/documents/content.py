"""The file rows as a cache of the documents: refreshed after quiet, at most every few seconds, and before a read."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from prometheus_client import Counter

from protocol.ids import DocumentId, ProjectId, UserId
from protocol.text_form import TextForm, line_count, restored
from server.errors import Unavailable
from server.feature import Services
from server.features.documents.document import Document
from server.features.documents.library import Library
from server.store import files, projects
from server.store.db import Database
from server.store.failures import StorageFailure, StorageUnavailable

log = structlog.get_logger(__name__)

BATCH = 200  # documents refreshed in one run of the job; the rest waits for the next
NOTED_EVERY_S = 60.0  # work in a project shows in lists of projects within this
MAX_NOTED = 10_000  # projects remembered; past it all are noted anew

_failed = Counter("flashio_file_rows_not_refreshed_total", "Texts that their file rows could not take")


@dataclass(frozen=True, slots=True)
class Shown:
    """The text of a document as of a number of its log."""

    document_id: DocumentId
    text: str
    form: TextForm
    seq: int


@dataclass(frozen=True, slots=True)
class Content:
    services: Services
    library: Library
    noted: dict[ProjectId, float] = field(default_factory=dict)  # when the work in a project was noted last

    async def refresh_due(self) -> None:
        """Write the text of documents that have been quiet for a moment, or not written for too long."""
        now = self.services.clock.monotonic()
        await self._refresh_each([document for document in self._uncached() if self._is_due(document, now)][:BATCH])

    async def refresh_all(self) -> None:
        """Before the process ends: every text that is committed is shown by its file row."""
        await self._refresh_each(self._uncached())

    async def refresh(self, document: Document) -> None:
        """Write one text as of its newest committed edit.

        Raises:
            Unavailable: edits of it are still on their way to the log.
        """
        if document.unwritten:
            raise Unavailable("The newest edits are not saved yet. Try again.")
        shown = Shown(document.facts.id, document.replica.text(), document.facts.form, document.seq)
        uncached_since, document.uncached_since = document.uncached_since, None
        try:
            await show(self.services.db, shown, document.last_editor)
        except BaseException:
            document.uncached_since = uncached_since
            raise
        await self._note_change(document.facts.project_id)

    async def _note_change(self, project_id: ProjectId) -> None:
        now = self.services.clock.monotonic()
        if now - self.noted.get(project_id, -NOTED_EVERY_S) < NOTED_EVERY_S:
            return
        if len(self.noted) >= MAX_NOTED:
            self.noted.clear()
        self.noted[project_id] = now
        async with self.services.db.acquire() as connection:
            await projects.note_change.run(
                connection, project_id=project_id, at_most_every=timedelta(seconds=NOTED_EVERY_S)
            )

    async def _refresh_each(self, documents: Sequence[Document]) -> None:
        """One that cannot be written is tried again in a later run, and holds up no other."""
        for document in documents:
            if document.unwritten:
                continue
            try:
                await self.refresh(document)
            except StorageUnavailable:
                raise
            except StorageFailure as error:
                _failed.inc()
                log.error("file row not refreshed", document=str(document.facts.id), reason=str(error))

    def _is_due(self, document: Document, now: float) -> bool:
        settings, since = self.services.settings, document.uncached_since
        is_quiet = now - document.changed_at >= settings.content_quiet_s
        is_late = since is not None and now - since >= settings.content_latest_s
        return not document.unwritten and (is_quiet or is_late)

    def _uncached(self) -> list[Document]:
        waiting = [document for document in self.library.documents() if document.uncached_since is not None]
        return sorted(waiting, key=lambda document: document.uncached_since or 0.0)


async def show(db: Database, shown: Shown, editor: UserId | None) -> None:
    """Write a text into its file row, unless that shows a newer one."""
    data = restored(shown.text, shown.form)
    async with db.transaction() as tx:
        await files.refresh_content.run(
            tx,
            file_id=shown.document_id,
            content=shown.text,
            content_seq=shown.seq,
            size=len(data),
            checksum=hashlib.sha256(data).digest(),
            line_count=line_count(shown.text),
            user_id=editor,
        )
