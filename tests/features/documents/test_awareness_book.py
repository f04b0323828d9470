"""Who is in a document: ids belong to who brought them, clocks only grow, departures are final (P6)."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from protocol.ids import ConnectionId, UserId
from protocol.yjs.awareness import MAX_CLOCK, AwarenessEntry
from server.features.documents.awareness import LEASE_S, AwarenessBook, Stamp

MAX_STATE_BYTES, MAX_IDS = 1_000, 3

ADA, BOB = (Stamp(UserId(UUID(int=n)), {"id": str(n), "name": name}) for n, name in ((1, "Ada"), (2, "Bob")))
ADAS_TAB, BOBS_TAB, ADAS_NEW_TAB = ConnectionId(1), ConnectionId(2), ConnectionId(3)


@pytest.fixture
def book() -> AwarenessBook:
    return AwarenessBook(MAX_STATE_BYTES, MAX_IDS)


def entry(client: int, clock: int, state: object = "here") -> AwarenessEntry:
    return AwarenessEntry(client, clock, None if state is None else json.dumps({"cursor": state}))


def take(book: AwarenessBook, tab: ConnectionId, stamp: Stamp, *entries: AwarenessEntry, now: float = 0) -> list[int]:
    """Tell the book and return the ids of what it accepted."""
    return [accepted.client for accepted in book.take(tab, stamp, entries, now)]


def shown(book: AwarenessBook) -> dict[int, str]:
    """Whose name each present id carries."""
    return {client: json.loads(state or "null")["user"]["name"] for client, _, state in book.present()}


def test_a_state_carries_the_server_s_identity_whatever_the_client_claims(book: AwarenessBook) -> None:
    """P6."""
    claimed = AwarenessEntry(7, 1, json.dumps({"user": {"name": "Bob", "color": "red"}, "cursor": None}))
    (accepted,) = book.take(ADAS_TAB, ADA, [claimed], 0)
    assert json.loads(accepted.state or "") == {"user": {"id": "1", "name": "Ada"}, "cursor": None}


def test_nobody_speaks_for_an_id_of_somebody_else_not_even_to_remove_it(book: AwarenessBook) -> None:
    """P6."""
    take(book, ADAS_TAB, ADA, entry(7, 1))
    assert take(book, BOBS_TAB, BOB, entry(7, 5), entry(8, 1)) == [8]
    assert take(book, BOBS_TAB, BOB, entry(7, 1, None)) == []
    assert shown(book) == {7: "Ada", 8: "Bob"}


def test_an_id_stays_its_owner_s_after_they_left(book: AwarenessBook) -> None:
    """P6."""
    take(book, ADAS_TAB, ADA, entry(7, 1))
    book.leave(ADAS_TAB)
    assert take(book, BOBS_TAB, BOB, entry(7, 99)) == []
    assert take(book, ADAS_NEW_TAB, ADA, entry(7, 99)) == [7]


def test_the_clock_must_grow(book: AwarenessBook) -> None:
    take(book, ADAS_TAB, ADA, entry(7, 5, "new"))
    for clock in (4, 5):
        assert take(book, ADAS_TAB, ADA, entry(7, clock, "old")) == []
    assert take(book, ADAS_TAB, ADA, entry(7, 6)) == [7]


def test_an_equal_clock_counts_when_it_removes(book: AwarenessBook) -> None:
    take(book, ADAS_TAB, ADA, entry(7, 5))
    assert take(book, ADAS_TAB, ADA, entry(7, 5, None)) == [7]
    assert shown(book) == {}


def test_a_late_message_does_not_bring_a_departed_id_back(book: AwarenessBook) -> None:
    take(book, ADAS_TAB, ADA, entry(7, 5))
    ((_, clock, state),) = book.leave(ADAS_TAB)
    assert (clock, state) == (6, None)
    assert take(book, ADAS_NEW_TAB, ADA, entry(7, 6)) == []
    assert shown(book) == {}


def test_the_same_person_takes_an_id_over_from_a_socket_that_may_be_dead(book: AwarenessBook) -> None:
    """P6."""
    take(book, ADAS_TAB, ADA, entry(7, 5))
    assert take(book, ADAS_NEW_TAB, ADA, entry(7, 6)) == [7]
    assert book.leave(ADAS_TAB) == []
    assert shown(book) == {7: "Ada"}


def test_an_id_that_is_not_known_cannot_leave(book: AwarenessBook) -> None:
    assert take(book, ADAS_TAB, ADA, entry(7, 5, None)) == []
    assert take(book, BOBS_TAB, BOB, entry(7, 1)) == [7]


def test_the_greatest_clock_is_kept_for_the_departure(book: AwarenessBook) -> None:
    assert take(book, ADAS_TAB, ADA, entry(7, MAX_CLOCK)) == []
    assert take(book, ADAS_TAB, ADA, entry(7, MAX_CLOCK - 1)) == [7]
    assert book.leave(ADAS_TAB)[0].clock == MAX_CLOCK


def test_who_does_not_renew_is_gone_after_the_lease(book: AwarenessBook) -> None:
    take(book, ADAS_TAB, ADA, entry(7, 1), now=0)
    take(book, BOBS_TAB, BOB, entry(8, 1), now=30)
    assert book.expire(LEASE_S) == []
    assert [client for client, _, _ in book.expire(LEASE_S + 1)] == [7]
    assert shown(book) == {8: "Bob"}


@pytest.mark.parametrize("state", ["[]", "7", '"text"', '{"long": "%s"}' % ("x" * MAX_STATE_BYTES)])
def test_a_state_that_is_no_object_or_too_long_is_refused(book: AwarenessBook, state: str) -> None:
    """P10."""
    with pytest.raises(ValueError, match="state"):
        book.take(ADAS_TAB, ADA, [AwarenessEntry(7, 1, state)], 0)
    assert shown(book) == {}


def test_a_refused_message_changes_nothing_of_what_was_before_it(book: AwarenessBook) -> None:
    """P8."""
    with pytest.raises(ValueError, match="state"):
        book.take(ADAS_TAB, ADA, [entry(7, 1), AwarenessEntry(8, 1, "[]")], 0)
    assert shown(book) == {}
    assert take(book, ADAS_TAB, ADA, entry(7, 1)) == [7]


def test_a_socket_holds_only_so_many_ids(book: AwarenessBook) -> None:
    """P10."""
    take(book, ADAS_TAB, ADA, *(entry(n, 1) for n in range(MAX_IDS)))
    with pytest.raises(ValueError, match="at most"):
        take(book, ADAS_TAB, ADA, entry(99, 1))
    take(book, ADAS_TAB, ADA, entry(0, 2, None))
    assert take(book, ADAS_TAB, ADA, entry(99, 1)) == [99]


def test_a_flood_of_ids_pushes_out_the_flooder_s_own_and_nobody_else_s(book: AwarenessBook) -> None:
    """P6, P10."""
    take(book, BOBS_TAB, BOB, entry(1, 1))
    book.leave(BOBS_TAB)
    for client in range(10, 30_000):
        take(book, ADAS_TAB, ADA, entry(client, 1))
        take(book, ADAS_TAB, ADA, entry(client, 2, None))
    assert take(book, ADAS_TAB, ADA, entry(1, 9)) == []
    assert len(book._presences) < 1_000


def test_a_whole_message_says_who_left_too_late(book: AwarenessBook) -> None:
    take(book, ADAS_TAB, ADA, entry(7, 5))
    book.leave(ADAS_TAB)
    assert book.outlived(ADA, [entry(7, 5)]) == [AwarenessEntry(7, 6, None)]
    assert book.outlived(ADA, [entry(7, 7)]) == []
    assert book.outlived(BOB, [entry(7, 5)]) == []


class Room(RuleBasedStateMachine):
    """Two people with two tabs each say anything at all about four ids; a listener believes what the book accepts."""

    def __init__(self) -> None:
        super().__init__()
        self.book = AwarenessBook(MAX_STATE_BYTES, MAX_IDS)
        self.listener: dict[int, tuple[int, str | None]] = {}
        self.owners: dict[int, UserId] = {}
        self.now = 0.0

    @rule(
        tab=st.sampled_from([1, 2, 3, 4]),
        client=st.integers(0, 3),
        clock=st.integers(0, 6),
        state=st.sampled_from(["here", "there", None]),
    )
    def say(self, tab: int, client: int, clock: int, state: str | None) -> None:
        stamp = ADA if tab % 2 else BOB
        try:
            accepted = self.book.take(ConnectionId(tab), stamp, [entry(client, clock, state)], self.now)
        except ValueError:
            return
        for told in accepted:
            assert self.owners.setdefault(told.client, stamp.user_id) == stamp.user_id
        self.tell(accepted)

    @rule(tab=st.sampled_from([1, 2, 3, 4]))
    def leave(self, tab: int) -> None:
        self.tell(self.book.leave(ConnectionId(tab)))

    @rule(seconds=st.sampled_from([1, 20, 50]))
    def wait(self, seconds: int) -> None:
        self.now += seconds
        self.tell(self.book.expire(self.now))

    def tell(self, entries: list[AwarenessEntry]) -> None:
        """A y-protocols client: it takes a greater clock, or an equal one that removes."""
        for client, clock, state in entries:
            known = self.listener.get(client)
            if known is not None:
                is_removal = clock == known[0] and state is None and known[1] is not None
                assert clock > known[0] or is_removal, "the listener would ignore what the book accepted"
            self.listener[client] = (clock, state)

    @invariant()
    def the_listener_sees_what_the_book_shows(self) -> None:
        seen = {client: state for client, (_, state) in self.listener.items() if state is not None}
        assert seen == {client: state for client, _, state in self.book.present()}


TestRoom = Room.TestCase


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=40))
def test_a_socket_s_departure_removes_all_that_it_showed(said: list[tuple[int, int]]) -> None:
    book = AwarenessBook(MAX_STATE_BYTES, 10)
    for client, clock in said:
        book.take(ADAS_TAB, ADA, [entry(client, clock)], 0)
    present = {client for client, _, _ in book.present()}
    assert {client for client, _, _ in book.leave(ADAS_TAB)} == present
    assert book.present() == []
