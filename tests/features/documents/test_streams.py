"""What the hot handlers return: who is told what, and what goes to the log (a handler never sends)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from pycrdt import Doc, Text

from protocol.errors import ErrorCode
from protocol.ids import Channel, ConnectionId, DocumentId, ProjectId, Seq, UserId
from protocol.message import AwarenessAsked, AwarenessSent, Edit, SyncAsked
from protocol.outbound import Asked, Aware, Edited, Ended, Failed, Saved
from protocol.yjs.awareness import AwarenessEntry, AwarenessLimits, decode_awareness, encode_awareness_update
from protocol.yjs.sync import EMPTY_STATE_VECTOR, EMPTY_UPDATE
from server.access.grants import Grant
from server.access.principal import Principal, person
from server.access.roles import ABILITIES, Role
from server.clock import ManualClock, SystemClock
from server.errors import BadRequest, Gone, Invalid
from server.feature import Caller, Services
from server.features.documents.awareness import Stamp
from server.features.documents.committer import Committer, Outcome
from server.features.documents.document import Document, Member, MemberState
from server.features.documents.endings import Endings
from server.features.documents.intake import Intake
from server.features.documents.library import Library
from server.features.documents.opening import Opening
from server.features.documents.outcomes import Outcomes
from server.features.documents.replica import RESERVED_CLIENTS, ReplicaBroken, TurnBroken, seed_update
from server.features.documents.streams import Streams
from server.features.documents.turns import PAUSED_FOR_STORAGE, Turns
from server.features.files.tree import create_file
from server.hub.effects import (
    AtTurnEnd,
    BringLevel,
    Broadcast,
    Effect,
    Effects,
    Latest,
    Leave,
    Part,
    Pause,
    Resume,
    Resync,
    Send,
)
from server.settings import Settings
from server.store.db import Database
from server.tasks import Tasks
from tests.protocol.mutations import after, fake_clients, item, update
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
            Member(connection_id, principal.user_id, Stamp.of(person(principal)), author_no),
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
        document_id, _ = await opening.find(project_id, "a.txt", None)
        authors = {name: await opening.author_no(DocumentId(document_id), user_id) for name, user_id in users.items()}
        document = await library.get(document_id)
        yield Room(document, streams, outcomes, committer, emitted, users, authors, has_emitted)


@pytest.fixture
async def room(database: Database) -> AsyncIterator[Room]:
    async with room_on(database) as room:
        yield room


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


async def test_an_edit_goes_to_everyone_else_at_once_and_to_the_log(room: Room) -> None:
    """P1."""
    ada = room.join()
    message = ada.types("hello ")
    (told,) = room.sends(ada, message)
    assert isinstance(told, Broadcast)
    assert (told.message, told.author, told.room) == (
        Edited(room.document.channel, message.update),
        ada.caller.socket,
        room.document.room,
    )
    assert told.policy == Resync(room.document)
    assert [(row.update, row.sender, row.n) for row in room.committer._queue] == [
        (message.update, ada.caller.socket, 1)
    ]
    assert room.document.replica.text() == "hello text"


async def test_nothing_is_called_saved_before_its_commit(room: Room) -> None:
    """P1."""
    ada, bob = room.join("ada"), room.join("bob")
    effects = [*room.sends(ada, ada.types("a")), *room.sends(ada, ada.types("b")), *room.sends(bob, bob.types("c"))]
    assert only(effects, Send) == []
    saved = {send.to: send.message for send in only(room.commit(), Send)}
    assert {to: (message.n, message.seq) for to, message in saved.items() if isinstance(message, Saved)} == {
        ada.caller.socket: (2, 3),
        bob.caller.socket: (1, 4),
    }


async def test_an_edit_with_nothing_new_is_confirmed_once_all_before_it_is_committed(room: Room) -> None:
    """P1."""
    ada, bob = room.join("ada"), room.join("bob")
    message = ada.types("a")
    room.sends(ada, message)
    assert not room.sends(bob, bob.edit(message.update))
    assert not room.sends(bob, bob.edit(EMPTY_UPDATE))
    assert len(room.committer._queue) == 1
    saved = {send.to: send.message for send in only(room.commit(), Send)}
    assert saved[bob.caller.socket] == Saved(room.document.channel, 2, room.document.seq, ())
    assert room.sends(bob, bob.edit(EMPTY_UPDATE)) == [
        Send(bob.caller.socket, Saved(room.document.channel, 3, room.document.seq, ()))
    ]


async def test_an_answer_is_shown_to_others_only_once_it_is_committed(room: Room) -> None:
    """P1: it may hold what another wrote and a crash swallowed, and text that comes back is taken to be saved."""
    ada, bob = room.join("ada"), room.join("bob")
    bob.doc.apply_update(ada.types("lost in a crash ").update)
    answer = bob.answers(bob.doc.get_update(room.document.replica.state_vector()))
    assert only(room.sends(bob, answer), Broadcast) == []
    assert room.document.replica.text() == "lost in a crash text"
    told = only(room.commit(), Broadcast)
    assert [(effect.message, effect.author) for effect in told] == [
        (Edited(room.document.channel, answer.update), bob.caller.socket)
    ]


async def test_the_first_edit_after_the_server_s_question_counts_as_the_answer(room: Room) -> None:
    """P1: on /ws an answer is an edit like any other."""
    ada = room.join()
    ada.member.owes_answer = True
    assert only(room.sends(ada, ada.types("a")), Broadcast) == []
    room.commit()
    assert len(only(room.sends(ada, ada.types("b")), Broadcast)) == 1


async def test_edits_do_not_overtake_an_answer_that_waits_for_its_commit(room: Room) -> None:
    """P2: nobody is told of an edit before what it may build on."""
    ada, bob = room.join("ada"), room.join("bob")
    answer = ada.answers(ada.types("answer ").update)
    room.sends(ada, answer)
    bob.doc.apply_update(answer.update)
    follower = bob.types("built on it ", at=7)
    assert only(room.sends(bob, follower), Broadcast) == []
    (told,) = only(room.commit(), Broadcast)
    assert told.parts == tuple(
        Part(writer.caller.socket, Edited(room.document.channel, each.update))
        for writer, each in ((ada, answer), (bob, follower))
    )


async def test_a_flood_of_empty_edits_costs_no_memory_while_storage_is_away(room: Room) -> None:
    """P10."""
    ada, bob = room.join("ada"), room.join("bob")
    room.sends(ada, ada.types("a"))
    for _ in range(1_000):
        room.sends(bob, bob.edit(EMPTY_UPDATE))
    assert len(room.document.barriers) == 1
    saved = {send.to: send.message for send in only(room.commit(), Send)}
    assert saved[bob.caller.socket] == Saved(room.document.channel, 1_000, room.document.seq, ())


async def test_of_a_repeated_history_only_what_is_new_is_logged_and_told(room: Room) -> None:
    """P2."""
    ada = room.join()
    room.sends(ada, ada.types("first "))
    ada.types("second ")
    whole = ada.edit(ada.doc.get_update())
    (told,) = room.sends(ada, whole)
    assert isinstance(told, Broadcast)
    assert isinstance(told.message, Edited)
    assert len(told.message.update) < len(whole.update) / 2
    assert room.document.replica.text() == "second first text"


async def test_an_edit_that_waits_is_logged_and_told_when_it_can_be_read(room: Room) -> None:
    """P2."""
    ada = room.join()
    first, second = ada.types("1"), ada.types("2", at=1)
    effects = room.sends(ada, second)
    assert only(effects, Broadcast) == []
    assert only(effects, Send) == [
        Send(ada.caller.socket, Asked(room.document.channel, room.document.replica.state_vector()))
    ]
    assert len(room.committer._queue) == 1
    (told,) = only(room.sends(ada, first), Broadcast)
    channel = room.document.channel
    assert told.parts == (
        Part(ada.caller.socket, Edited(channel, first.update)),
        Part(None, Edited(channel, second.update)),
    )


async def test_who_sends_edits_that_wait_is_asked_for_the_rest_once(room: Room) -> None:
    ada = room.join()
    ada.types("1")
    asked = [len(only(room.sends(ada, ada.types("x", at=1)), Send)) for _ in range(3)]
    assert asked == [1, 0, 0]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("nested arrays", update(item(8, b"\x01" + b"\x75\x01" * 30_000 + b"\x7e"))),
        ("invented clients", fake_clients(2_000)),
        ("truncated", update(item(4, b"\x05x"))),
        ("trailing bytes", update(item(4, b"\x01x")) + b"x"),
        ("no bytes", b""),
    ],
)
async def test_an_edit_that_is_not_valid_ends_its_sender_alone_and_is_not_stored(
    room: Room, name: str, data: bytes
) -> None:
    """P8."""
    ada, bob = room.join("ada"), room.join("bob")
    effects = room.sends(ada, ada.edit(data))
    assert ended(effects) == [(ada.caller.socket, ErrorCode.INVALID)], name
    assert (ada.member.state, bob.member.state) == (MemberState.ENDED, MemberState.LIVE)
    assert not room.committer._queue
    assert room.document.replica.text() == "text"


async def test_whatever_an_ended_replica_still_sends_is_void(room: Room) -> None:
    """P8."""
    ada = room.join()
    room.sends(ada, ada.edit(b"garbage"))
    assert room.sends(ada, ada.types("late")) == []
    assert room.streams.sync(ada.caller, SyncAsked(room.document.channel, EMPTY_STATE_VECTOR)) == ()
    assert room.document.replica.text() == "text"


async def test_an_edit_under_a_reserved_client_id_is_refused(room: Room) -> None:
    """P7."""
    ada = room.join()
    seed_client = room.document.facts.seed_client
    data = update(item(4, b"\x01x"), client=seed_client, clock=room.document.replica.clocks[seed_client])
    room.sends(ada, ada.edit(data))
    assert ada.member.state is MemberState.ENDED
    assert not room.committer._queue


async def test_a_reader_s_edit_ends_the_reader_and_a_useless_answer_does_not(room: Room) -> None:
    """P5, P8."""
    reader = room.join("bob", Role.VIEWER)
    whole = Edit(room.document.channel, 1, room.document.replica.diff(EMPTY_STATE_VECTOR))
    room.streams.edit_denied(reader.caller, whole)
    assert reader.member.state is MemberState.LIVE
    room.streams.edit_denied(reader.caller, reader.types("mine"))
    assert reader.member.state is MemberState.ENDED
    assert not room.committer._queue
    assert room.document.replica.text() == "text"


async def test_an_edit_of_another_lineage_is_foreign(room: Room) -> None:
    """P7."""
    ada = room.join()
    other = seed_update(RESERVED_CLIENTS[3], "another", ROOT, "text of another life")
    room.sends(ada, ada.edit(other))
    assert ada.member.state is MemberState.ENDED
    assert room.document.replica.text() == "text"


async def test_a_part_of_another_lineage_is_asked_for_the_whole(room: Room) -> None:
    """P7."""
    ada = room.join()
    part = update(after(RESERVED_CLIENTS[3], 2, "more"), client=5)
    assert room.sends(ada, ada.edit(part)) == [
        Send(ada.caller.socket, Asked(room.document.channel, EMPTY_STATE_VECTOR))
    ]
    assert ada.member.state is MemberState.FOREIGN


async def test_a_state_vector_of_another_lineage_is_asked_for_its_text(room: Room) -> None:
    """P7."""
    ada = room.join()
    doc: Doc[Text] = Doc()
    doc.apply_update(seed_update(RESERVED_CLIENTS[3], "another", ROOT, "x"))
    effects = room.streams.sync(ada.caller, SyncAsked(room.document.channel, doc.get_state()))
    assert effects == [Send(ada.caller.socket, Asked(room.document.channel, EMPTY_STATE_VECTOR))]


async def test_a_newcomer_s_empty_state_vector_is_no_foreigner_s(room: Room) -> None:
    """P7."""
    ada = room.join()
    effects = room.streams.sync(ada.caller, SyncAsked(room.document.channel, EMPTY_STATE_VECTOR))
    assert effects == [BringLevel(ada.caller.socket, room.document.room, room.document, EMPTY_STATE_VECTOR)]


async def test_a_state_vector_that_cannot_be_read_is_refused(room: Room) -> None:
    ada = room.join()
    with pytest.raises(Invalid):
        room.streams.sync(ada.caller, SyncAsked(room.document.channel, b"\x05garbage"))


@pytest.mark.parametrize(
    ("settings", "data"),
    [
        ({"max_update_bytes": 1024}, update(item(4, b"\x90\x4e" + b"x" * 10_000))),
        (
            {"max_document_bytes": 1024},
            update(item(4, b"\x90\x4e" + b"x" * 10_000).replace(b"\x01t", b"\x0acodemirror")),
        ),
        ({"max_state_bytes": 1024}, update(item(4, b"\x90\x4e" + b"x" * 10_000))),
        ({"max_document_types": 1}, update(item(7, b"\x00"), item(7, b"\x00"))),
        ({"max_pending_bytes": 0}, update(after(3, 100, "x"))),
        ({"max_document_clients": 100}, fake_clients(200)),
    ],
    ids=["update", "document", "state", "types", "pending", "clients"],
)
async def test_what_is_over_a_limit_ends_the_sender_with_that_reason(
    database: Database, settings: dict[str, int], data: bytes
) -> None:
    """P10."""
    async with room_on(database, **settings) as room:
        ada = room.join()
        effects = room.sends(ada, ada.edit(data))
        assert ended(effects) or await ended_at_last(room) == [(ada.caller.socket, ErrorCode.TOO_LARGE)]
        assert not room.committer._queue
        assert room.document.replica.text() == "text"


async def test_a_full_memory_stops_the_reading_until_there_is_room(database: Database) -> None:
    """P10."""
    async with room_on(database, unwritten_limit_bytes=1024) as room:
        ada = room.join()
        assert only(room.sends(ada, ada.types("a")), Pause) == []
        assert only(room.sends(ada, ada.types("b")), Pause) == [Pause(ada.caller.socket, PAUSED_FOR_STORAGE)]
        assert Resume(ada.caller.socket, PAUSED_FOR_STORAGE) in room.commit()


async def test_a_cursor_is_stamped_and_replaced_by_the_newest_on_the_way(room: Room) -> None:
    """P4, P6."""
    ada = room.join()
    state = AwarenessEntry(7, 1, '{"user":{"name":"Somebody else"}}')
    (told,) = room.shows(ada, encode_awareness_update([state]))
    assert isinstance(told, Broadcast)
    assert isinstance(told.message, Aware)
    (entry,) = decode_awareness(told.message.update)
    assert '"name":"ada"' in (entry.state or "")
    assert (told.policy, told.author) == (Latest(7), ada.caller.socket)


async def test_awareness_that_cannot_be_read_is_an_error_for_its_sender_alone(room: Room) -> None:
    """P8."""
    ada = room.join()
    for data in (b"garbage", encode_awareness_update([AwarenessEntry(7, 1, '{"a":NaN}')])):
        (told,) = room.shows(ada, data)
        assert isinstance(told, Send)
        assert isinstance(told.message, Failed)
        assert (told.to, told.message.code) == (ada.caller.socket, ErrorCode.INVALID)
    assert room.document.awareness.present() == []


async def test_who_asks_for_everybody_is_told_everybody(room: Room) -> None:
    ada, bob = room.join("ada"), room.join("bob")
    entry = encode_awareness_update([AwarenessEntry(7, 1, "{}")])
    room.shows(ada, entry)
    (told,) = room.streams.awareness_asked(bob.caller, AwarenessAsked(room.document.channel))
    assert isinstance(told, Send)
    assert isinstance(told.message, Aware)
    assert [entry.client for entry in decode_awareness(told.message.update)] == [7]


async def test_a_channel_that_is_not_open_on_the_socket_is_refused(room: Room) -> None:
    """P5."""
    room.join()
    stranger = Caller(Principal(UserId(uuid4()), "eve", ""), None, ConnectionId(77))
    for channel in (room.document.channel, CHANNEL_OF_NOTHING):
        with pytest.raises(BadRequest):
            room.streams.edit(stranger, Edit(channel, 1, EMPTY_UPDATE))


async def test_what_is_typed_before_the_whole_of_a_foreign_copy_is_inside_it(room: Room) -> None:
    """P7: a key in the round trip must not be taken for hours of offline work."""
    ada = room.join()
    doc: Doc[Text] = Doc()
    doc.apply_update(seed_update(RESERVED_CLIENTS[3], "another", ROOT, "hours of work"))
    room.streams.sync(ada.caller, SyncAsked(room.document.channel, doc.get_state()))
    before = doc.get_state()
    doc.get(ROOT, type=Text).insert(0, "x")
    assert room.sends(ada, ada.edit(doc.get_update(before))) == []
    assert ada.member.state is MemberState.FOREIGN
    room.sends(ada, ada.edit(doc.get_update(EMPTY_STATE_VECTOR)))
    assert await ended_at_last(room) == [(ada.caller.socket, ErrorCode.FOREIGN_LINEAGE)]


async def test_an_honest_edit_of_too_many_places_is_kept_as_text(room: Room) -> None:
    """P8: a replace-all cannot be sent in smaller parts, so its text must not be lost."""
    ada = room.join()
    before = ada.doc.get_state()
    with ada.doc.transaction():
        for _ in range(25_000):
            ada.text.insert(0, "a")
            ada.text.insert(0, "b")
            del ada.text[1:2]
    room.sends(ada, ada.edit(ada.doc.get_update(before)))
    assert await ended_at_last(room) == [(ada.caller.socket, ErrorCode.TOO_LARGE)]
    assert any(isinstance(effect, Leave) and effect.last.recovery_id is not None for effect in room.emitted)


async def test_what_is_typed_while_a_text_is_being_kept_is_kept_with_it(database: Database) -> None:
    """P8."""
    async with room_on(database, max_update_bytes=1024) as room:
        ada = room.join()
        room.sends(ada, ada.types("long" * 1000))
        room.sends(ada, ada.types("last words "))
        await ended_at_last(room)
        async with database.acquire() as connection:
            kept = (await connection.fetch("select text from recoveries"))[0]["text"]
        assert kept.startswith("last words long")


async def test_an_ending_told_late_leaves_the_document_that_was_opened_again(database: Database) -> None:
    """P8: the socket closed and opened it anew while the copy was being kept."""
    async with room_on(database, max_update_bytes=1024) as room:
        ada = room.join()
        room.sends(ada, ada.types("long" * 1000))
        first = ada.member
        room.streams.library.leave(room.document, ada.caller.socket)
        again = Member(ada.caller.socket, first.user_id, first.stamp, first.author_no)
        room.streams.library.join(room.document, ada.caller.socket, again)
        async with asyncio.timeout(SETTLE_TIMEOUT_S):
            await asyncio.gather(*room.streams.endings.services.tasks.running())
        assert first.kept is None
        assert not any(isinstance(effect, Leave) for effect in room.emitted)
        assert again.state is MemberState.LIVE


async def test_the_edits_of_a_turn_are_told_as_one_and_logged_each_by_itself(room: Room) -> None:
    """Attribution stays in the log."""
    ada, bob = room.join("ada"), room.join("bob")
    before = room.document.replica.diff(EMPTY_STATE_VECTOR)
    effects = [effect for n in range(5) for effect in room.streams.edit(ada.caller, ada.types(str(n), at=n))]
    effects += room.streams.edit(bob.caller, bob.types("bob"))
    (told,) = only(turned(effects), Broadcast)
    assert [part.author for part in told.parts] == [ada.caller.socket] * 5 + [bob.caller.socket]
    assert isinstance(told.message, Edited)
    listener: Doc[Text] = Doc()
    text = listener.get(ROOT, type=Text)
    listener.apply_update(before)
    listener.apply_update(told.message.update)
    assert [(row.author_no, row.sender, row.n) for row in room.committer._queue] == [
        *((1, ada.caller.socket, n) for n in range(1, 6)),
        (2, bob.caller.socket, 1),
    ]
    assert str(text) in ("01234bobtext", "bob01234text")
    assert room.document.replica.text() == str(text)


async def test_nothing_is_handed_to_the_log_before_the_turn_ends(room: Room) -> None:
    ada = room.join()
    effects = room.streams.edit(ada.caller, ada.types("a"))
    assert not room.committer._queue
    assert room.document.unwritten == 1
    turned(effects)
    assert len(room.committer._queue) == 1


async def test_edits_are_told_before_the_cursors_of_their_turn_that_may_point_into_them(room: Room) -> None:
    ada = room.join()
    cursor = encode_awareness_update([AwarenessEntry(7, 1, "{}")])
    effects = [*room.streams.awareness(ada.caller, AwarenessSent(room.document.channel, cursor))]
    effects += room.streams.edit(ada.caller, ada.types("a"))
    assert [type(told.message) for told in only(turned(effects), Broadcast)] == [Edited, Aware]


async def test_of_the_cursors_of_a_turn_about_one_client_only_the_newest_is_read(room: Room) -> None:
    """P4: the older ones are not even looked at, so what is wrong with them is not said."""
    ada = room.join()
    states = [AwarenessEntry(7, 1, "{}"), AwarenessEntry(7, 2, "NaN"), AwarenessEntry(8, 1, "{}")]
    states += [AwarenessEntry(7, clock, '{"at":1}') for clock in (3, 4)]
    effects = [
        effect
        for state in states
        for effect in room.streams.awareness(
            ada.caller, AwarenessSent(room.document.channel, encode_awareness_update([state]))
        )
    ]
    told = turned(effects)
    shown = [decode_awareness(each.message.update)[0] for each in only(told, Broadcast)]  # type: ignore[union-attr]
    assert [(entry.client, entry.clock) for entry in shown] == [(8, 1), (7, 4)]
    assert len(told) == 2


async def test_a_cursor_of_who_left_in_the_same_turn_is_not_shown(room: Room) -> None:
    ada = room.join()
    cursor = encode_awareness_update([AwarenessEntry(7, 1, "{}")])
    effects = room.streams.awareness(ada.caller, AwarenessSent(room.document.channel, cursor))
    room.streams.library.leave(room.document, ada.caller.socket)
    assert turned(effects) == []


async def test_a_turn_that_cannot_be_settled_is_logged_by_nobody_and_everyone_starts_anew(room: Room) -> None:
    """P8: who is to blame is not known, so nobody is; nothing of it was called saved."""
    ada, bob = room.join("ada"), room.join("bob")
    room.streams.edit(ada.caller, ada.types("a"))
    settled = room.document.when_settled()
    told = only(room.streams.turns.unsettled(room.document, TurnBroken("panic")), Leave)
    assert [(leave.connection, leave.last.code) for leave in told] == [  # type: ignore[union-attr]
        (ada.caller.socket, ErrorCode.INTERNAL),
        (bob.caller.socket, ErrorCode.INTERNAL),
    ]
    assert not room.committer._queue
    assert room.streams.library.by_id(room.document.facts.id) is None
    with pytest.raises(Gone):
        await settled


async def test_edits_before_the_one_that_broke_the_replica_in_the_same_turn_reach_the_log(room: Room) -> None:
    """P8."""
    ada, bob = room.join("ada"), room.join("bob")
    room.streams.edit(ada.caller, ada.types("a"))
    room.streams.turns.broken(room.document, bob.member, ReplicaBroken("panic"))
    assert [row.sender for row in room.committer._queue] == [ada.caller.socket]
    assert room.streams.library.by_id(room.document.facts.id) is room.document
    room.commit()
    assert room.streams.library.by_id(room.document.facts.id) is None


async def test_a_reader_that_fell_behind_is_sent_what_was_held_when_it_fell(room: Room) -> None:
    """P2: its mark must not claim what it was not told."""
    ada, bob = room.join("ada"), room.join("bob")
    room.sends(bob, bob.types("told "))
    known = bob.doc.get_state()
    room.sends(ada, ada.answers(ada.types("answer ").update))
    mark = room.document.mark()
    room.commit()
    missed = room.document.since(mark).update
    bob.doc.apply_update(missed)
    assert room.document.mark() != mark
    assert str(bob.text) == room.document.replica.text()
    assert bob.doc.get_state() != known


async def test_a_snapshot_fills_the_gap_before_a_row_that_is_known_already(room: Room) -> None:
    """P2, P3: the numbers between were folded into it and exist nowhere else."""
    ada = room.join()
    ada.types("folded ")
    known = ada.types("known ")
    room.outcomes._heard(room.document, [(Seq(3), known.update)])
    assert room.document.has_gap
    snapshot = ada.doc.get_update()
    room.outcomes._heard(room.document, [(Seq(3), snapshot)], Seq(3))
    room.document.jump(Seq(3))
    assert room.document.replica.text() == "known folded text"
