"""What people do with whole projects, and what everybody else in them sees of it at once."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from protocol.collaborators import ListCollaborators
from protocol.documents import OpenDocument, ReadDocument
from protocol.files import CreateFile
from protocol.ids import ProjectId, UserId
from protocol.model import Command
from protocol.projects import (
    ArchiveProject,
    CreateProject,
    DeleteProject,
    GetProject,
    ListDeletedProjects,
    ListProjects,
    RestoreProject,
    SetVisibility,
    TransferProject,
    UnarchiveProject,
    UpdateProject,
)
from runner.hub_client import HubClient, ServerRefused
from server.bus.local import Exchange, LocalBus
from server.clock import ManualClock
from server.features import projects
from tests.features.documents.history import services_on
from tests.features.projects.people import becomes_guest, commander, executed, joins
from tests.harness.editor import Editor
from tests.harness.listener import Listener
from tests.harness.worker import Person, Worker, running_worker
from tests.store.test_deletion import mentions, rows_by_table

WITHIN_S = 1.0  # P5
PATH = "a.txt"


@asynccontextmanager
async def two_workers(database_url: str) -> AsyncIterator[tuple[Worker, Worker]]:
    exchange = Exchange()
    async with AsyncExitStack() as stack:
        here, there = [
            await stack.enter_async_context(running_worker(database_url, bus=LocalBus(exchange), rights_poll_s=3600.0))
            for _ in range(2)
        ]
        yield here, there


async def refused(code: str, client: Any, command: Command[Any], *context: ProjectId) -> None:
    with pytest.raises(ServerRefused, match=code):
        await client.command(command, *context)


async def test_a_change_of_settings_is_told_to_everybody_and_keeps_what_it_does_not_name(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id, "bob", "viewer")
    async with worker.client(ada, project_id) as owner, worker.client(bob, project_id) as client:
        listener, start = Listener(client), client.welcome.seq
        await owner.command(UpdateProject(description="What it is", tags=["a", "b", "a"], status="built"))
        changed = await owner.command(UpdateProject(project_name="New name", tech_stack=["rust"]))
        assert (changed.name, changed.description, changed.tags) == ("New name", "What it is", ["a", "b"])
        assert (changed.tech_stack, changed.status) == (["rust"], "built")
        assert (await owner.command(UpdateProject(description=""))).description is None
        await listener.until(start + 3)
        assert [(name, body["projectName"]) for name, body, _ in listener.events][1] == ("projects/changed", "New name")
        assert (await client.command(GetProject())).name == "New name"


@pytest.mark.parametrize("command", [
    {"project_name": "   "}, {"project_name": "x" * 256}, {"tags": [""]}, {"tags": ["x" * 51]},
    {"tags": [str(n) for n in range(31)]}, {"status": "archived"}, {"description": "x" * 2001},
])  # fmt: skip
async def test_settings_that_break_a_bound_are_refused(worker: Worker, command: dict[str, object]) -> None:
    """P10."""
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada)) as client:
        with pytest.raises(ServerRefused, match="invalid"):
            await client.request(UpdateProject.name, command, ada.id)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", ["editor", "reviewer", "viewer"])
async def test_only_the_owner_settles_what_becomes_of_a_project(worker: Worker, role: str) -> None:
    """P5: not even who may manage its people hands it over or deletes it."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id, "bob", role)
    async with worker.client(bob, project_id) as client:
        for command in (UpdateProject(), SetVisibility(visibility="public"), ArchiveProject(), DeleteProject()):
            await refused("forbidden", client, command)
    manage = """update project_collaborators set permissions = '{"canManagePermissions": true}' where user_id = $1"""
    await executed(worker, manage, bob.id)
    async with commander(worker, bob) as manager:
        manager.worker.app.door.grants.forget(project_id, None)
        await manager.command(UpdateProject(project_name="Renamed"), project_id)
        for command in (DeleteProject(), TransferProject(user_id=bob.id)):
            await refused("forbidden", manager, command, project_id)


