"""One document in memory: order does not matter, what waits is bounded work, and a broken engine is noticed."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Map, Text

from protocol.yjs.sync import EMPTY_STATE_VECTOR, EMPTY_UPDATE
from protocol.yjs.update import UpdateSummary, check_update
from server.features.documents.replica import (
    RESERVED_CLIENTS,
    Replica,
    ReplicaBroken,
    UpdateUnreadable,
)
from server.features.documents.updates import LINEAGE_KEY, LINEAGE_ROOT, seed_update, trimmed
from server.features.documents.waiting import Waiting
from tests.protocol.mutations import after, child, delete_set, item, update

ROOT = "codemirror"
SEED_CLIENT = RESERVED_CLIENTS[7]
SEED = seed_update(SEED_CLIENT, "a lineage", ROOT, "seed ")


class Typist:
    """Makes a person's edits, one update each."""

    def __init__(self, client_id: int, base: bytes = SEED) -> None:
        self.doc: Doc[Text] = Doc(client_id=client_id)
        self.text = self.doc.get(ROOT, type=Text)
        self.doc.apply_update(base)

    def type(self, at: int, text: str) -> bytes:
        before = self.doc.get_state()
        self.text.insert(at, text)
        return self.doc.get_update(before)

    def types(self, text: str) -> list[bytes]:
        return [self.type(len(self.text), letter) for letter in text]


def take(replica: Replica, data: bytes) -> tuple[bytes, ...]:
    """Apply and return what others must be told now."""
    applied = replica.apply(data, check_update(data))
    return (() if applied.waits else (data,)) + applied.released


def checked(data: bytes) -> tuple[bytes, UpdateSummary]:
    return data, check_update(data)


def seeded() -> Replica:
    replica = Replica(ROOT)
    take(replica, SEED)
    return replica


def test_a_seed_carries_the_lineage_and_the_text_under_a_reserved_client() -> None:
    """P7."""
    summary = check_update(SEED)
    assert summary.client_ids == {SEED_CLIENT}
    doc: Doc[object] = Doc()
    doc.apply_update(SEED)
    assert doc.get(LINEAGE_ROOT, type=Map)[LINEAGE_KEY] == "a lineage"
    assert seeded().text() == "seed "


def test_the_seed_of_an_empty_file_is_not_empty() -> None:
    """P7."""
    assert check_update(seed_update(SEED_CLIENT, "l", ROOT, "")).client_ids == {SEED_CLIENT}


def test_an_edit_waits_until_what_it_builds_on_is_there() -> None:
    first, second, third = Typist(1).types("abc")
    replica = seeded()
    assert take(replica, third) == ()
    assert take(replica, second) == ()
    assert (replica.text(), replica.pending_bytes > 0) == ("seed ", True)
    assert take(replica, first) == (first, second, third)
    assert (replica.text(), replica.pending_bytes) == ("seed abc", 0)


def test_what_waits_is_in_no_answer_and_told_when_it_is_whole() -> None:
    first, second = Typist(1).types("ab")
    replica = seeded()
    take(replica, second)
    assert replica.diff(EMPTY_STATE_VECTOR) == seeded().diff(EMPTY_STATE_VECTOR)
    assert second in take(replica, first)


@given(st.randoms(use_true_random=False))
def test_every_order_of_arrival_ends_in_the_same_text(rng: random.Random) -> None:
    """P2."""
    ada, bob = Typist(1), Typist(2)
    updates = []
    for n in range(12):
        author, other = rng.choice([(ada, bob), (bob, ada)])
        data = author.type(rng.randint(0, len(author.text)), f"{n} ")
        updates.append(data)
        if rng.random() < 0.5:
            other.doc.apply_update(data)
    for data in updates:
        ada.doc.apply_update(data)
    replica = seeded()
    told = []
    for data in rng.sample(updates, len(updates)):
        told += take(replica, data)
    assert replica.text() == str(ada.text)
    assert replica.pending_bytes == 0
    assert sorted(told) == sorted(updates)


@given(st.randoms(use_true_random=False))
def test_what_others_are_told_never_leaves_them_waiting(rng: random.Random) -> None:
    """P2."""
    ada, bob = Typist(1), Typist(2)
    updates = []
    for n in range(10):
        author, other = rng.choice([(ada, bob), (bob, ada)])
        updates.append(author.type(rng.randint(0, len(author.text)), f"{n} "))
        other.doc.apply_update(updates[-1])
    replica, reader = seeded(), seeded()
    for data in rng.sample(updates, len(updates)):
        for told in take(replica, data):
            assert take(reader, told) == (told,)
        assert reader.text() == replica.text()


