"""docs/rights.md is what every door does: each role tries each command and each stream of it (P5)."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import pytest

from protocol.documents import ReadDocument
from protocol.ids import ProjectId
from protocol.yjs import sync
from protocol.yjs.awareness import AwarenessEntry, encode_awareness_update
from runner.hub_client import HubClient, ServerRefused
from server.access.roles import Role
from tests.harness.editor import Editor
from tests.harness.live_server import ROOT
from tests.harness.stock_editor import stock_editor
from tests.harness.worker import Person, Worker, running_worker

PATH = "a.txt"
NONSENSE = {"nonsense": True}  # every command refuses it, but only after the question of rights
ROLES = tuple(Role)


def table(title: str) -> dict[str, dict[Role, bool]]:
    """A table of docs/rights.md: what each role may do, by the first column."""
    text = (ROOT / "docs/rights.md").read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \|(.*)\|[^|]*\|$", text, re.MULTILINE)
    return {
        name: {role: cell.strip() == "yes" for role, cell in zip(ROLES, cells.split("|"), strict=True)}
        for name, cells in rows
    }


COMMANDS, STREAMS = table("Commands"), table("Streams")


@asynccontextmanager
async def everybody(database_url: str) -> AsyncIterator[tuple[Worker, ProjectId, dict[Role, Person]]]:
    """Somebody in each role of a project; none of them is told to slow down."""
    async with running_worker(database_url, commands_per_s=10_000) as worker:
        people = {Role.OWNER: await worker.person()}
        project_id = await worker.project(people[Role.OWNER], {PATH: ""})
        for role in ROLES:
            if role not in people:
                people[role] = await worker.joined(project_id, role, role)
        yield worker, project_id, people


async def test_every_command_and_stream_is_in_the_tables(database_url: str) -> None:
    async with running_worker(database_url) as worker:
        assert set(COMMANDS) == set(worker.app.dispatcher.commands)
        assert set(STREAMS) == {spec.message.__name__ for f in worker.app.features for spec in f.streams}


async def test_each_role_may_run_just_the_commands_of_its_column_on_our_socket(database_url: str, subtests) -> None:  # type: ignore[no-untyped-def]
    """P5."""
    async with everybody(database_url) as (worker, project_id, people):
        for role, person in people.items():
            async with worker.client(person, project_id) as client:
                for name, allowed in COMMANDS.items():
                    with subtests.test(f"{role} {name}"):
                        assert await code_on_ws(client, name) == ("invalid" if allowed[role] else "forbidden")


async def test_each_role_may_run_just_the_commands_of_its_column_over_http(database_url: str, subtests) -> None:  # type: ignore[no-untyped-def]
    """P5."""
    async with everybody(database_url) as (worker, project_id, people):
        for role, person in people.items():
            async with worker.http(person, project_id) as http:
                for name, allowed in COMMANDS.items():
                    with subtests.test(f"{role} {name}"):
                        headers = {"idempotency-key": str(uuid4())}
                        answer = await http.post(f"/api/{name}", json=NONSENSE, headers=headers)
                        assert answer.json()["code"] == ("invalid" if allowed[role] else "forbidden")


async def test_each_role_may_do_with_contents_over_http_what_it_may_by_commands(database_url: str, subtests) -> None:  # type: ignore[no-untyped-def]
    """P5."""
    async with everybody(database_url) as (worker, project_id, people):
        begun = {"tus-resumable": "1.0.0", "upload-length": "1", "upload-metadata": "path Yi50eHQ="}  # b.txt
        for role, person in people.items():
            with subtests.test(role):
                async with worker.http(person, project_id) as http:
                    reads, writes = COMMANDS["documents/read"][role], COMMANDS["files/finish"][role]
                    assert (await http.get(f"/files/{project_id}/{PATH}")).status_code == (200 if reads else 403)
                    put = await http.put(f"/files/{project_id}/{PATH}", content=role.encode())
                    assert put.status_code == (204 if writes else 403)
                    upload = await http.post(f"/uploads/{project_id}", headers=begun)
                    assert upload.status_code == (201 if writes else 403)


async def test_a_stranger_may_run_only_what_anybody_may(database_url: str, subtests) -> None:  # type: ignore[no-untyped-def]
    """P5: the project does not even exist for them."""
    async with everybody(database_url) as (worker, project_id, _):
        eve = await worker.person("eve")
        for name in COMMANDS:
            with subtests.test(name):
                async with worker.http(eve, project_id) as http:
                    headers = {"idempotency-key": str(uuid4())}
                    assert (await http.post(f"/api/{name}", json=NONSENSE, headers=headers)).json()[
                        "code"
                    ] == "not_found"


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_may_send_just_the_streams_of_its_column_on_our_socket(database_url: str, role: Role) -> None:
    """P5."""
    async with everybody(database_url) as (worker, project_id, people), AsyncExitStack() as stack:
        client = await stack.enter_async_context(worker.client(people[role], project_id))
        owner = await stack.enter_async_context(worker.client(people[Role.OWNER], project_id))
        editor, watcher = await Editor().open(client, PATH), await Editor().open(owner, PATH)
        await editor.channel.aware(encode_awareness_update([AwarenessEntry(7, 1, "{}")]))
        assert STREAMS["AwarenessSent"][role]
        await watcher.until_aware()
        assert STREAMS["SyncAsked"][role]
        await editor.when_level()
        await editor.type(0, "mine")
        if STREAMS["Edit"][role]:
            await watcher.until("mine")
        else:
            assert (await editor.channel.when_ended())["code"] == "forbidden"
            assert (await owner.command(ReadDocument(path=PATH))).text == ""


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_may_send_just_the_streams_of_its_column_on_the_stock_socket(
    database_url: str, role: Role
) -> None:
    """P5, P11."""
    async with everybody(database_url) as (worker, project_id, people), AsyncExitStack() as stack:
        stock = await stack.enter_async_context(stock_editor(worker, people[role].token, project_id, PATH))
        owner = await stack.enter_async_context(worker.client(people[Role.OWNER], project_id))
        watcher = await Editor().open(owner, PATH)
        await stock.point(1, "{}")
        await watcher.until_aware()
        assert STREAMS["AwarenessAsked"][role]
        before = len(stock.heard_awareness)
        await stock.connection.send(sync.encode_query_awareness())
        await stock.until(lambda: len(stock.heard_awareness) > before)
        await stock.type(0, "mine")
        if STREAMS["Edit"][role]:
            await watcher.until("mine")
        else:
            assert (await stock.connection.when_closed())[0] == 4403
            assert (await owner.command(ReadDocument(path=PATH))).text == ""


async def code_on_ws(client: HubClient, name: str) -> str:
    """The error that a nonsensical request of this name gets."""
    with pytest.raises(ServerRefused) as refused:
        await client.request(name, dict(NONSENSE), uuid4())
    return refused.value.code
