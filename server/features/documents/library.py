"""The documents in memory: loaded once however many ask, kept while anyone needs them, dropped when all is written.

A failed load is an error for those who asked, never an empty document (P7).
"""

import asyncio
import itertools
from collections import Counter as Counts
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from prometheus_client import Counter, Gauge, Histogram

from protocol.ids import Channel, ConnectionId, DocumentId, ProjectId, Seq, UserId
from protocol.text_form import TextForm
from protocol.yjs.update import STORED_LIMITS, UpdateRefused, check_update
from server.errors import FlashError, LimitReached, NotFound, Quarantined
from server.feature import Services, room_of_project
from server.features.documents.awareness import AwarenessBook
from server.features.documents.document import Document, Facts, Member, MemberState
from server.features.documents.log_reading import (
    blamed_row,
    client_owners,
)
from server.features.documents.proof import is_proven
from server.features.documents.quarantine import Quarantine
from server.features.documents.replica import Replica, ReplicaBroken, UpdateUnreadable
from server.features.documents.wholes import Wholes
from server.hub.effects import RoomKey, Subscribe, Unsubscribe
from server.store import documents as store
from server.store.failures import DocumentLogBroken, StorageFailure
from server.store.whole_documents import load_at_once

ROWS_PER_TURN = 250  # integrated before other rooms get their turn; some 3 ms
EVICTED_PART = 100  # of the limit: unloaded together when it is reached
UNCACHED_AT_MOST_S = 300.0
NEWCOMERS_FIRST_S = 0.05  # until a stored state is integrated: long enough to hand a large one to a socket

_loaded = Gauge("flashio_documents", "Documents in memory")
_evicted = Counter("flashio_documents_evicted_total", "Idle documents unloaded early to make room for others")
_load_seconds = Histogram("flashio_document_load_seconds", "Time to load a document from the log")