def test_an_arrival_looks_only_at_those_that_it_may_release() -> None:
    """P8, P10."""
    waiting, clocks = Waiting(), {1: 5}
    for n in range(2_000):
        data = update(after(1, 10_000 + n, "x"), client=100 + n)
        waiting.add(data, check_update(data), clocks)
    assert waiting.take(1, 10_000) == []
    assert waiting.take(2, 20_000) == []
    assert [check_update(data).client_ids for data, _ in waiting.take(1, 10_003)] == [{100}, {101}, {102}]
    assert len(waiting.take(1, 20_000)) == 1_997
    assert waiting.cost_bytes == 0


def test_what_waits_is_counted_with_what_it_costs() -> None:
    """P10."""
    replica = seeded()
    data = update(after(1, 10_000, "x"), client=2)
    take(replica, data)
    assert replica.pending_bytes > len(data) + 100


def begun() -> tuple[Replica, Typist, bytes]:
    """A replica that holds a stored state, who wrote it, and that state."""
    ada = Typist(1)
    ada.types("abc")
    state = ada.doc.get_update()
    replica = Replica(ROOT)
    replica.begin_with(state)
    return replica, ada, state


def test_newcomers_are_sent_the_state_that_a_replica_began_with() -> None:
    replica, _, state = begun()
    assert replica.diff(EMPTY_STATE_VECTOR) is state
    assert not replica.is_integrated


def test_an_edit_builds_on_what_a_replica_began_with() -> None:
    """P2: whether it was integrated before or not."""
    replica, ada, state = begun()
    follower = ada.type(0, "x")
    assert take(replica, follower) == (follower,)
    assert replica.text() == "xseed abc"
    late: Doc[Text] = Doc()
    late.apply_update(replica.diff(EMPTY_STATE_VECTOR))
    assert str(late.get(ROOT, type=Text)) == "xseed abc"
    assert replica.diff(EMPTY_STATE_VECTOR) != state


@pytest.mark.parametrize(
    "look",
    [
        lambda replica, _: replica.text() == "seed abc",
        lambda replica, ada: replica.state_vector() == ada.doc.get_state(),
        lambda replica, _: dict(replica.clocks) == {1: 3, SEED_CLIENT: 6},
        lambda replica, _: replica.text_bytes == 8,
        lambda replica, ada: replica.diff(ada.doc.get_state()) == EMPTY_UPDATE,
        lambda replica, _: replica.rewritten("seed")[1] == 1,
        lambda replica, ada: replica.text_with(ada.type(0, "x")) == "xseed abc",
        lambda replica, ada: not replica.apply_answer(*checked(ada.doc.get_update())).is_news,
    ],
)
def test_whatever_is_asked_of_a_replica_is_answered_from_what_it_began_with(
    look: Callable[[Replica, Typist], bool],
) -> None:
    replica, ada, _ = begun()
    assert look(replica, ada)


def test_what_a_replica_began_with_is_not_lost_when_a_turn_begins() -> None:
    """P2."""
    replica, ada, _ = begun()
    replica.begin_turn()
    take(replica, ada.type(0, "x"))
    replica.settle()
    assert replica.text() == "xseed abc"


def test_a_state_that_cannot_be_read_breaks_the_replica_whenever_it_is_asked() -> None:
    """P7: it is never taken for an empty one."""
    replica = Replica(ROOT)
    replica.begin_with(b"\x05 no update")
    for _ in range(2):
        with pytest.raises(ReplicaBroken):
            replica.text()


def test_an_answer_that_repeats_all_is_no_news() -> None:
    ada = Typist(1)
    replica = seeded()
    for data in ada.types("abc"):
        take(replica, data)
    before = ada.doc.get_state()
    del ada.text[0:2]
    deletion = ada.doc.get_update(before)
    take(replica, deletion)
    whole = ada.doc.get_update()
    assert not replica.apply_answer(whole, check_update(whole)).is_news
    assert not replica.apply_answer(deletion, check_update(deletion)).is_news


