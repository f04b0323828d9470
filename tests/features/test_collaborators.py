"""The people of a project: who may see them, change them and take them out, and who is told."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from protocol.collaborators import (
    ChangeRole,
    GivenPermissions,
    LeaveProject,
    ListCollaborators,
    RemoveCollaborator,
    SetPermissions,
)
from protocol.ids import ProjectId
from protocol.model import Command
from runner.hub_client import ServerRefused
from tests.harness.listener import Listener
from tests.harness.worker import Person, Worker


async def refusal(worker: Worker, person: Person, project_id: ProjectId, command: Command[Any]) -> str:
    """The code that a command is refused with; empty when it is not."""
    async with worker.client(person, project_id) as client:
        try:
            await client.command(command)
        except ServerRefused as error:
            return error.code
    return ""


async def audit(worker: Worker, project_id: UUID) -> list[tuple[UUID | None, str, str]]:
    async with worker.app.db.acquire() as connection:
        rows = await connection.fetch(
            "select actor_id, action, subject from audit_log where project_id = $1 order by created_at", [project_id]
        )
    return [(row["actor_id"], row["action"], row["subject"]) for row in rows]


async def test_everybody_in_a_project_sees_its_people_and_those_who_invite_see_addresses(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id, "bob", "viewer")
    async with worker.client(ada, project_id) as owner, worker.client(bob, project_id) as viewer:
        seen = {row.person.id: row for row in (await owner.command(ListCollaborators())).collaborators}
        assert (seen[ada.id].role, seen[ada.id].abilities[-1]) == ("owner", "manage")
        assert (seen[bob.id].role, seen[bob.id].abilities) == ("viewer", ["read"])
        assert (seen[bob.id].person.name, seen[bob.id].email) == ("Bob", "bob@example.org")
        shown = (await viewer.command(ListCollaborators())).collaborators
        assert [row.email for row in shown] == [None, None]


async def test_the_list_of_people_comes_in_pages(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    people = {ada.id} | {(await worker.joined(project_id, f"person{n}")).id for n in range(4)}
    async with worker.client(ada, project_id) as client:
        found, page = [], await client.command(ListCollaborators(limit=2))
        found += page.collaborators
        while page.next is not None:
            page = await client.command(ListCollaborators(limit=2, after=page.next))
            found += page.collaborators
    assert len(found) == 5
    assert {row.person.id for row in found} == people


async def test_a_change_of_role_is_told_to_all_numbered_and_audited(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id)
    async with worker.client(ada, project_id) as owner, worker.client(bob, project_id) as editor:
        listener = Listener(editor)
        changed = await owner.command(ChangeRole(user_id=bob.id, role="reviewer"))
        assert (changed.role, changed.abilities) == ("reviewer", ["read", "comment"])
        await listener.until(1)
    name, body, _ = next(event for event in listener.events if event[2] == 1)
    assert (name, body["collaborator"]["role"]) == ("collaborators/changed", "reviewer")
    assert body["collaborator"]["email"] is None
    assert await audit(worker, project_id) == [(ada.id, "collaborators/changed", str(bob.id))]


async def test_a_permission_overrides_the_role_for_one_person_until_it_is_taken_back(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id, "bob", "viewer")
    async with worker.client(ada, project_id) as owner:
        given = await owner.command(SetPermissions(user_id=bob.id, permissions=GivenPermissions(can_write=True)))
        assert given.abilities == ["read", "write"]
        assert (given.permissions.can_write, given.permissions.can_read) == (True, None)
        taken = await owner.command(SetPermissions(user_id=bob.id, permissions=GivenPermissions()))
        assert taken.abilities == ["read"]


async def test_a_repeated_change_takes_effect_once(worker: Worker) -> None:
    """P12."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id)
    command_id = uuid4()
    async with worker.client(ada, project_id) as owner:
        for _ in range(3):
            await owner.command(ChangeRole(user_id=bob.id, role="viewer"), command_id)
    assert len(await audit(worker, project_id)) == 1


