"""The rules of a project are read and compiled once per version, and shared."""

import asyncio
from uuid import UUID

import pytest

from server.access.path_rights import EVERY_PATH, PathAccess
from server.access.roles import Role
from server.access.rule_books import RuleBooks, rights_in
from server.store.db import Database
from server.store.failures import StorageUnavailable
from server.store.path_rights import add_path_right
from tests.store.examples import add_project, add_user


async def ruled(database: Database, glob: str) -> UUID:
    async with database.transaction() as tx:
        owner = await add_user(tx)
        project_id = await add_project(tx, owner)
        await add_path_right.one(tx, project_id=project_id, glob=glob, role="viewer", access="hidden", user_id=owner)
    return project_id


async def test_projects_without_rules_and_versions_that_are_known_ask_nothing(database: Database) -> None:
    """An open socket costs no statement more, and neither does a handshake."""
    one, other = await ruled(database, "a"), await ruled(database, "b")
    books = RuleBooks(database)
    first = await books.of({one: 1, other: 1, UUID(int=1): 0})
    await database.close()
    again = await books.of({one: 1, other: 1, UUID(int=1): 0})
    assert again == first
    viewer = rights_in(again[one], Role.VIEWER)
    assert viewer is rights_in(first[one], Role.VIEWER)
    assert (viewer.access("a"), viewer.access("b")) == (PathAccess.HIDDEN, PathAccess.OPEN)
    assert rights_in(again[one], Role.OWNER) is rights_in(again[UUID(int=1)], Role.VIEWER) is EVERY_PATH
    with pytest.raises(StorageUnavailable):
        await books.of({one: 2})


async def test_those_who_ask_at_the_same_moment_share_one_answer(database: Database) -> None:
    project_id = await ruled(database, "a")
    books = RuleBooks(database)
    answers = await asyncio.gather(*(books.of({project_id: 1}) for _ in range(20)))
    assert len({id(answer[project_id]) for answer in answers}) == 1
