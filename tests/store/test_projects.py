"""Projects, their events and their commands as rows."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from server.store import commands, events, projects, recoveries
from server.store.db import Connection, Database
from server.store.projects import CollaboratorRole, ProjectVisibility
from tests.store.examples import add_project, add_user

FAR = datetime(2100, 1, 1, tzinfo=UTC)
PAST = datetime(2000, 1, 1, tzinfo=UTC)


async def join(connection: Connection, project_id: UUID, user_id: UUID, *, has_accepted: bool = True) -> None:
    await connection.execute(
        "insert into project_collaborators (project_id, user_id, role, accepted_at) values ($1, $2, 'editor', $3)",
        [project_id, user_id, PAST if has_accepted else None],
    )


async def standing(connection: Connection, project_id: UUID, user_id: UUID) -> projects.StandingRow:
    return await projects.list_standings.one(connection, project_ids=[project_id], user_ids=[user_id])


async def set_visibility(connection: Connection, project_id: UUID, visibility: str) -> None:
    await connection.execute("update projects set visibility = $1 where id = $2", [visibility, project_id])


async def test_the_owner_of_a_new_project_is_its_collaborator(database: Database) -> None:
    async with database.acquire() as connection:
        owner = await add_user(connection)
        project_id = await add_project(connection, owner)
        found = await standing(connection, project_id, owner)
    assert found == projects.StandingRow(
        project_id,
        owner,
        "Sketch",
        ProjectVisibility.PRIVATE,
        is_archived=False,
        role=CollaboratorRole.OWNER,
        permissions={},
        is_guest=False,
        path_rights_version=0,
        is_on_owners_team=False,
    )


async def test_a_stranger_has_no_role_and_is_on_no_team(database: Database) -> None:
    async with database.acquire() as connection:
        project_id = await add_project(connection, await add_user(connection))
        await set_visibility(connection, project_id, "team")
        found = await standing(connection, project_id, await add_user(connection, "Eve"))
    assert (found.role, found.permissions, found.is_on_owners_team) == (None, None, False)


async def test_a_collaborator_of_any_project_is_on_the_owners_team_everywhere(database: Database) -> None:
    async with database.acquire() as connection:
        owner, friend = await add_user(connection), await add_user(connection, "Bob")
        shared, other = await add_project(connection, owner), await add_project(connection, owner)
        await set_visibility(connection, other, "team")
        await join(connection, shared, friend)
        found = await standing(connection, other, friend)
    assert (found.role, found.is_on_owners_team) == (None, True)


async def test_many_standings_are_read_at_once_and_a_project_that_is_gone_has_none(database: Database) -> None:
    async with database.acquire() as connection:
        owner, eve = await add_user(connection), await add_user(connection, "Eve")
        project_id = await add_project(connection, owner)
        rows = await projects.list_standings.all(
            connection, project_ids=[project_id, uuid4(), project_id], user_ids=[owner, owner, eve]
        )
    assert {(row.user_id, row.role) for row in rows} == {(owner, CollaboratorRole.OWNER), (eve, None)}


async def test_an_invitation_that_is_not_accepted_gives_no_role(database: Database) -> None:
    async with database.acquire() as connection:
        project_id = await add_project(connection, await add_user(connection))
        guest = await add_user(connection, "Bob")
        await join(connection, project_id, guest, has_accepted=False)
        await set_visibility(connection, project_id, "team")
        found = await standing(connection, project_id, guest)
        mine = await list_mine(connection, guest)
    assert (found.role, found.is_on_owners_team, mine) == (None, False, [])


async def list_mine(connection: Connection, user_id: UUID, limit: int = 10, **cursor: object) -> list[UUID]:
    given = {"only_owned": False, "words": None, "is_archived": None, "before_updated_at": None, "before_id": None}
    rows = await projects.list_my_projects.all(connection, user_id=user_id, limit=limit, **(given | cursor))
    return [row.id for row in rows]


async def test_my_projects_come_newest_first_page_by_page(database: Database) -> None:
    async with database.acquire() as connection:
        me, other = await add_user(connection), await add_user(connection, "Bob")
        made = [await add_project(connection, me, f"P{number}") for number in range(3)]
        shared = await add_project(connection, other)
        await add_project(connection, other, "not mine")
        await join(connection, shared, me)
        first = await list_mine(connection, me, limit=2)
        [last] = await projects.projects_of_ids.all(connection, project_ids=first[-1:])
        second = await list_mine(connection, me, before_updated_at=last.updated_at, before_id=last.id)
    assert [*first, *second] == [shared, *reversed(made)]


async def test_the_visit_of_a_project_is_written_at_most_once_in_a_while(database: Database) -> None:
    hour = timedelta(hours=1)
    async with database.acquire() as connection:
        project_id = await add_project(connection, await add_user(connection))
        touched = [
            await projects.touch_project.run(connection, project_id=project_id, now=PAST + wait, at_most_every=hour)
            for wait in (timedelta(0), timedelta(minutes=59), timedelta(minutes=61))
        ]
    assert touched == [1, 0, 1]


async def append(connection: Connection, project_id: UUID, kind: str = "FileCreated") -> int:
    row = await events.append_event.one(
        connection, project_id=project_id, kind=kind, body={"path": "a"}, audience="read"
    )
    return row.seq


async def test_events_are_numbered_in_the_order_of_their_commits_without_gaps(database: Database) -> None:
    async with database.acquire() as connection:
        project_id = await add_project(connection, await add_user(connection))

    async def one(number: int) -> None:
        async with database.transaction() as tx:
            await append(tx, project_id, f"Kind{number}")

    await asyncio.gather(*(one(number) for number in range(12)))
    async with database.acquire() as connection:
        listed = await events.list_events_since.all(connection, project_id=project_id, after_seq=0, limit=100)
        head = await events.get_event_head.one(connection, project_id=project_id)
    assert [event.seq for event in listed] == list(range(1, 13))
    assert (head.seq, head.oldest_seq) == (12, 1)


async def test_a_transaction_that_fails_leaves_no_hole_in_the_numbers(database: Database) -> None:
    async with database.acquire() as connection:
        project_id = await add_project(connection, await add_user(connection))
        await append(connection, project_id)

        async def append_and_fail() -> None:
            async with database.transaction() as tx:
                assert await append(tx, project_id) == 2
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await append_and_fail()
        assert await append(connection, project_id) == 2


async def test_events_after_a_number_are_listed_up_to_a_limit(database: Database) -> None:
    async with database.acquire() as connection:
        project_id = await add_project(connection, await add_user(connection))
        for _ in range(4):
            await append(connection, project_id)
        listed = await events.list_events_since.all(connection, project_id=project_id, after_seq=1, limit=2)
        assert [event.seq for event in listed] == [2, 3]
        assert listed[0].body == {"path": "a"}
        assert await events.expire_events.run(connection, before=PAST, limit=10) == 0
        assert await events.expire_events.run(connection, before=FAR, limit=3) == 3
        head = await events.get_event_head.one(connection, project_id=project_id)
        assert (head.seq, head.oldest_seq) == (4, 4)


async def test_a_command_takes_effect_once_and_its_repetition_gets_the_first_reply(database: Database) -> None:
    """P12."""
    async with database.acquire() as connection:
        user_id, command_id, effects = await add_user(connection), uuid4(), []

    async def handle(answer: bytes) -> bytes | None:
        async with database.transaction() as tx:
            if await commands.claim_command.maybe(tx, user_id=user_id, command_id=command_id, fingerprint=None):
                effects.append(answer)
                await commands.record_reply.run(tx, user_id=user_id, command_id=command_id, reply=answer)
            return (await commands.find_command.one(tx, user_id=user_id, command_id=command_id)).reply

    replies = await asyncio.gather(*(handle(b"answer %d" % number) for number in range(5)))
    assert len(effects) == 1
    assert set(replies) == set(effects)


async def test_a_command_that_failed_may_be_tried_again(database: Database) -> None:
    """P12."""
    async with database.acquire() as connection:
        user_id, command_id = await add_user(connection), uuid4()

    async def claim_and_fail() -> None:
        async with database.transaction() as tx:
            assert await commands.claim_command.maybe(tx, user_id=user_id, command_id=command_id, fingerprint=None)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await claim_and_fail()
    async with database.transaction() as tx:
        assert await commands.claim_command.maybe(tx, user_id=user_id, command_id=command_id, fingerprint=None)


async def add_recovery(connection: Connection, project_id: UUID, user_id: UUID, text: str, keep: int = 2) -> UUID:
    return await recoveries.add_recovery.one(
        connection,
        project_id=project_id,
        document_id=None,
        user_id=user_id,
        path="main.py",
        reason="foreign lineage",
        text=text,
        size_bytes=len(text),
        expires_at=FAR,
        keep=keep,
    )


async def list_recoveries(connection: Connection, project_id: UUID, user_id: UUID) -> list[UUID]:
    rows = await recoveries.list_my_recoveries.all(
        connection, project_id=project_id, user_id=user_id, before_created_at=None, before_id=None, limit=10
    )
    return [row.id for row in rows]


async def test_recovery_copies_are_bounded_for_each_person_and_the_newest_are_kept(database: Database) -> None:
    """P8, P10."""
    async with database.acquire() as connection:
        ada, bob = await add_user(connection), await add_user(connection, "Bob")
        project_id = await add_project(connection, ada)
        of_bob = await add_recovery(connection, project_id, bob, "bob's")
        made = [await add_recovery(connection, project_id, ada, f"text {number}") for number in range(4)]
        assert await list_recoveries(connection, project_id, ada) == [made[3], made[2]]
        assert await list_recoveries(connection, project_id, bob) == [of_bob]
        assert (await recoveries.get_recovery.one(connection, recovery_id=made[3])).text == "text 3"
        assert await recoveries.expire_recoveries.run(connection, now=FAR, limit=10) == 3