def test_an_answer_with_one_more_letter_is_news() -> None:
    ada = Typist(1)
    replica = seeded()
    ada.types("abc")
    whole = ada.doc.get_update()
    assert replica.apply_answer(whole, check_update(whole)).is_news
    assert replica.text() == "seed abc"


def test_of_a_repetition_only_the_new_part_is_kept() -> None:
    ada = Typist(1)
    replica = seeded()
    for data in ada.types("ab"):
        take(replica, data)
    newest = ada.type(len(ada.text), "c")
    part = trimmed(ada.doc.get_update(), replica.state_vector())
    assert check_update(part).ranges == check_update(newest).ranges


def test_an_edit_that_waited_and_turns_out_to_be_void_is_left_out() -> None:
    """P8."""
    replica = Replica("t")
    under_text = update(b"\x04\x00\x01\x00\x01y", client=2)
    text = update(item(4, b"\x01x"))
    take(replica, under_text)
    applied = replica.apply(text, check_update(text))
    assert (applied.released, applied.rejected) == ((), (under_text,))
    assert (replica.text(), replica.pending_bytes, replica.clocks) == ("x", 0, {1: 1})


def test_a_character_under_what_is_no_type_is_refused_before_it_can_break_anything() -> None:
    """P8."""
    replica = Replica("t")
    take(replica, update(item(4, b"\x01x")))
    with pytest.raises(UpdateUnreadable):
        take(replica, update(b"\x04\x00\x01\x00\x01y", client=2))
    assert (replica.text(), replica.clocks) == ("x", {1: 1})


def test_what_breaks_the_engine_all_the_same_says_so() -> None:
    """P8."""
    replica = Replica("t")
    take(replica, update(item(4, b"\x01x")))
    stored = update(b"\x04\x00\x01\x00\x01y", client=2)
    with pytest.raises(ReplicaBroken):
        replica.apply(stored, check_update(stored), is_stored=True)


def test_a_character_under_a_type_is_taken_even_when_the_type_is_deleted() -> None:
    replica = Replica("t")
    take(replica, update(item(7, b"\x02")))
    take(replica, update(child(0, 4, b"\x01x"), client=2))
    fresh = Replica("t")
    fresh_state = b"\x00" + delete_set({1: [(0, 1)]})
    take(replica, fresh_state)
    take(fresh, replica.diff(EMPTY_STATE_VECTOR))
    take(fresh, update(child(0, 4, b"\x01y"), client=3))
    assert fresh.clocks == {1: 1, 2: 1, 3: 1}


def test_the_size_of_the_state_is_never_underestimated() -> None:
    """P10."""
    ada, replica = Typist(1), seeded()
    for data in ada.types("some text"):
        take(replica, data)
    assert replica.state_bytes_at_most >= replica.state_bytes == len(replica.diff(EMPTY_STATE_VECTOR))
    assert replica.state_bytes_at_most == replica.state_bytes


def test_bytes_that_the_engine_cannot_read_change_nothing() -> None:
    replica = seeded()
    before = replica.diff(EMPTY_STATE_VECTOR)
    with pytest.raises(UpdateUnreadable):
        replica.diff(b"\x05garbage")
    assert replica.diff(EMPTY_STATE_VECTOR) == before


@given(st.text(max_size=60), st.text(max_size=60))
def test_rewriting_brings_any_text_to_any_other(old: str, new: str) -> None:
    replica = Replica(ROOT)
    take(replica, seed_update(SEED_CLIENT, "l", ROOT, old))
    data, edits = replica.rewritten(new)
    assert (edits == 0) == (old == new) == (data == EMPTY_UPDATE)
    if edits:
        take(replica, data)
    assert replica.text() == new


def test_rewriting_touches_only_what_differs() -> None:
    replica = Replica(ROOT)
    take(replica, seed_update(SEED_CLIENT, "l", ROOT, "one two three 😀 four"))
    data, edits = replica.rewritten("one 2 three 😀 four!")
    assert edits == 2
    assert len(data) < 80


def test_a_text_with_embedded_objects_is_not_rewritten() -> None:
    replica = Replica("t")
    take(replica, update(item(4, b"\x01x"), item(5, b"\x02{}")))
    with pytest.raises(ValueError, match="embedded"):
        replica.rewritten("x")


def test_nested_types_are_counted_over_all_updates() -> None:
    replica = Replica("t")
    for client in range(1, 6):
        take(replica, update(item(7, b"\x00"), item(7, b"\x01"), client=client))
    assert replica.type_count == 10
