"""What the owner decides for a project's tree, and limits that hold whoever comes at the same moment."""

import asyncio

import pytest

from protocol.files import ChangeTreeSettings, CreateFile, GetTreeSettings, ListFiles, TreeSettings
from runner.hub_client import HubClient, ServerRefused
from tests.harness.listener import Listener
from tests.harness.worker import Worker, running_worker


async def test_the_owner_lets_a_project_keep_paths_that_differ_only_by_case(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"readme": ""})) as client:
        listener, start = Listener(client), client.welcome.seq
        with pytest.raises(ServerRefused, match="conflict"):
            await client.command(CreateFile(path="README"))
        await client.command(ChangeTreeSettings(keeps_case_clashes=True))
        await client.command(ChangeTreeSettings(keeps_case_clashes=True))  # changes nothing, so nothing is told
        await client.command(CreateFile(path="README"))
        await listener.until(start + 2)
        assert [name for name, _, _ in listener.events] == ["files/settings_changed", "files/created"]
        assert await client.command(GetTreeSettings()) == TreeSettings(keeps_case_clashes=True)


async def test_a_project_that_holds_such_paths_cannot_begin_to_refuse_them(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"readme": ""})) as client:
        await client.command(ChangeTreeSettings(keeps_case_clashes=True))
        await client.command(CreateFile(path="README"))
        with pytest.raises(ServerRefused, match="README and readme differ only by case"):
            await client.command(ChangeTreeSettings(keeps_case_clashes=False))
        assert (await client.command(GetTreeSettings())).keeps_case_clashes


async def test_those_who_come_at_the_same_moment_share_the_last_room(database_url: str) -> None:
    """P10: each sees what the others made before it counts."""
    async with running_worker(database_url, max_project_files=3) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a": "", "b": ""})
        async with worker.client(ada, project_id) as one, worker.client(ada, project_id) as other:
            outcomes = await asyncio.gather(*(made(client, str(n)) for n in range(4) for client in (one, other)))
            assert sorted(outcomes).count("ok") == 1
            assert set(outcomes) == {"ok", "too_large"}
            assert len((await one.command(ListFiles())).files) == 3


async def made(client: HubClient, path: str) -> str:
    try:
        await client.command(CreateFile(path=path))
    except ServerRefused as refused:
        return refused.code
    return "ok"
