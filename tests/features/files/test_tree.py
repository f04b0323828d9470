"""The file tree: what changes it, what a path means afterwards, and what open documents learn of it."""

import asyncio
from uuid import uuid4

import pytest

from protocol.documents import OpenDocument, ReadDocument
from protocol.files import CreateFile, DeleteFile, ListFiles, MoveFile
from runner.hub_client import HubClient, ServerRefused
from server.bus.local import Exchange, LocalBus
from server.settings import BUS_PAYLOAD_BYTES
from tests.harness.editor import Editor
from tests.harness.worker import Worker, running_worker


async def paths(client: HubClient) -> list[str]:
    return [file.path for file in (await client.command(ListFiles())).files]


async def test_a_file_is_made_with_the_folders_above_it(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada)) as client:
        made = await client.command(CreateFile(path="src/deep/main.py", content="é\n"))
        assert (made.language, made.size, made.line_count) == ("python", 3, 2)
        assert await paths(client) == ["src", "src/deep", "src/deep/main.py"]


async def test_the_list_comes_in_pages_without_gaps_or_repeats(worker: Worker) -> None:
    ada = await worker.person()
    names = [f"{n:03}.txt" for n in range(25)]
    async with worker.client(ada, await worker.project(ada, dict.fromkeys(names, ""))) as client:
        seen: list[str] = []
        after: str | None = None
        while True:
            page = await client.command(ListFiles(after=after, limit=10))
            seen += [file.path for file in page.files]
            after = page.next
            if after is None:
                break
    assert seen == names


@pytest.mark.parametrize(
    "path", ["../up", "a/../b", "/root", "a//b", "a/", ".", "nul\0", "back\\slash", "dot.", "space ", "x" * 256]
)
async def test_a_path_that_could_harm_is_refused(worker: Worker, path: str) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada)) as client:
        with pytest.raises(ServerRefused, match="invalid"):
            await client.command(CreateFile(path=path))
        with pytest.raises(ServerRefused, match="invalid"):
            await client.command(OpenDocument(path=path, create=True))
        assert await paths(client) == []


async def test_what_exists_is_not_made_again(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"a.txt": "first"})) as client:
        with pytest.raises(ServerRefused, match="conflict"):
            await client.command(CreateFile(path="a.txt", content="second"))
        with pytest.raises(ServerRefused, match="conflict"):
            await client.command(CreateFile(path="a.txt/b.txt"))
        assert (await client.command(ReadDocument(path="a.txt"))).text == "first"


async def test_a_moved_file_keeps_its_document_and_the_old_path_leads_to_it(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"a.txt": "text"})) as client:
        editor = await Editor().open(client, "a.txt")
        await client.command(MoveFile(path="a.txt", to="docs/b.txt"))
        await editor.type(4, "!")
        await editor.channel.when_saved()
        old = await client.command(ReadDocument(path="a.txt"))
        assert (old.path, old.text) == ("docs/b.txt", "text!")


async def test_a_folder_moves_with_all_that_is_in_it(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"src/a.py": "a", "src/lib/b.py": "b"})) as client:
        await client.command(MoveFile(path="src", to="code"))
        assert await paths(client) == ["code", "code/a.py", "code/lib", "code/lib/b.py"]
        with pytest.raises(ServerRefused, match="conflict"):
            await client.command(MoveFile(path="code", to="code/inside"))
        with pytest.raises(ServerRefused, match="not_found"):
            await client.command(MoveFile(path="src", to="elsewhere"))


async def test_a_new_file_at_an_old_path_is_another_document(worker: Worker) -> None:
    """P7."""
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"a.txt": "old"})) as client:
        await client.command(MoveFile(path="a.txt", to="b.txt"))
        await client.command(CreateFile(path="a.txt", content="new"))
        assert (await client.command(ReadDocument(path="a.txt"))).text == "new"
        assert (await client.command(ReadDocument(path="b.txt"))).text == "old"


