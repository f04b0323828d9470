"""Whatever a client says its `user` is, others read the server's word (P6): in first states and in repeated ones."""

import json
from uuid import UUID

import pytest

from protocol.ids import ConnectionId, UserId
from protocol.session import Person
from protocol.yjs.awareness import AwarenessEntry
from server.features.documents.awareness import AwarenessBook, Stamp

ADA = Stamp.of(Person(id=UserId(UUID(int=1)), name="Ada", color="#000000", color_light="#00000033"))
SOCKET, OTHER_SOCKET = ConnectionId(1), ConnectionId(2)
USUAL = '{"user":{"name":"x"},"cursor":{"anchor":1,"head":2}}'


def stamped(*states: str) -> list[str]:
    """What becomes of these states, said one after the other on one socket."""
    book = AwarenessBook(max_state_bytes=1000, max_ids_per_socket=2)
    accepted = []
    for clock, state in enumerate(states, start=1):
        accepted += book.take(SOCKET, ADA, [AwarenessEntry(7, clock, state)], 0.0)
    return [entry.state or "" for entry in accepted]


def test_a_repeated_state_keeps_all_but_the_user() -> None:
    moved = '{"user":{"name":"x"},"cursor":{"anchor":3,"head":4},"file":"ä.txt"}'
    first, second = stamped(USUAL, moved)
    assert json.loads(first) == {**json.loads(USUAL), "user": ADA.user}
    assert json.loads(second) == {**json.loads(moved), "user": ADA.user}


@pytest.mark.parametrize(
    "state",
    [
        '{"user":{"name":"x"},"user":{"name":"Eve"}}',
        '{"user":{"name":"x"},"\\u0075ser":{"name":"Eve"}}',
        '{"user":{"name":"x"},"a":{"b":[]},"us\\u0065r":{"name":"Eve"}}',
        '{"user":{"name":"x"} ,"user":{"name":"Eve"}}',
        '{"user":{"name":"x"}}',
        '{"user":{"name":"xy"},"cursor":null}',
        '{"user": {"name":"Eve"}}',
        '{"cursor":null,"user":{"name":"Eve"}}',
        '{"cursor":{"user":{"name":"x"}}}',
        '{"user":1}',
        "{}",
    ],
)
def test_no_state_after_a_usual_one_smuggles_another_name(state: str) -> None:
    for said in ((USUAL, state), (state, state, USUAL), (USUAL, state, state)):
        for unstamped, result in zip(said, stamped(*said), strict=True):
            assert json.loads(result) == {**json.loads(unstamped), "user": ADA.user}


def test_a_user_that_is_a_number_is_not_taken_for_a_longer_one() -> None:
    assert [json.loads(state) for state in stamped('{"user":1,"a":1}', '{"user":12,"a":1}')] == [
        {"user": ADA.user, "a": 1},
        {"user": ADA.user, "a": 1},
    ]


def test_two_people_who_claim_the_same_name_are_told_apart() -> None:
    bob = Stamp.of(Person(id=UserId(UUID(int=2)), name="Bob", color="#111111", color_light="#11111133"))
    book = AwarenessBook(max_state_bytes=1000, max_ids_per_socket=2)
    for clock in (1, 2):
        (ada,) = book.take(SOCKET, ADA, [AwarenessEntry(7, clock, USUAL)], 0.0)
        (other,) = book.take(OTHER_SOCKET, bob, [AwarenessEntry(8, clock, USUAL)], 0.0)
        assert json.loads(ada.state or "")["user"] == ADA.user
        assert json.loads(other.state or "")["user"] == bob.user
