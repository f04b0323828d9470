"""Whose an awareness id is, and what becomes of it when sockets break (P6)."""

from uuid import UUID

from protocol.ids import ConnectionId, UserId
from protocol.session import Person
from protocol.yjs.awareness import AwarenessEntry
from server.features.documents.awareness import AwarenessBook, Stamp

ADA, EVE = (
    Stamp.of(Person(id=UserId(UUID(int=number)), name=name, color="#000000", color_light="#00000033"))
    for number, name in enumerate(("Ada", "Eve"))
)
OLD, NEW = ConnectionId(1), ConnectionId(2)
CLIENT = 77


def book_with_ada(clock: int = 5) -> AwarenessBook:
    book = AwarenessBook(max_state_bytes=1000, max_ids_per_socket=2)
    assert book.take(OLD, ADA, [AwarenessEntry(CLIENT, clock, "{}")], 0.0)
    return book


def test_a_newer_socket_of_the_same_person_takes_an_id_over_from_one_that_may_be_dead() -> None:
    book = book_with_ada()
    assert book.take(NEW, ADA, [AwarenessEntry(CLIENT, 6, "{}")], 1.0)
    assert book.leave(OLD) == []
    assert [entry.client for entry in book.leave(NEW)] == [CLIENT]


def test_a_repeated_state_moves_no_id() -> None:
    """Stock clients send back what they hear of others."""
    book = book_with_ada()
    assert book.take(NEW, ADA, [AwarenessEntry(CLIENT, 5, "{}"), AwarenessEntry(CLIENT, 6, None)], 1.0) == []
    assert [entry.client for entry in book.leave(OLD)] == [CLIENT]


def test_an_older_socket_does_not_take_an_id_back() -> None:
    book = book_with_ada()
    book.take(NEW, ADA, [AwarenessEntry(CLIENT, 6, "{}")], 1.0)
    assert book.take(OLD, ADA, [AwarenessEntry(CLIENT, 7, "{}")], 2.0) == []


def test_somebody_else_never_gets_the_id() -> None:
    book = book_with_ada()
    stolen = [AwarenessEntry(CLIENT, 9, "{}")]
    assert book.take(NEW, EVE, stolen, 1.0) == []
    book.leave(OLD)
    assert book.take(NEW, EVE, stolen, 2.0) == []
    assert book.outlived(EVE, stolen) == []


def test_one_that_returns_behind_its_departure_is_told_of_it() -> None:
    book = book_with_ada(clock=5)
    (departure,) = book.leave(OLD)
    returning = [AwarenessEntry(CLIENT, 5, "{}")]
    assert book.take(NEW, ADA, returning, 1.0) == []
    assert book.outlived(ADA, returning) == [departure] == [AwarenessEntry(CLIENT, 6, None)]
    raised = [AwarenessEntry(CLIENT, 7, "{}")]
    assert book.take(NEW, ADA, raised, 1.0)
    assert book.outlived(ADA, raised) == []