async def test_a_deleted_file_is_told_to_those_who_have_it_open_and_is_not_made_anew(worker: Worker) -> None:
    """P7."""
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"src/a.txt": "text"})) as client:
        editor = await Editor().open(client, "src/a.txt")
        await client.command(DeleteFile(path="src"))
        assert (await editor.channel.when_ended())["code"] == "gone"
        with pytest.raises(ServerRefused, match="gone"):
            await client.command(OpenDocument(path="src/a.txt", create=True))
        assert await paths(client) == []


async def test_a_path_may_be_used_again_on_purpose_after_a_deletion(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"a.txt": "old"})) as client:
        await client.command(DeleteFile(path="a.txt"))
        await client.command(CreateFile(path="a.txt", content="new"))
        assert (await client.command(ReadDocument(path="a.txt"))).text == "new"


async def test_a_repeated_command_takes_effect_once_and_is_answered_twice(worker: Worker) -> None:
    """P12."""
    ada = await worker.person()
    project_id, command_id = await worker.project(ada), uuid4()
    async with worker.client(ada, project_id) as client:
        first = await client.command(CreateFile(path="a.txt"), command_id)
        await client.command(DeleteFile(path="a.txt"))
        start = client.welcome.seq
    async with worker.client(ada, project_id) as client:
        assert await client.command(CreateFile(path="a.txt"), command_id) == first
        assert await paths(client) == []
        assert client.welcome.seq == start + 2


async def test_many_retries_at_once_make_one_file(worker: Worker) -> None:
    """P12."""
    ada = await worker.person()
    project_id, command_id = await worker.project(ada), uuid4()
    async with worker.http(ada, project_id) as http:
        answers = await asyncio.gather(
            *(
                http.post("/api/files/create", json={"path": "a/b.txt"}, headers={"idempotency-key": str(command_id)})
                for _ in range(8)
            )
        )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    async with worker.client(ada, project_id) as client:
        assert client.welcome.seq == 2


async def test_the_same_command_id_of_another_person_is_another_command(worker: Worker) -> None:
    """P12."""
    ada, bob = await worker.person("ada"), await worker.person("bob")
    command_id = uuid4()
    for person in (ada, bob):
        async with worker.client(person, await worker.project(person)) as client:
            await client.command(CreateFile(path="a.txt"), command_id)
            assert await paths(client) == ["a.txt"]


async def test_people_who_make_the_same_folder_at_once_all_get_their_file(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)

    async def make(n: int) -> None:
        async with worker.http(ada, project_id) as http:
            made = await http.post(
                "/api/files/create", json={"path": f"new/{n}.txt"}, headers={"idempotency-key": str(uuid4())}
            )
            assert made.status_code == 200, made.text

    async with asyncio.TaskGroup() as group:
        for n in range(8):
            group.create_task(make(n))
    async with worker.client(ada, project_id) as client:
        assert await paths(client) == ["new", *(f"new/{n}.txt" for n in range(8))]


async def test_a_deletion_too_large_for_the_bus_reaches_other_workers_too(database_url: str) -> None:
    """P9, P10."""
    exchange = Exchange()
    async with (
        running_worker(database_url, bus=LocalBus(exchange)) as here,
        running_worker(database_url, bus=LocalBus(exchange)) as there,
    ):
        ada = await here.person()
        folder = "/".join(["x" * 200] * 4)
        names = {f"top/{folder}/{n:05}.txt": "" for n in range(BUS_PAYLOAD_BYTES // 850)}
        project_id = await here.project(ada, names)
        async with here.client(ada, project_id) as client, there.client(ada, project_id) as other:
            told = asyncio.get_running_loop().create_future()
            other.on_event = lambda name, body, _: told.set_result((name, len(body["deleted"])))
            own = await Editor().open(client, next(iter(names)))
            theirs = await Editor().open(other, next(iter(names)))
            await client.command(DeleteFile(path="top"))
            assert (await own.channel.when_ended())["code"] == "gone"
            assert (await theirs.channel.when_ended())["code"] == "gone"
            async with asyncio.timeout(10):
                assert await told == ("files/deleted", len(names) + 5)
