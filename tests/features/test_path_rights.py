"""Rules on paths: who sets them, in which order they count, and what is told of them."""

from uuid import uuid4

import pytest

from protocol.collaborators import (
    GivenPermissions,
    ListPathRights,
    PathRight,
    RemovePathRight,
    SetPathRight,
    SetPermissions,
)
from protocol.documents import ReadDocument
from protocol.files import ChangeTreeSettings, CreateFile, ListFiles, MoveFile
from protocol.ids import ProjectId
from runner.hub_client import HubClient, ServerRefused
from tests.harness.listener import Listener
from tests.harness.worker import Person, Worker, running_worker


async def rule(client: HubClient, glob: str, access: str, role: str = "viewer", **place: object) -> PathRight:
    return await client.command(SetPathRight(glob=glob, role=role, access=access, **place))  # type: ignore[arg-type]


async def globs(client: HubClient) -> list[str]:
    return [right.glob for right in (await client.command(ListPathRights())).rights]


async def paths(client: HubClient) -> list[str]:
    return [file.path for file in (await client.command(ListFiles())).files]


async def peopled(worker: Worker, files: dict[str, str], role: str = "viewer") -> tuple[Person, Person, ProjectId]:
    ada = await worker.person()
    project_id = await worker.project(ada, files)
    return ada, await worker.joined(project_id, "bob", role), project_id


async def test_rules_are_listed_in_the_order_in_which_they_count(worker: Worker) -> None:
    ada, bob, project_id = await peopled(worker, {".env": "", ".env.example": ""})
    async with worker.client(ada, project_id) as owner:
        secret = await rule(owner, ".env*", "hidden")
        await rule(owner, ".env.example", "open")
        assert await globs(owner) == [".env*", ".env.example"]
        async with worker.client(bob, project_id) as viewer:
            assert await paths(viewer) == [".env.example"]
        await rule(owner, ".env.example", "open", before=secret.id)
        assert await globs(owner) == [".env.example", ".env*"]
        async with worker.client(bob, project_id) as viewer:
            assert await paths(viewer) == []


async def test_a_rule_that_is_set_again_keeps_its_place(worker: Worker) -> None:
    ada, _, project_id = await peopled(worker, {})
    async with worker.client(ada, project_id) as owner:
        first = await rule(owner, "a", "hidden")
        await rule(owner, "b", "hidden")
        again = await rule(owner, "a", "read_only")
        assert (again.id, again.access, await globs(owner)) == (first.id, "read_only", ["a", "b"])
        assert (await rule(owner, "a", "hidden", "editor")).id != first.id
        await owner.command(RemovePathRight(id=first.id))
        assert await globs(owner) == ["b", "a"]
        after_none = SetPathRight(glob="c", role="viewer", access="open", before=first.id)
        for command in (RemovePathRight(id=first.id), after_none):
            with pytest.raises(ServerRefused, match="not_found"):
                await owner.command(command)
        assert await globs(owner) == ["b", "a"]


async def test_a_glob_that_would_mislead_is_refused_with_advice(worker: Worker) -> None:
    ada, _, project_id = await peopled(worker, {})
    async with worker.client(ada, project_id) as owner:
        with pytest.raises(ServerRefused, match="access `open`"):
            await rule(owner, "!.env.example", "hidden")


async def test_a_project_has_a_limited_number_of_rules(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url, max_path_rights=2) as worker:
        ada, _, project_id = await peopled(worker, {})
        async with worker.client(ada, project_id) as owner:
            await rule(owner, "a", "hidden")
            await rule(owner, "b", "hidden")
            await rule(owner, "b", "read_only")
            with pytest.raises(ServerRefused, match="at most 2 rules"):
                await rule(owner, "c", "hidden")
            assert await globs(owner) == ["a", "b"]