async def test_an_archived_project_is_read_only_for_everybody_within_a_second_and_writable_again_after(
    database_url: str,
) -> None:
    """P5, P9."""
    async with two_workers(database_url) as (here, there):
        ada = await here.person()
        project_id = await here.project(ada, {PATH: "text"})
        bob = await here.joined(project_id, "bob")
        async with here.client(ada, project_id) as owner, there.client(bob, project_id) as client:
            editor, listener = await Editor().open(client, PATH), Listener(client)
            await owner.command(UpdateProject(status="built"))
            archived = await owner.command(ArchiveProject())
            began = time.monotonic()
            await listener.until_named("collaborators/regranted")
            assert time.monotonic() - began < WITHIN_S
            assert (archived.status, archived.archived_at is not None) == ("archived", True)
            await editor.type(4, " too late")
            assert (await editor.channel.when_ended())["code"] == "forbidden"
            for person in (owner, client):
                await refused("forbidden", person, CreateFile(path="b.txt"))
                assert (await person.command(OpenDocument(path=PATH))).access == "read"
            await refused("conflict", owner, UpdateProject(project_name="New"))
            told = Listener(owner)
            back = await owner.command(UnarchiveProject())
            assert (back.status, back.archived_at) == ("built", None)
            await told.until_named("collaborators/regranted")
            await owner.command(CreateFile(path="b.txt"))
            assert (await owner.command(ReadDocument(path=PATH))).text == "text"


async def test_a_project_that_is_made_private_closes_who_only_read_it(database_url: str) -> None:
    """P5, P9."""
    async with two_workers(database_url) as (here, there):
        ada, eve = await here.person(), await here.person("eve")
        project_id = await here.project(ada)
        async with here.client(ada, project_id) as owner:
            await owner.command(SetVisibility(visibility="public"))
            async with there.client(eve, project_id) as reader:
                await owner.command(SetVisibility(visibility="private"))
                began = time.monotonic()
                assert (await reader.when_closed()).close_code == 4403
                assert time.monotonic() - began < WITHIN_S


async def roles(client: HubClient) -> dict[UserId, str]:
    return {row.person.id: row.role for row in (await client.command(ListCollaborators())).collaborators}


async def test_a_transfer_makes_one_of_its_people_the_owner_and_the_old_one_an_editor(database_url: str) -> None:
    """P5, P9."""
    async with two_workers(database_url) as (here, there):
        ada = await here.person()
        project_id = await here.project(ada)
        bob = await here.joined(project_id, "bob", "viewer")
        async with here.client(ada, project_id) as old, there.client(bob, project_id) as new:
            told = Listener(new)
            await refused("forbidden", new, CreateFile(path="b.txt"))
            project = await old.command(TransferProject(user_id=bob.id))
            assert (project.owner.id, project.role) == (bob.id, "editor")
            await told.until_named("collaborators/regranted")
            await new.command(CreateFile(path="b.txt"))
            assert await roles(new) == {ada.id: "editor", bob.id: "owner"}
            await refused("forbidden", old, TransferProject(user_id=ada.id))
            await new.command(TransferProject(user_id=ada.id))
            assert await roles(new) == {ada.id: "owner", bob.id: "editor"}


async def test_a_project_is_handed_only_to_one_of_its_people_and_to_no_guest(worker: Worker) -> None:
    ada, eve = await worker.person(), await worker.person("eve")
    project_id = await worker.project(ada)
    kim = await worker.joined(project_id, "kim", "viewer")
    await becomes_guest(worker, kim)
    async with worker.client(ada, project_id) as owner:
        await refused("not_found", owner, TransferProject(user_id=eve.id))
        await refused("invalid", owner, TransferProject(user_id=kim.id))
        await refused("invalid", owner, TransferProject(user_id=ada.id))
        assert (await owner.command(GetProject())).owner.id == ada.id


async def test_a_deleted_project_closes_everybody_and_is_nowhere_to_be_found(database_url: str) -> None:
    """P5, P9."""
    async with two_workers(database_url) as (here, there):
        ada = await here.person()
        project_id = await here.project(ada, {PATH: "text"})
        bob = await here.joined(project_id, "bob")
        async with there.client(bob, project_id) as client, commander(here, ada) as owner:
            await owner.command(DeleteProject(), project_id)
            began = time.monotonic()
            assert (await client.when_closed()).close_code == 4410
            assert time.monotonic() - began < WITHIN_S
            assert (await owner.command(ListProjects())).projects == []
            await refused("not_found", owner, GetProject(), project_id)
        async with commander(there, bob) as person:
            await refused("not_found", person, GetProject(), project_id)
            await refused("not_found", person, RestoreProject(id=project_id))


