"""Deleting a project or a person leaves no orphan in any table and takes nobody else's work."""

from uuid import UUID

import pytest

from server.store import accounts, projects
from server.store.db import Connection, Database
from server.store.failures import ConstraintRefused
from tests.store import catalog
from tests.store.catalog import World
from tests.store.examples import add_project, add_user

GO_WITH_A_PERSON = {
    "accounts",
    "api_tokens",
    "authenticators",
    "collaboration_sessions",
    "collaborative_cursors",
    "command_ids",
    "editor_states",
    "import_files",
    "imports",
    "passkey_challenges",
    "project_collaborators",
    "sessions",
    "sign_in_attempts",
    "tickets",
    "uploads",
    "user_events",
    "users",
}
OUTLIVE_A_PROJECT = {
    "accounts",
    "audit_log",
    "authenticators",
    "blob_bytes",
    "blob_chunks",
    "blobs",
    "command_ids",
    "passkey_challenges",
    "project_templates",
    "sessions",
    "sign_in_attempts",
    "template_files",
    "user_events",
    "users",
    "verification_tokens",
}


@pytest.fixture
async def worlds(database: Database) -> tuple[World, World]:
    """Two projects of different people with a row in every table each; the second was cloned from the first."""
    made = []
    async with database.transaction() as tx:
        for _ in range(2):
            owner_id, member_id = await add_user(tx, "Owner"), await add_user(tx, "Member")
            world = World(owner_id, member_id, await add_project(tx, owner_id))
            await catalog.fill_every_table(tx, world)
            made.append(world)
        first, second = made
        [clone] = await tx.fetch(
            "update projects set source_project_id = $1 where id = $2 returning *",
            [first.project_id, second.project_id],
        )
        second.rows["projects"] = dict(clone)
    return first, second


async def test_deleting_a_project_takes_all_that_is_its_own_and_nothing_else(
    database: Database, worlds: tuple[World, World]
) -> None:
    doomed, other = worlds
    async with database.transaction() as tx:
        before = await rows_by_table(tx)
        assert await projects.delete_project(tx, doomed.project_id)
    async with database.acquire() as connection:
        after = await rows_by_table(connection)
        lost = {table for table in before if len(after[table]) < len(before[table])}
        assert lost == set(before) - OUTLIVE_A_PROJECT
        assert mentions(after, doomed.project_id) == set()
        await assert_untouched(connection, other, except_for={"projects"})
        clone = await projects.get_project(connection, other.project_id)
        assert clone is not None
        assert clone.user_id == other.owner_id


async def test_deleting_a_person_takes_credentials_and_presence_and_never_history(
    database: Database, worlds: tuple[World, World]
) -> None:
    doomed, other = worlds
    async with database.transaction() as tx:
        before = await rows_by_table(tx)
        assert await accounts.delete_user.run(tx, user_id=doomed.member_id) == 1
    async with database.acquire() as connection:
        after = await rows_by_table(connection)
        lost = {table for table in before if len(after[table]) < len(before[table])}
        assert lost == GO_WITH_A_PERSON
        assert mentions(after, doomed.member_id) == set()
        await assert_untouched(connection, other, except_for=set())


async def test_a_person_who_owns_a_project_is_not_deleted(database: Database, worlds: tuple[World, World]) -> None:
    with pytest.raises(ConstraintRefused):
        async with database.transaction() as tx:
            await accounts.delete_user.run(tx, user_id=worlds[0].owner_id)


async def test_an_owner_who_handed_the_project_over_can_be_deleted(
    database: Database, worlds: tuple[World, World]
) -> None:
    world = worlds[0]
    async with database.transaction() as tx:
        await hand_over(tx, world.project_id, world.owner_id, world.member_id)
        assert await accounts.delete_user.run(tx, user_id=world.owner_id) == 1
    async with database.acquire() as connection:
        row = await projects.get_project(connection, world.project_id)
        assert row is not None
        assert row.user_id == world.member_id


async def test_an_owner_never_loses_the_collaborator_row(database: Database, worlds: tuple[World, World]) -> None:
    world = worlds[0]
    for statement in (
        "delete from project_collaborators where project_id = $1 and role = 'owner'",
        "update project_collaborators set role = 'viewer' where project_id = $1 and role = 'owner'",
    ):
        with pytest.raises(ConstraintRefused) as refused:
            async with database.transaction() as tx:
                await tx.execute(statement, [world.project_id])
        assert refused.value.constraint == "projects_owner_collaborates"


async def hand_over(connection: Connection, project_id: UUID, from_user: UUID, to_user: UUID) -> None:
    become = "update project_collaborators set role = '{}' where project_id = $1 and user_id = $2"
    accept = "update project_collaborators set accepted_at = now() where project_id = $1 and user_id = $2"
    await connection.execute(become.format("editor"), [project_id, from_user])
    await connection.execute(accept, [project_id, to_user])
    await connection.execute(become.format("owner"), [project_id, to_user])
    await connection.execute("update projects set user_id = $2 where id = $1", [project_id, to_user])


async def rows_by_table(connection: Connection) -> dict[str, list[str]]:
    """Return every row of every table, as text."""
    return {
        table: [row[0] for row in await connection.fetch(f'select t::text from "{table}" as t')]
        for table in await catalog.tables(connection)
    }


def mentions(rows: dict[str, list[str]], wanted: UUID) -> set[str]:
    """Return the tables that name an id anywhere, in a reference or inside a value."""
    return {table for table, texts in rows.items() if any(str(wanted) in text for text in texts)}


async def assert_untouched(connection: Connection, world: World, except_for: set[str]) -> None:
    for table, row in world.rows.items():
        if table in except_for:
            continue
        found = [dict(record) for record in await connection.fetch(f'select * from "{table}"')]
        assert row in found, f"{table} lost or changed a row of someone else"