@dataclass(slots=True)
class Library:
    services: Services
    wholes: Wholes = field(init=False)
    _quarantine: Quarantine = field(init=False)
    _documents: dict[DocumentId, Document] = field(default_factory=dict)
    _channels: dict[Channel, Document] = field(default_factory=dict)
    _opened: defaultdict[ConnectionId, set[Channel]] = field(default_factory=lambda: defaultdict(set))
    _loading: dict[DocumentId, asyncio.Future[Document]] = field(default_factory=dict)
    _wanted: Counts[DocumentId] = field(default_factory=Counts)  # who waits for a load and has yet to use it
    _under_way: int = 0  # loads that have their place already
    _culprits: defaultdict[DocumentId, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    _unloaded: asyncio.Condition = field(default_factory=asyncio.Condition)
    _next_channel: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self._quarantine = Quarantine(self.services)
        self.wholes = Wholes(self.services.settings.max_encoded_bytes)

    def by_id(self, document_id: DocumentId) -> Document | None:
        return self._documents.get(document_id)

    def by_channel(self, channel: Channel) -> Document | None:
        return self._channels.get(channel)

    def by_room(self, room: RoomKey) -> Document | None:
        return self.by_id(DocumentId(UUID(room.removeprefix("document:"))))

    def opened_by(self, connection_id: ConnectionId) -> list[Document]:
        channels = self._opened.get(connection_id, set())
        return [self._channels[channel] for channel in channels if channel in self._channels]

    def open_count(self, connection_id: ConnectionId) -> int:
        return len(self._opened.get(connection_id, ()))

    def idle(self, now: float, for_s: float) -> list[Document]:
        """Documents that nobody has had open for so many seconds, or waits for, with no edit left to write.

        A file row that cannot be written keeps no document in memory: the next load or the worker tries again.
        """
        for document in self._documents.values():
            if document.has_members or document.facts.id in self._wanted:
                document.idle_since = None
            elif document.idle_since is None:
                document.idle_since = now
        return [
            document
            for document in self._documents.values()
            if document.idle_since is not None
            and now - document.idle_since >= for_s
            and not document.unwritten
            and (document.uncached_since is None or now - document.uncached_since >= UNCACHED_AT_MOST_S)
        ]

    def join(self, document: Document, connection_id: ConnectionId, member: Member) -> None:
        document.openings += 1
        member.opening = document.openings
        document.members[connection_id] = member
        self._opened[connection_id].add(document.channel)

    def leave(self, document: Document, connection_id: ConnectionId) -> None:
        """The socket has the document open no more; unknown ones are ignored."""
        document.members.pop(connection_id, None)
        channels = self._opened.get(connection_id)
        if channels is not None:
            channels.discard(document.channel)
            if not channels:
                del self._opened[connection_id]

    def documents(self) -> list[Document]:
        return list(self._documents.values())

    async def get(self, document_id: DocumentId) -> Document:
        """The document, loaded if need be. The caller must join or use it before the next await.

        Raises:
            NotFound: it was deleted meanwhile.
            Quarantined: a row of its log cannot be read.
            LimitReached: too many documents are in memory.
            StorageUnavailable: the log cannot be read now.
        """
        while (document := self._documents.get(document_id)) is not None and document.is_broken:
            await self._gone(document)
        if document is not None:
            document.idle_since = None
            return document
        if (loading := self._loading.get(document_id)) is None:
            loading = self._loading[document_id] = asyncio.get_running_loop().create_future()
            self.services.tasks.start("load a document", self._load_for_all(document_id, loading))
        self._wanted[document_id] += 1
        try:
            return await asyncio.shield(loading)
        finally:
            self._wanted[document_id] -= 1
            if not self._wanted[document_id]:
                del self._wanted[document_id]

    def discard(self, document: Document, culprit: bytes | None = None) -> None:
        """Its replica is void: whoever asks next gets it from the log, once what was taken before is written.

        A `culprit` in the log is set aside then.
        """
        document.is_broken = True
        if culprit is not None:
            self._culprits[document.facts.id].add(culprit)
        if not document.unwritten:
            self.unload(document)

    def unload(self, document: Document) -> None:
        """Drop a document that nobody has open.

        Invariant: nothing of it is unwritten.
        """
        if document.unwritten:
            raise RuntimeError(f"document {document.facts.id} has {document.unwritten} unwritten edits")
        for connection_id in list(document.members):
            self.leave(document, connection_id)
        self.wholes.drop(document.replica)
        del self._documents[document.facts.id]
        del self._channels[document.channel]
        _loaded.set(len(self._documents))
        project = room_of_project(document.facts.project_id)
        self.services.emit([Unsubscribe(document.room), Unsubscribe(project)])
        self.services.tasks.start("tell that a document is gone", self._tell_gone())

    async def _load_for_all(self, document_id: DocumentId, loading: asyncio.Future[Document]) -> None:
        try:
            with _load_seconds.time():
                document = await self._load(document_id)
            loading.set_result(document)
        except (FlashError, StorageFailure) as error:
            loading.set_exception(error)
        finally:
            del self._loading[document_id]
            if not loading.done():
                loading.set_exception(FlashError())  # a defect, which the supervisor logs; those who asked are told
            loading.exception()  # those who asked raise it; nobody may have stayed
        if (loaded := self._documents.get(document_id)) is not None:
            if not loaded.replica.is_integrated:
                self.services.tasks.start("integrate a document", self._integrate(loaded))
            self.services.emit([Subscribe(loaded.room), Subscribe(room_of_project(loaded.facts.project_id))])

    async def _load(self, document_id: DocumentId) -> Document:
        self._make_room()
        self._under_way += 1
        try:
            return await self._read(document_id)
        finally:
            self._under_way -= 1

    def _make_room(self) -> None:
        """Unload those that have been idle longest when memory is full; some at once, because finding them costs.

        Raises:
            LimitReached: people have them all open.
        """
        limit = self.services.settings.max_documents
        if len(self._documents) + self._under_way < limit:
            return
        idle = self.idle(self.services.clock.monotonic(), 0)
        idle.sort(key=lambda document: document.idle_since or 0.0)
        for document in idle[: max(1, limit // EVICTED_PART)]:
            self.unload(document)
            _evicted.inc()
        if len(self._documents) + self._under_way >= limit:
            raise LimitReached("Too many documents are open on this server. Try again later.")

    async def _read(self, document_id: DocumentId) -> Document:
        try:
            stored = await load_at_once(self.services.db, document_id)
        except DocumentLogBroken as error:
            await self._quarantine.set_aside(document_id, None, str(error))
            raise Quarantined(document_id) from error
        if stored is None or stored.document.deleted_at is not None:
            raise NotFound("This document was deleted.")
        if stored.document.state is store.DocumentState.QUARANTINED:
            raise Quarantined(document_id)
        owners = stored.owners
        if owners is None:
            async with self.services.db.acquire() as connection:
                owners = await client_owners(connection, document_id)
        return self._admit(stored, await self._rebuilt(stored), owners)

    async def _rebuilt(self, stored: store.LoadedDocument) -> Replica:
        document_id = DocumentId(stored.document.id)
        replica, culprits = Replica(stored.document.root_name), self._culprits.get(document_id, set())
        snapshot = [] if stored.snapshot is None else [(None, stored.snapshot.state_v1)]
        if stored.snapshot is not None and is_proven(stored.snapshot):
            await self._begin(replica, stored.snapshot.state_v1, stored)
            snapshot = []
        rows = [(Seq(row.seq), row.update_v1) for row in stored.tail]
        for at, (seq, update) in enumerate([*snapshot, *rows]):
            if at % ROWS_PER_TURN == ROWS_PER_TURN - 1:
                await self.services.clock.sleep(0)
            try:
                if update in culprits:
                    await self._quarantine.set_rows_aside(stored, [update])
                    continue
                applied = replica.apply(update, check_update(update, STORED_LIMITS), is_stored=True)
                await self._quarantine.set_rows_aside(stored, applied.rejected)
            except (UpdateRefused, UpdateUnreadable, ReplicaBroken) as error:
                blamed = seq if seq is None else blamed_row(stored, seq, error)
                await self._quarantine.set_aside(document_id, blamed, str(error))
                raise Quarantined(document_id) from error
        self._culprits.pop(document_id, None)
        return replica

    async def _begin(self, replica: Replica, state: bytes, stored: store.LoadedDocument) -> None:
        """Without a tail the state is the whole document, and newcomers are not kept waiting for its integration."""
        document_id = DocumentId(stored.document.id)
        replica.begin_with(state)
        self.wholes.keep(replica, state)
        try:
            if stored.tail:
                replica.integrate_beginning()
        except ReplicaBroken as error:
            self.wholes.drop(replica)
            await self._quarantine.set_aside(document_id, None, str(error))
            raise Quarantined(document_id) from error

    async def _integrate(self, document: Document) -> None:
        """Integrate what newcomers were sent as it was stored, once they have it; whoever needs it earlier does."""
        await self.services.clock.sleep(NEWCOMERS_FIRST_S)
        if document.is_broken or self._documents.get(document.facts.id) is not document:
            return
        try:
            document.replica.integrate_beginning()
        except ReplicaBroken as error:  # whoever has it open is told when documents are compared with the log
            await self._quarantine.set_aside(document.facts.id, None, str(error))
            return
        waiting = [member for member in document.members.values() if member.is_to_be_asked]
        writers = [member for member in waiting if member.state is MemberState.LIVE and member.author_no is not None]
        self.services.emit([document.asks(member) for member in writers])

    def _admit(self, stored: store.LoadedDocument, replica: Replica, owners: dict[int, int]) -> Document:
        row, settings = stored.document, self.services.settings
        now = self.services.clock.monotonic()
        document = Document(
            facts=Facts(
                DocumentId(row.id),
                ProjectId(row.project_id),
                row.path,
                row.root_name,
                str(row.lineage),
                row.seed_client,
                TextForm(row.line_ending.value, row.has_bom),
            ),
            channel=Channel(next(self._next_channel)),
            replica=replica,
            seq=Seq(row.last_seq),
            awareness=AwarenessBook(settings.max_awareness_bytes, settings.max_awareness_clients),
            owners=owners,
            wholes=self.wholes,
            author_nos={UserId(user_id): author_no for user_id, author_no in stored.authors.items()},
        )
        if row.is_behind:
            document.uncached_since = now  # a crash may have come between the newest commits and the file row
        self._documents[document.facts.id] = document
        self._channels[document.channel] = document
        _loaded.set(len(self._documents))
        return document

    async def _gone(self, document: Document) -> None:
        async with self._unloaded:
            await self._unloaded.wait_for(lambda: self._documents.get(document.facts.id) is not document)

    async def _tell_gone(self) -> None:
        async with self._unloaded:
            self._unloaded.notify_all()
