"""What follows a commit: numbers are taken over, senders are told "saved", other workers hear the rows (P1, P3)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import msgpack
import structlog

from protocol.errors import ErrorCode
from protocol.ids import ConnectionId, DocumentId, Seq
from protocol.outbound import Saved, StorageTold
from protocol.yjs.update import UpdateRefused
from server.errors import Gone, Quarantined
from server.feature import Services
from server.features.documents.committer import Committer, Outcome, Row
from server.features.documents.document import Document
from server.features.documents.endings import Endings
from server.features.documents.intake import Intake
from server.features.documents.library import Library
from server.features.documents.log_reading import news
from server.features.documents.replica import ReplicaBroken, UpdateUnreadable
from server.features.documents.tellings import told
from server.features.documents.turns import PAUSED_FOR_STORAGE, Turns
from server.hub.effects import NOTHING, Broadcast, Effect, Effects, Publish, Resume, RoomKey, Send
from server.settings import BUS_PAYLOAD_BYTES
from server.store import documents as store
from server.store.failures import StorageBusy, StorageUnavailable

log = structlog.get_logger(__name__)

RETRY_S = 1.0
FORM_VERSION = 1  # of what is published; workers of the previous release must be able to read it


@dataclass(slots=True)
class Outcomes:
    services: Services
    library: Library
    intake: Intake
    turns: Turns
    endings: Endings
    committer: Committer
    _catching_up: set[DocumentId] = field(default_factory=set, init=False)

    def on_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        by_document: defaultdict[DocumentId, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            by_document[outcome.row.document_id].append(outcome)
        for document_id, settled in by_document.items():
            document = self.library.by_id(document_id)
            if document is not None:
                self.services.emit(self._settle(document, settled))
        if self.turns.stopped and self.committer.has_room:
            stopped = [Resume(connection_id, PAUSED_FOR_STORAGE) for connection_id in self.turns.stopped]
            self.turns.stopped.clear()
            self.services.emit(stopped)

    def on_storage(self, reachable: bool) -> None:
        """Tell everyone who has a document open whether edits are being saved."""
        self.services.emit(
            [
                Broadcast(document.room, StorageTold(document.channel, reachable), document.audience)
                for document in self.library.documents()
            ]
        )

    def hear(self, room: RoomKey, payload: bytes) -> Effects:
        """Rows that another worker committed, or word that there are some."""
        document = self._of(room)
        if document is None:
            return NOTHING
        version, newest, rows = msgpack.unpackb(payload)
        if version != FORM_VERSION:
            return self.resync(room)
        effects = self._heard(document, rows)
        if document.seq < newest:
            self.catch_up_soon(document)
        return effects

    def resync(self, room: RoomKey) -> Effects:
        """Messages may have been lost: read the log from where this worker knows it."""
        document = self._of(room)
        if document is not None:
            self.catch_up_soon(document)
        return NOTHING

    def _settle(self, document: Document, outcomes: Sequence[Outcome]) -> list[Effect]:
        committed = [(outcome.row, outcome.seq) for outcome in outcomes if outcome.seq is not None]
        document.settled += len(outcomes)
        document.learn(seq for _, seq in committed)
        effects: list[Effect] = []
        if len(committed) < len(outcomes) and not document.has_refused:
            document.has_refused = True
            self.services.tasks.start("explain refused edits", self._explain(document))
        for outcome in outcomes:
            _tell_writer(outcome)
        document.tell_waiting()
        effects += self._tellings(document)
        effects += self._confirmations(document, committed)
        if committed:
            effects.append(Publish(document.room, partial(_published, committed)))
        if document.has_gap:
            self.catch_up_soon(document)
        if document.is_broken and not document.unwritten:
            self.library.unload(document)
        return effects

    @staticmethod
    def _tellings(document: Document) -> list[Effect]:
        if document.has_refused:
            return []
        return [*told(document, document.passed_tellings())]

    def _confirmations(self, document: Document, saved: Sequence[tuple[Row, Seq]]) -> list[Effect]:
        if document.has_refused:
            return []
        newest: dict[tuple[ConnectionId, int], tuple[int, Seq]] = {}
        echoes: defaultdict[tuple[ConnectionId, int], list[bytes]] = defaultdict(list)
        for row, seq in saved:
            if row.sender is not None:
                newest[row.sender, row.opening] = (row.n, seq)
                echoes[row.sender, row.opening].append(row.update)
        for sender, opening, n in document.passed_barriers():
            newest[sender, opening] = (max(n, newest.get((sender, opening), (0, 0))[0]), document.seq)
        return [
            Send(sender, Saved(document.channel, n, seq, tuple(echoes[sender, opening])))
            for (sender, opening), (n, seq) in newest.items()
            if document.is_member(sender, opening)
        ]

    def _heard(self, document: Document, rows: Sequence[tuple[Seq, bytes]], snapshot_seq: Seq | None = None) -> Effects:
        try:
            return self.intake.hear(document, rows, snapshot_seq)
        except ReplicaBroken as error:
            return self.turns.broken(document, None, error)
        except (UpdateUnreadable, UpdateRefused) as error:
            return self.turns.broken(document, None, ReplicaBroken(f"a row that was heard: {error}"))

    def catch_up_soon(self, document: Document) -> None:
        if document.facts.id not in self._catching_up:
            self._catching_up.add(document.facts.id)
            self.services.tasks.start("catch up with a log", self._catch_up(document))

    async def _catch_up(self, document: Document) -> None:
        try:
            async with self.services.db.transaction("repeatable read", is_read_only=True) as tx:
                rows, snapshot_seq = await news(tx, document.facts.id, document.seq)
            if document.is_broken:
                return
            self.services.emit(self._heard(document, rows, snapshot_seq))
            if rows:
                document.jump(rows[-1][0])
        finally:
            self._catching_up.discard(document.facts.id)

    def set_aside(self, document: Document) -> None:
        """The document was quarantined elsewhere: whoever has it open is told."""
        told = self.endings.end_all(document, ErrorCode.QUARANTINED, str(Quarantined(document.facts.id)))
        self.library.discard(document)
        self.services.emit(told)

    async def _explain(self, document: Document) -> None:
        """The log did not take an edit that everyone sees already: say why, and show only what the log has."""
        while True:
            try:
                async with self.services.db.acquire() as connection:
                    row = await store.get_document.maybe(connection, document_id=document.facts.id)
                break
            except (StorageUnavailable, StorageBusy):
                await self.services.clock.sleep(RETRY_S)
        if document.is_broken:
            return
        if row is not None and row.state is store.DocumentState.QUARANTINED:
            self.set_aside(document)
            return
        code, message = ErrorCode.GONE, "The file was deleted."
        if row is not None and row.deleted_at is None:
            code, message = ErrorCode.INTERNAL, "An edit could not be stored, so the document is loaded anew."
        told = self.endings.end_all(document, code, message)
        self.library.discard(document)
        self.services.emit(told)

    def _of(self, room: RoomKey) -> Document | None:
        document = self.library.by_room(room)
        return None if document is None or document.is_broken else document


def _tell_writer(outcome: Outcome) -> None:
    written = outcome.row.written
    if written is None or written.done():
        return
    if outcome.seq is None:
        written.set_exception(Gone("The file was deleted or set aside."))
    else:
        written.set_result(outcome.seq)


def _published(committed: Sequence[tuple[Row, Seq]]) -> bytes:
    """The rows, or only the newest number when they are too large for the bus: then others read the log."""
    newest = committed[-1][1]
    if sum(len(row.update) for row, _ in committed) < BUS_PAYLOAD_BYTES // 2:
        payload = msgpack.packb([FORM_VERSION, newest, [(seq, row.update) for row, seq in committed]])
        if len(payload) <= BUS_PAYLOAD_BYTES:
            return bytes(payload)
    return bytes(msgpack.packb([FORM_VERSION, newest, []]))
