"""How a replica ends: its text is kept as a recovery copy, then its socket is told, in-band, why and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter

from protocol.errors import ERRORS, ErrorCode
from protocol.outbound import Ended
from protocol.yjs.sync import EMPTY_STATE_VECTOR
from protocol.yjs.update import MESSAGE_LIMITS, UpdateRefused, check_update
from server.feature import Services
from server.features.documents.departures import tell_awareness
from server.features.documents.document import Document, Member, MemberState
from server.features.documents.extract import extract_text
from server.hub.effects import NOTHING, Effects, Leave
from server.store.failures import StorageBusy, StorageUnavailable
from server.store.recoveries import add_recovery

log = structlog.get_logger(__name__)

HIDDEN = "This file is hidden from you now. What you wrote and was not saved is kept for when you may see it again."
KEEPING_AT_ONCE = 100  # texts in memory on their way to the table; more are not kept, and their authors told so
HELD_EDITS = 1_000  # typed by one person while their text is being kept
EXTRACTIONS = 3  # times that a growing history is read
KEEP_TRIES = 8  # with doubling waits about half a minute of storage being away
KEEP_FIRST_WAIT_S = 0.25

_ended = Counter("flashio_replicas_ended_total", "Replicas ended by the server", ["code"])
_kept = Counter("flashio_recoveries_total", "Recovery copies", ["outcome"])


@dataclass(slots=True)
class Endings:
    services: Services
    _keeping: int = field(default=0, init=False)

    def end(self, document: Document, member: Member, code: ErrorCode, message: str, update: bytes | None) -> Effects:
        """End one replica. With `update`, the text it would have had here is kept first, then the member is told."""
        history = () if update is None else (document.replica.diff(EMPTY_STATE_VECTOR), update)
        member.refused_from = member.sent
        return self._end(document, member, code, message, history)

    def end_foreign(self, document: Document, member: Member, update: bytes) -> Effects:
        """End a replica of another lineage; `update` is its whole state."""
        message = "Your copy belongs to an earlier life of this document."
        member.refused_from = member.sent
        return self._end(document, member, ErrorCode.FOREIGN_LINEAGE, message, (update,))

    def end_hidden(self, document: Document, member: Member) -> Effects:
        """End a replica whose file is hidden from its owner now. Of edits on their way the text is kept, untold."""
        member.keeps_late, member.author_no = member.author_no is not None, None
        return self._end(document, member, ErrorCode.NOT_FOUND, HIDDEN)

    def end_all(self, document: Document, code: ErrorCode, message: str) -> Effects:
        """End every replica of the document; their edits are committed or about to be, so no text is kept."""
        members = [member for member in document.members.values() if member.state is not MemberState.ENDED]
        return [effect for member in members for effect in self._end(document, member, code, message)]

    def end_broken(self, document: Document, culprit: Member | None) -> Effects:
        """The document's replica is void: the culprit's edit is refused, everyone opens it anew from the log."""
        refused: Effects = NOTHING
        if culprit is not None:
            refused = self._end(document, culprit, ErrorCode.INVALID, "The edit cannot be applied.")
        return [*refused, *self.end_all(document, ErrorCode.INTERNAL, "The document is loaded anew. Open it again.")]

    def hold(self, document: Document, member: Member, update: bytes) -> None:
        """What an ended replica still sends before it is told belongs to the text that is being kept."""
        if not member.keeps_late and (member.kept is None or len(member.kept) >= HELD_EDITS):
            return
        try:
            check_update(update, MESSAGE_LIMITS)
        except UpdateRefused:
            return
        if member.kept is not None:
            member.kept.append(update)
        elif self._keeping < KEEPING_AT_ONCE:
            member.keeps_late = False
            member.kept = [document.replica.diff(EMPTY_STATE_VECTOR), update]
            self._keeping += 1
            self.services.tasks.start("keep a recovery copy", self._keep_late(document, member, member.kept))

    def _end(
        self, document: Document, member: Member, code: ErrorCode, message: str, history: Sequence[bytes] = ()
    ) -> Effects:
        _ended.labels(code).inc()
        member.state = MemberState.ENDED
        departed = tell_awareness(document, document.awareness.leave(member.connection_id), member.connection_id)
        if not history or self._keeping >= KEEPING_AT_ONCE:
            return [*departed, _told(document, member, code, message, None)]
        self._keeping += 1
        member.kept = list(history)
        keeping = self._keep_and_tell(document, member, code, message, member.kept)
        self.services.tasks.start("keep a recovery copy", keeping)
        return departed

    async def _keep_and_tell(
        self, document: Document, member: Member, code: ErrorCode, message: str, history: list[bytes]
    ) -> None:
        recovery_id: UUID | None = None
        try:
            recovery_id = await self._keep(document, member, code, history)
        finally:
            if document.members.get(member.connection_id) is member:  # not closed and opened again meanwhile
                self.services.emit([_told(document, member, code, message, recovery_id)])

    async def _keep_late(self, document: Document, member: Member, history: list[bytes]) -> None:
        """Of a replica that was told its end before."""
        await self._keep(document, member, ErrorCode.NOT_FOUND, history)

    async def _keep(self, document: Document, member: Member, code: ErrorCode, history: list[bytes]) -> UUID | None:
        recovery_id: UUID | None = None
        try:
            text = await self._text_of(document.facts.root_name, history)
            if text and len(text) <= self.services.settings.max_message_bytes:
                recovery_id = await self._store(document, member, code, text)
        finally:
            self._keeping -= 1
            member.kept = None
            _kept.labels("lost" if recovery_id is None else "kept").inc()
        return recovery_id

    async def _text_of(self, root_name: str, history: list[bytes]) -> str | None:
        """The text of a history that may still grow while it is read."""
        text: str | None = None
        for _ in range(EXTRACTIONS):
            size = len(history)
            longer = await extract_text(root_name, history)
            text = longer if longer is not None else text
            if longer is None or len(history) == size:
                break
        return text

    async def _store(self, document: Document, member: Member, code: ErrorCode, text: str) -> UUID | None:
        settings, wait_s = self.services.settings, KEEP_FIRST_WAIT_S
        for _ in range(KEEP_TRIES):
            try:
                async with self.services.db.transaction() as tx:
                    return await add_recovery.one(
                        tx,
                        project_id=document.facts.project_id,
                        document_id=document.facts.id,
                        user_id=member.user_id,
                        path=document.facts.path,
                        reason=str(code),
                        text=text,
                        size_bytes=len(text.encode("utf-8", "replace")),
                        expires_at=self.services.clock.now() + timedelta(days=settings.recovery_days),
                        keep=settings.recovery_limit,
                    )
            except (StorageUnavailable, StorageBusy):
                await self.services.clock.sleep(wait_s)
                wait_s *= 2
        log.error("recovery copy lost", document=str(document.facts.id), characters=len(text))
        return None


def _told(document: Document, member: Member, code: ErrorCode, message: str, recovery_id: UUID | None) -> Leave:
    if recovery_id is not None:
        message = f"{message} What you wrote is kept as a recovery copy."
    last = Ended(document.channel, code, message, recovery_id, member.refused_from)
    return Leave(member.connection_id, document.room, last, ERRORS[code].number)