async def test_whom_a_rule_binds_changes_none_even_if_they_manage(worker: Worker) -> None:
    """P5: nobody widens their own rights."""
    ada, bob, project_id = await peopled(worker, {"plan.txt": ""}, "editor")
    async with worker.client(ada, project_id) as owner:
        manages = GivenPermissions(can_manage_permissions=True)
        await owner.command(SetPermissions(user_id=bob.id, permissions=manages))
        async with worker.client(bob, project_id) as manager:
            of_viewers = await rule(manager, "plan.txt", "read_only")
            mine = await rule(owner, "plan.txt", "hidden", "editor")
            for command in (
                RemovePathRight(id=mine.id),
                RemovePathRight(id=of_viewers.id),
                SetPathRight(glob="plan.txt", role="editor", access="open"),
            ):
                with pytest.raises(ServerRefused, match="bind you yourself"):
                    await manager.command(command)
            assert await paths(manager) == []


async def test_the_rules_are_told_to_those_who_manage_and_to_nobody_else(worker: Worker) -> None:
    """P5: a glob may name what is hidden."""
    ada, bob, project_id = await peopled(worker, {})
    async with worker.client(ada, project_id) as owner, worker.client(bob, project_id) as viewer:
        told, heard, start = Listener(owner), Listener(viewer), owner.welcome.seq
        await rule(owner, "secret-plan.txt", "hidden")
        await told.until(start + 1)
        await heard.until(start + 1)
        assert told.events[0][1]["rights"][0]["glob"] == "secret-plan.txt"
        assert [event for event in heard.events if event[2]] == [("projects/hidden", {}, start + 1)]
        with pytest.raises(ServerRefused, match="forbidden"):
            await viewer.command(ListPathRights())


async def test_every_change_of_the_rules_is_in_the_audit(worker: Worker) -> None:
    ada, _, project_id = await peopled(worker, {})
    async with worker.client(ada, project_id) as owner:
        made = await rule(owner, "a", "hidden")
        await owner.command(RemovePathRight(id=made.id))
    async with worker.app.db.acquire() as connection:
        rows = await connection.fetch(
            "select subject, details from audit_log where project_id = $1 order by created_at", [project_id]
        )
    assert [row[0] for row in rows] == [str(made.id)] * 2
    assert [row[1]["glob"] for row in rows] == ["a", "a"]
    assert [row[1].get("removed", False) for row in rows] == [False, True]


async def test_a_rule_heeds_case_as_the_project_does(worker: Worker) -> None:
    ada, bob, project_id = await peopled(worker, {".ENV": ""}, "editor")
    async with worker.client(ada, project_id) as owner:
        await rule(owner, ".env", "hidden", "editor")
        async with worker.client(bob, project_id) as editor:
            assert await paths(editor) == []
            with pytest.raises(ServerRefused, match="not_found"):  # and not "differs from .ENV only by case"
                await editor.command(CreateFile(path=".Env"))
        await owner.command(ChangeTreeSettings(keeps_case_clashes=True))
        async with worker.client(bob, project_id) as editor:
            assert await paths(editor) == [".ENV"]


async def test_a_repeated_command_sets_one_rule(worker: Worker) -> None:
    """P12."""
    ada, _, project_id = await peopled(worker, {})
    command, command_id = SetPathRight(glob="a", role="viewer", access="hidden"), uuid4()
    async with worker.client(ada, project_id) as owner:
        assert await owner.command(command, command_id) == await owner.command(command, command_id)
        assert await globs(owner) == ["a"]


async def test_what_is_said_of_a_hidden_file_and_of_none_is_the_same(worker: Worker) -> None:
    """P5: existence is not told, whatever is asked and however it came to lie there."""
    ada, bob, project_id = await peopled(worker, {"a.txt": "", "keys/b.txt": ""}, "editor")
    async with worker.client(ada, project_id) as owner, worker.client(bob, project_id) as editor:
        await rule(owner, "keys", "hidden", "editor")
        await owner.command(MoveFile(path="a.txt", to="keys/a.txt"))
        for hidden, absent in (("keys/b.txt", "keys/none.txt"), ("a.txt", "none.txt"), ("keys", "keyz")):
            said = [await refusal(editor, path) for path in (hidden, absent)]
            assert said[0].replace(hidden, "PATH") == said[1].replace(absent, "PATH")


async def refusal(client: HubClient, path: str) -> str:
    with pytest.raises(ServerRefused) as refused:
        await client.command(ReadDocument(path=path))
    return str(refused.value)
