"""What a document is given in one loop turn is told, shown and logged together at its end."""

import pytest
from pycrdt import Doc, Text

from protocol.errors import ErrorCode
from protocol.ids import Seq
from protocol.message import AwarenessSent
from protocol.outbound import Aware, Edited
from protocol.yjs.awareness import AwarenessEntry, decode_awareness, encode_awareness_update
from protocol.yjs.sync import EMPTY_STATE_VECTOR
from server.errors import Gone
from server.features.documents.intake import FEW_DELETIONS
from server.features.documents.replica import ReplicaBroken, TurnBroken
from server.hub.effects import (
    Broadcast,
    Leave,
)
from tests.features.documents.room import ROOT, Room, only, turned


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


async def test_keys_that_delete_are_told_and_logged_with_those_of_their_turn_that_insert(room: Room) -> None:
    """A long history has one in twelve: closed by each of them, the transaction would be what a key costs."""
    ada, bob = room.join("ada"), room.join("bob")
    before = room.document.replica.diff(EMPTY_STATE_VECTOR)
    effects = [*room.streams.edit(ada.caller, ada.types("abc"))]
    effects += room.streams.edit(ada.caller, ada.deletes(1, 3))
    effects += room.streams.edit(bob.caller, bob.deletes(0, 2))
    (told,) = only(turned(effects), Broadcast)
    assert isinstance(told.message, Edited)
    listener: Doc[Text] = Doc()
    text = listener.get(ROOT, type=Text)
    listener.apply_update(before)
    listener.apply_update(told.message.update)
    assert (str(text), room.document.replica.text()) == ("axt", "axt")
    assert [(row.sender, row.n) for row in room.committer._queue] == [
        (ada.caller.socket, 1),
        (ada.caller.socket, 2),
        (bob.caller.socket, 1),
    ]


async def test_an_answer_that_repeats_only_deletions_is_not_logged(room: Room) -> None:
    ada, bob = room.join("ada"), room.join("bob")
    deletion = ada.deletes(0, 2)
    room.sends(ada, deletion)
    assert not room.sends(bob, bob.answers(deletion.update))
    assert len(room.committer._queue) == 1


async def test_many_deletions_at_once_are_logged_only_if_they_are_new(room: Room) -> None:
    """On `/ws` an answer is an edit like any other, and repeats every deletion of the document."""
    ada, bob = room.join("ada"), room.join("bob")
    room.sends(ada, ada.types("-" * 100))
    before = ada.doc.get_state()
    for at in range(FEW_DELETIONS + 1):
        del ada.text[at]
    deletions = ada.edit(ada.doc.get_update(before))
    room.sends(ada, deletions)
    assert len(room.document.replica.text()) == 100 + len("text") - FEW_DELETIONS - 1
    assert not room.sends(bob, bob.edit(deletions.update))
    assert len(room.committer._queue) == 2


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
