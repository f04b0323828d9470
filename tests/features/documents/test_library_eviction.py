"""How many documents a worker keeps in memory, and which of them goes first (P10)."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from protocol.ids import ConnectionId, UserId
from server.access.principal import Principal, person
from server.errors import LimitReached
from server.feature import Caller
from server.features.documents.awareness import Stamp
from server.features.documents.document import Document, Member
from server.features.documents.library import Library
from server.store.db import Database
from tests.features.documents.history import History, history, services_on

LIMIT = 2
CONNECTION = ConnectionId(1)


@pytest.fixture
async def library(database: Database) -> AsyncIterator[Library]:
    library = Library(services_on(database, max_documents=LIMIT))
    yield library
    await library.services.tasks.stop()


@pytest.fixture
async def made(database: Database) -> list[History]:
    return [await history(database, f"{n}.txt") for n in range(4)]


def join(library: Library, document: Document, user_id: UserId) -> None:
    ada = Principal(user_id, "Ada", "ada@example.org", frozenset({"read"}), None, None)
    member = Member(CONNECTION, user_id, Stamp.of(person(ada)), None, Caller(ada, None, CONNECTION))
    library.join(document, CONNECTION, member)


async def test_a_document_that_nobody_has_open_makes_room_for_another(library: Library, made: list[History]) -> None:
    """P10."""
    for each in made:
        assert (await library.get(each.document_id)).facts.id == each.document_id
        assert len(library.documents()) <= LIMIT


async def test_the_one_that_was_idle_longest_goes_first(library: Library, made: list[History]) -> None:
    old, new = await library.get(made[0].document_id), await library.get(made[1].document_id)
    old.idle_since, new.idle_since = 1.0, 2.0
    await library.get(made[2].document_id)
    assert old not in library.documents()
    assert new in library.documents()


async def test_what_people_have_open_stays_and_more_is_refused(library: Library, made: list[History]) -> None:
    """P10."""
    user_id = UserId(made[0].project_id)
    opened = [await library.get(each.document_id) for each in made[:LIMIT]]
    for document in opened:
        join(library, document, user_id)
    with pytest.raises(LimitReached):
        await library.get(made[2].document_id)
    assert library.documents() == opened
    library.leave(opened[0], CONNECTION)
    await library.get(made[2].document_id)


async def test_an_edit_that_is_not_saved_keeps_its_document(library: Library, made: list[History]) -> None:
    """P1."""
    for each in made[:LIMIT]:
        (await library.get(each.document_id)).submitted += 1
    with pytest.raises(LimitReached):
        await library.get(made[2].document_id)


async def test_loads_at_once_keep_the_limit_and_give_nobody_a_dropped_document(
    library: Library, made: list[History]
) -> None:
    """P10."""

    async def is_kept(each: History) -> bool:
        document = await library.get(each.document_id)
        return document in library.documents() and len(library.documents()) <= LIMIT

    answers = await asyncio.gather(*(is_kept(each) for each in made), return_exceptions=True)
    assert answers.count(True) >= LIMIT
    assert all(answer is True or isinstance(answer, LimitReached) for answer in answers)


async def test_a_document_that_was_loaded_for_somebody_is_not_idle_before_they_are_in_it(
    library: Library, made: list[History]
) -> None:
    """P8: its channel would lead nowhere, and what they type would be lost without a word."""
    asking = asyncio.ensure_future(library.get(made[0].document_id))
    while not library.documents():  # noqa: ASYNC110 - a task of the library loads it
        await asyncio.sleep(0)
    assert not asking.done()
    assert library.idle(now=1_000.0, for_s=0) == []
    assert await asking in library.idle(now=2_000.0, for_s=0)
