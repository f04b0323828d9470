"""What the hot handlers return: who is told what, and what goes to the log (a handler never sends)."""

import asyncio
from uuid import uuid4

import pytest
from pycrdt import Doc, Text

from protocol.errors import ErrorCode
from protocol.ids import ConnectionId, UserId
from protocol.message import AwarenessAsked, Edit, SyncAsked
from protocol.outbound import Asked, Aware, Edited, Failed, Saved
from protocol.yjs.awareness import AwarenessEntry, decode_awareness, encode_awareness_update
from protocol.yjs.sync import EMPTY_STATE_VECTOR, EMPTY_UPDATE
from server.access.principal import Principal
from server.access.roles import Role
from server.errors import BadRequest, Invalid
from server.feature import Caller
from server.features.documents.document import Member, MemberState
from server.features.documents.replica import RESERVED_CLIENTS
from server.features.documents.turns import PAUSED_FOR_STORAGE
from server.features.documents.updates import seed_update
from server.hub.effects import (
    BringLevel,
    Broadcast,
    Latest,
    Leave,
    Part,
    Pause,
    Resume,
    Resync,
    Send,
)
from server.store.db import Database
from tests.features.documents.room import (
    CHANNEL_OF_NOTHING,
    ROOT,
    SETTLE_TIMEOUT_S,
    Room,
    ended,
    ended_at_last,
    only,
    room_on,
)
from tests.protocol.mutations import after, fake_clients, item, update


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
        again = Member(ada.caller.socket, first.user_id, first.stamp, first.author_no, ada.caller)
        room.streams.library.join(room.document, ada.caller.socket, again)
        async with asyncio.timeout(SETTLE_TIMEOUT_S):
            await asyncio.gather(*room.streams.endings.services.tasks.running())
        assert first.kept is None
        assert not any(isinstance(effect, Leave) for effect in room.emitted)
        assert again.state is MemberState.LIVE