@pytest.mark.parametrize("role", ["editor", "reviewer", "viewer"])
async def test_who_may_not_manage_changes_nobody(worker: Worker, role: str) -> None:
    """P5."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob, eve = await worker.joined(project_id, "bob", "viewer"), await worker.joined(project_id, "eve", role)
    for command in (
        ChangeRole(user_id=bob.id, role="editor"),
        SetPermissions(user_id=bob.id, permissions=GivenPermissions(can_write=True)),
        RemoveCollaborator(user_id=bob.id),
    ):
        assert await refusal(worker, eve, project_id, command) == "forbidden"


async def test_nobody_changes_their_own_rights(worker: Worker) -> None:
    """P5: somebody who may manage cannot give themselves the rest."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await manager(worker, ada, project_id)
    for command in (
        ChangeRole(user_id=bob.id, role="editor"),
        SetPermissions(user_id=bob.id, permissions=GivenPermissions(can_delete=True)),
        RemoveCollaborator(user_id=bob.id),
    ):
        assert await refusal(worker, bob, project_id, command) == "invalid"


async def manager(worker: Worker, owner: Person, project_id: ProjectId, name: str = "bob") -> Person:
    """A viewer who may also manage, and nothing else."""
    person = await worker.joined(project_id, name, "viewer")
    async with worker.client(owner, project_id) as client:
        permissions = GivenPermissions(can_manage_permissions=True)
        await client.command(SetPermissions(user_id=person.id, permissions=permissions))
    return person


async def test_who_manages_gives_and_takes_no_more_than_they_have(worker: Worker) -> None:
    """P5."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await manager(worker, ada, project_id)
    eve, editor = await worker.joined(project_id, "eve", "viewer"), await worker.joined(project_id, "kim", "editor")
    assert await refusal(worker, bob, project_id, ChangeRole(user_id=eve.id, role="editor")) == "forbidden"
    assert await refusal(worker, bob, project_id, ChangeRole(user_id=editor.id, role="viewer")) == "forbidden"
    assert await refusal(worker, bob, project_id, RemoveCollaborator(user_id=editor.id)) == "forbidden"
    permissions = GivenPermissions(can_read=False)
    assert await refusal(worker, bob, project_id, SetPermissions(user_id=eve.id, permissions=permissions)) == ""


async def test_two_who_manage_and_remove_each_other_at_once_do_not_both_go(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob, kim = await manager(worker, ada, project_id), await manager(worker, ada, project_id, "kim")
    async with worker.client(bob, project_id) as one, worker.client(kim, project_id) as two:
        outcomes = await asyncio.gather(
            one.command(RemoveCollaborator(user_id=kim.id)),
            two.command(RemoveCollaborator(user_id=bob.id)),
            return_exceptions=True,
        )
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 1


async def test_the_owner_can_neither_go_nor_be_changed_nor_removed(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await manager(worker, ada, project_id)
    assert await refusal(worker, ada, project_id, LeaveProject()) == "invalid"
    assert await refusal(worker, bob, project_id, RemoveCollaborator(user_id=ada.id)) == "invalid"
    assert await refusal(worker, bob, project_id, ChangeRole(user_id=ada.id, role="viewer")) == "invalid"


async def test_who_leaves_or_is_removed_is_out_and_the_others_are_told(worker: Worker) -> None:
    """P5."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob, eve = await worker.joined(project_id), await worker.joined(project_id, "eve", "viewer")
    async with worker.client(ada, project_id) as owner:
        listener = Listener(owner)
        assert await refusal(worker, eve, project_id, LeaveProject()) == ""
        await owner.command(RemoveCollaborator(user_id=bob.id))
        await listener.until(2)
        assert [row.person.id for row in (await owner.command(ListCollaborators())).collaborators] == [ada.id]
    left = [body for name, body, _ in listener.events if name == "collaborators/left"]
    assert [(body["userId"], body["isRemoved"]) for body in left] == [(str(eve.id), False), (str(bob.id), True)]
    with pytest.raises(ServerRefused, match="not_found"):
        async with worker.client(bob, project_id):
            pass


async def test_a_token_that_only_reads_cannot_leave_for_its_person(worker: Worker) -> None:
    """P5."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id)
    reading = Person(bob.id, await worker.token(bob.id, frozenset({"read"})))
    assert await refusal(worker, reading, project_id, LeaveProject()) == "forbidden"


async def test_somebody_who_is_no_collaborator_cannot_be_changed(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    assert await refusal(worker, ada, project_id, RemoveCollaborator(user_id=uuid4())) == "not_found"  # type: ignore[arg-type]