async def test_a_deleted_project_comes_back_with_all_that_was_in_it(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {PATH: "text"})
    bob = await worker.joined(project_id, "bob")
    async with worker.client(bob, project_id) as client:
        editor = await Editor().open(client, PATH)
        await editor.type(4, "!")
        await editor.channel.when_saved()
    async with commander(worker, ada) as owner:
        await owner.command(DeleteProject(), project_id)
        (deleted,) = (await owner.command(ListDeletedProjects())).projects
        assert (deleted.id, deleted.kept_until - deleted.deleted_at) == (project_id, timedelta(days=30))
        await owner.command(RestoreProject(id=project_id))
        assert (await owner.command(ListDeletedProjects())).projects == []
    async with worker.client(bob, project_id) as client:
        assert (await client.command(ReadDocument(path=PATH))).text == "text!"


async def test_when_its_time_is_over_a_deleted_project_leaves_nothing(database_url: str) -> None:
    """P10."""
    clock = ManualClock(datetime.now(UTC))
    async with running_worker(database_url, clock=clock, deleted_project_days=2) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {f"src/{n}/{PATH}": "text" for n in range(5)})
        async with worker.client(ada, project_id) as client:
            await client.command(OpenDocument(path=f"src/1/{PATH}"))
            await client.command(DeleteProject())
        services = services_on(worker.app.db, clock=clock, deleted_project_days=2)
        (purge,) = [job for job in projects.build(services).jobs if job.name == "purge projects"]
        clock.advance(timedelta(days=2).total_seconds())
        await purge.run()
        async with commander(worker, ada) as owner:
            await refused("not_found", owner, RestoreProject(id=project_id))
            async with worker.app.db.acquire() as connection:
                assert "projects" in mentions(await rows_by_table(connection), project_id)
            clock.advance(timedelta(hours=1, seconds=1).total_seconds())
            await purge.run()
            async with worker.app.db.acquire() as connection:
                assert mentions(await rows_by_table(connection), project_id) <= {"audit_log", "command_ids"}


async def test_who_lost_a_team_with_a_deleted_project_reads_its_siblings_no_more(worker: Worker) -> None:
    """P5."""
    ada = await worker.person()
    shared, team = await worker.project(ada), await worker.project(ada)
    bob = await worker.joined(shared, "bob")
    async with commander(worker, ada) as owner:
        await owner.command(SetVisibility(visibility="team"), team)
        async with worker.client(bob, team) as reader:
            await owner.command(DeleteProject(), shared)
            assert (await reader.when_closed()).close_code == 4403


async def test_one_person_owns_only_so_many_projects(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url, projects_per_person=2) as worker:
        ada = await worker.person()
        async with commander(worker, ada) as owner:
            made = [await owner.command(CreateProject(project_name=name)) for name in ("one", "two")]
            await refused("limit_reached", owner, CreateProject(project_name="three"))
            await owner.command(DeleteProject(), made[0].id)
            await refused("limit_reached", owner, CreateProject(project_name="three"))
            bob = await worker.person("bob")
            await joins(worker, made[1].id, bob)
            await owner.command(TransferProject(user_id=bob.id), made[1].id)
            await owner.command(CreateProject(project_name="three"))
            other = await worker.project(bob)
            await joins(worker, other, ada)
        async with commander(worker, bob) as heir:
            await refused("limit_reached", heir, TransferProject(user_id=ada.id), other)


async def narrowed(worker: Worker, case: str) -> Person:
    """Somebody whose credential is not for making projects."""
    if case == "a reading token":
        return await worker.person("reader", frozenset({"read"}))
    ada = await worker.person()
    if case == "a guest":
        await becomes_guest(worker, ada)
        return ada
    project_id = await worker.project(ada)
    await executed(worker, "update api_tokens set project_id = $1 where user_id = $2", project_id, ada.id)
    return ada


@pytest.mark.parametrize("case", ["a guest", "a reading token", "a token for one project"])
async def test_who_is_here_for_something_else_makes_no_project(worker: Worker, case: str) -> None:
    """P5."""
    async with commander(worker, await narrowed(worker, case)) as person:
        await refused("forbidden", person, CreateProject(project_name="Mine"))


async def test_a_repeated_creation_makes_one_project(worker: Worker) -> None:
    """P12."""
    ada = await worker.person()
    async with worker.http(ada) as http:
        headers = {"idempotency-key": "00000000-0000-4000-8000-000000000001"}
        answers = [await http.post("/api/projects/create", json={"projectName": "x"}, headers=headers) for _ in "12"]
        assert answers[0].json()["id"] == answers[1].json()["id"]
        assert len((await http.post("/api/projects/list", json={})).json()["projects"]) == 1
