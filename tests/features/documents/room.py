"""The documents feature's parts around one document, for tests of what its hot handlers return."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pycrdt import Doc, Text

from protocol.errors import ErrorCode
from protocol.ids import Channel, ConnectionId, DocumentId, ProjectId, UserId
from protocol.message import AwarenessSent, Edit
from protocol.outbound import Ended
from protocol.yjs.awareness import AwarenessLimits
from protocol.yjs.sync import EMPTY_STATE_VECTOR
from server.access.grants import Grant
from server.access.principal import Principal, person
from server.access.roles import ABILITIES, Role
from server.clock import ManualClock, SystemClock
from server.feature import Caller, Services
from server.features.documents.awareness import Stamp
from server.features.documents.committer import Committer, Outcome
from server.features.documents.document import Document, Member
from server.features.documents.endings import Endings
from server.features.documents.intake import Intake
from server.features.documents.library import Library
from server.features.documents.opening import Opening
from server.features.documents.outcomes import Outcomes
from server.features.documents.streams import Streams
from server.features.documents.turns import Turns
from server.features.files.tree import create_file
from server.hub.effects import (
    AtTurnEnd,
    Effect,
    Effects,
    Leave,
)
from server.settings import Settings
from server.store.db import Database
from server.tasks import Tasks
from tests.store.examples import add_project, add_user

E = TypeVar("E")
ROOT = "codemirror"
SETTLE_TIMEOUT_S = 20
CHANNEL_OF_NOTHING = Channel(99_999)


class Writer:
    """Somebody's replica, and their socket in the document."""

    def __init__(self, caller: Caller, document: Document) -> None:
        self.caller, self.document = caller, document
        self.doc: Doc[Text] = Doc(client_id=1000 + caller.socket)
        self.text = self.doc.get(ROOT, type=Text)
        self.doc.apply_update(document.replica.diff(EMPTY_STATE_VECTOR))
        self.n = 0

    @property
    def member(self) -> Member:
        return self.document.members[self.caller.socket]

    def edit(self, data: bytes) -> Edit:
        self.n += 1
        return Edit(self.document.channel, self.n, data)

    def answers(self, data: bytes) -> Edit:
        self.n += 1
        return Edit(self.document.channel, self.n, data, is_answer=True)

    def types(self, text: str, at: int = 0) -> Edit:
        before = self.doc.get_state()
        self.text.insert(at, text)
        return self.edit(self.doc.get_update(before))

    def deletes(self, start: int, end: int) -> Edit:
        before = self.doc.get_state()
        del self.text[start:end]
        return self.edit(self.doc.get_update(before))


@dataclass
class Room:
    """The documents feature's parts around one document; nothing is committed until `commit`."""

    document: Document
    streams: Streams
    outcomes: Outcomes
    committer: Committer
    emitted: list[Effect]
    users: dict[str, UserId]
    author_nos: dict[str, int]
    has_emitted: asyncio.Event
    sockets: int = 0
    writers: list[Writer] = field(default_factory=list)

    def join(self, name: str = "ada", role: Role = Role.EDITOR) -> Writer:
        self.sockets += 1
        connection_id = ConnectionId(self.sockets)
        principal = Principal(self.users[name], name, f"{name}@example.org")
        caller = Caller(
            principal, Grant(self.document.facts.project_id, "Sketch", role, ABILITIES[role]), connection_id
        )
        author_no = self.author_nos[name] if role is Role.EDITOR else None
        self.streams.library.join(
            self.document,
            connection_id,
            Member(connection_id, principal.user_id, Stamp.of(person(principal)), author_no, caller),
        )
        return Writer(caller, self.document)

    def sends(self, writer: Writer, message: Edit) -> Effects:
        """What follows from an edit that is alone in its turn."""
        return turned(self.streams.edit(writer.caller, message))

    def shows(self, writer: Writer, update: bytes) -> Effects:
        """The same for an awareness update."""
        return turned(self.streams.awareness(writer.caller, AwarenessSent(self.document.channel, update)))

    def commit(self) -> list[Effect]:
        """Decide everything handed to the committer, and return what follows."""
        self.emitted.clear()
        rows = list(self.committer._queue)
        self.committer._queue.clear()
        self.committer._count(-sum(row.cost_bytes for row in rows))
        first = self.document.seq + 1
        self.outcomes.on_outcomes([Outcome(row, seq) for seq, row in enumerate(rows, first)])  # type: ignore[arg-type]
        return list(self.emitted)


def turned(effects: Effects) -> list[Effect]:
    """What is left of effects when the turn has ended."""
    left: list[Effect] = []
    for effect in effects:
        left += turned(effect.run()) if isinstance(effect, AtTurnEnd) else [effect]
    return left


@asynccontextmanager
async def room_on(database: Database, **settings: Any) -> AsyncIterator[Room]:
    emitted: list[Effect] = []
    has_emitted = asyncio.Event()

    def emit(effects: Effects) -> None:
        emitted.extend(effects)
        has_emitted.set()

    async with Tasks(SystemClock()) as tasks:
        services = Services(Settings(**settings), ManualClock(), database, tasks, emit, "test")
        async with database.transaction() as tx:
            users = {name: UserId(await add_user(tx, name)) for name in ("ada", "bob")}
            project_id = ProjectId(await add_project(tx, users["ada"]))
            await create_file(tx, project_id, "a.txt", "text", users["ada"])
        library, endings, opening = Library(services), Endings(services), Opening(services)
        committer = Committer(database, services.clock, services.settings)
        turns = Turns(library, committer, endings, AwarenessLimits(), services.clock.monotonic)
        intake = Intake(services.settings, endings, turns, services.clock.monotonic)
        streams = Streams(services.settings, library, intake, turns, endings)
        outcomes = Outcomes(services, library, intake, turns, endings, committer)
        ada = Principal(users["ada"], "ada", "ada@example.org")
        owner = Caller(ada, Grant(project_id, "Sketch", Role.OWNER, ABILITIES[Role.OWNER]))
        document_id, _ = await opening.find(owner, "a.txt")
        authors = {name: await opening.author_no(DocumentId(document_id), user_id) for name, user_id in users.items()}
        document = await library.get(document_id)
        yield Room(document, streams, outcomes, committer, emitted, users, authors, has_emitted)


def only(effects: Effects, kind: type[E]) -> list[E]:
    return [effect for effect in effects if isinstance(effect, kind)]


def ended(effects: Effects) -> list[tuple[ConnectionId, ErrorCode]]:
    return [(effect.connection, effect.last.code) for effect in only(effects, Leave) if isinstance(effect.last, Ended)]


async def ended_at_last(room: Room) -> list[tuple[ConnectionId, ErrorCode]]:
    """Wait until somebody was told the end, after something was kept first."""
    async with asyncio.timeout(SETTLE_TIMEOUT_S):
        while not ended(room.emitted):
            room.has_emitted.clear()
            await room.has_emitted.wait()
    return ended(room.emitted)
