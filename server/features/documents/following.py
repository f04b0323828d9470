"""Open documents follow what happens to their files and logs, by word of other workers and by looking (P3, P9)."""

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.errors import ErrorCode
from protocol.files import FilesDeleted, FilesMoved, FilesRestored
from protocol.ids import DocumentId
from server.feature import Services, project_of, room_of_project
from server.features.documents.document import Document
from server.features.documents.endings import Endings
from server.features.documents.library import Library
from server.features.documents.opening import Opening
from server.features.documents.outcomes import Outcomes
from server.features.documents.rights import Rights
from server.hub.announcement import Announcement
from server.hub.effects import NOTHING, Effect, Effects, RoomKey
from server.store import documents as store

PAGE = 500  # documents looked up in one query


@dataclass(frozen=True, slots=True)
class Following:
    services: Services
    library: Library
    opening: Opening
    endings: Endings
    outcomes: Outcomes
    rights: Rights

    def hear(self, room: RoomKey, payload: bytes) -> Effects:
        """Files moved or restored: their documents follow. Files deleted: whoever has them open is told."""
        self.opening.forget(project_of(room))
        event = Announcement.unpacked(payload)
        if event is None or event.name == FilesRestored.name:
            return self.resync(room)
        effects: list[Effect] = []
        if event.name == FilesMoved.name:
            for moved in FilesMoved.model_validate(event.body, strict=False).moved:
                if document := self.library.by_id(DocumentId(moved.id)):
                    effects += self.rights.moved(document, moved.to)
        if event.name == FilesDeleted.name:
            for deleted in FilesDeleted.model_validate(event.body, strict=False).deleted:
                if document := self.library.by_id(DocumentId(deleted.id)):
                    effects += self.endings.end_all(document, ErrorCode.GONE, f"{deleted.path} was deleted.")
        return effects

    def resync(self, room: RoomKey) -> Effects:
        """Word of a project's files may have been lost: look at those that are open."""
        self.opening.forget(project_of(room))
        documents = [doc for doc in self.library.documents() if room_of_project(doc.facts.project_id) == room]
        if documents:
            self.services.tasks.start("look after files", self._look_after(documents))
        return NOTHING

    async def look_after_all(self) -> None:
        """Compare every document in memory with its file and its log."""
        await self._look_after(self.library.documents())

    async def _look_after(self, documents: Sequence[Document]) -> None:
        for at in range(0, len(documents), PAGE):
            page = documents[at : at + PAGE]
            async with self.services.db.acquire() as connection:
                rows = await store.heads.all(connection, document_ids=[document.facts.id for document in page])
            heads = {row.id: row for row in rows}
            for document in page:
                self._compare(document, heads.get(document.facts.id))

    def _compare(self, document: Document, head: store.HeadRow | None) -> None:
        if self.library.by_id(document.facts.id) is not document or document.is_broken:
            return
        if head is None or head.is_deleted:
            self.services.emit(self.endings.end_all(document, ErrorCode.GONE, f"{document.facts.path} was deleted."))
        elif head.state is store.DocumentState.QUARANTINED:
            self.outcomes.set_aside(document)
        else:
            if head.path != document.facts.path:
                self.services.emit(self.rights.moved(document, head.path))
            if head.last_seq > document.seq and not document.unwritten:
                self.outcomes.catch_up_soon(document)
