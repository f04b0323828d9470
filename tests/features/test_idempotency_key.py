"""Over HTTP the id of a command is its Idempotency-Key: it takes effect once, and names one thing only (P12)."""

from uuid import uuid4

import httpx
import pytest

from protocol.files import CreateFile, ListFiles
from runner.hub_client import ServerRefused
from tests.harness.worker import Worker

BYTES = b"\x89PNG\0\xff"


async def create(http: httpx.AsyncClient, key: str, **body: str) -> httpx.Response:
    return await http.post("/api/files/create", json=body, headers={"idempotency-key": key})


async def put(http: httpx.AsyncClient, path: str, content: bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await http.put(f"/files/{http.headers['x-project']}/{path}", content=content, headers=named)


async def test_the_same_command_under_the_same_key_gets_the_first_answer_to_the_letter(worker: Worker) -> None:
    """P12."""
    ada, key = await worker.person(), str(uuid4())
    project_id = await worker.project(ada)
    async with worker.http(ada, project_id) as http, worker.client(ada, project_id) as client:
        first = await create(http, key, path="a.txt", content="one")
        again = await create(http, key, content="one", path="a.txt")
        assert (again.status_code, again.content) == (200, first.content)
        assert len((await client.command(ListFiles())).files) == 1


async def test_a_default_that_is_said_makes_no_other_command(worker: Worker) -> None:
    ada, key = await worker.person(), str(uuid4())
    async with worker.http(ada, await worker.project(ada)) as http:
        first = await create(http, key, path="a.txt")
        assert (await create(http, key, path="a.txt", content="")).content == first.content


async def test_another_body_under_the_same_key_is_refused_and_changes_nothing(worker: Worker) -> None:
    """P12."""
    ada, key = await worker.person(), str(uuid4())
    project_id = await worker.project(ada)
    async with worker.http(ada, project_id) as http, worker.client(ada, project_id) as client:
        await create(http, key, path="a.txt")
        other = await create(http, key, path="b.txt")
        assert (other.status_code, other.json()["code"]) == (422, "invalid")
        assert "Idempotency-Key" in other.json()["detail"]
        assert [file.path for file in (await client.command(ListFiles())).files] == ["a.txt"]


async def test_another_command_or_another_project_under_the_same_key_is_refused(worker: Worker) -> None:
    ada, key = await worker.person(), str(uuid4())
    async with (
        worker.http(ada, await worker.project(ada)) as http,
        worker.http(ada, await worker.project(ada)) as elsewhere,
    ):
        await create(http, key, path="a.txt")
        headers = {"idempotency-key": key}
        assert (await http.post("/api/files/directory", json={"path": "a.txt"}, headers=headers)).status_code == 422
        assert (await create(elsewhere, key, path="a.txt")).status_code == 422


async def test_a_key_is_the_same_id_on_our_socket(worker: Worker) -> None:
    """P12: a client may lose its socket and go on over HTTP."""
    ada, key = await worker.person(), uuid4()
    project_id = await worker.project(ada)
    async with worker.http(ada, project_id) as http, worker.client(ada, project_id) as client:
        made = await client.command(CreateFile(path="a.txt"), key)
        assert (await create(http, str(key), path="a.txt")).json()["id"] == str(made.id)
        with pytest.raises(ServerRefused, match="invalid"):
            await client.command(CreateFile(path="b.txt"), key)


async def test_people_do_not_share_keys(worker: Worker) -> None:
    ada, key = await worker.person(), str(uuid4())
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id)
    async with worker.http(ada, project_id) as http, worker.http(bob, project_id) as other:
        await create(http, key, path="a.txt")
        assert (await create(other, key, path="b.txt")).status_code == 200


@pytest.mark.parametrize("content", [b"text", BYTES], ids=["text", "bytes"])
async def test_a_put_that_made_a_file_may_be_repeated_although_it_is_there_now(worker: Worker, content: bytes) -> None:
    """P12: a condition held for the first."""
    ada, key = await worker.person(), str(uuid4())
    async with worker.http(ada, await worker.project(ada)) as http:
        first = await put(http, "a.bin", content, idempotency_key=key, if_none_match="*")
        again = await put(http, "a.bin", content, idempotency_key=key, if_none_match="*")
        assert first.status_code == 201
        assert again.is_success
        assert again.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize("content", [b"text", BYTES], ids=["text", "bytes"])
async def test_a_put_of_something_else_under_the_same_key_is_refused(worker: Worker, content: bytes) -> None:
    """P12."""
    ada, key = await worker.person(), str(uuid4())
    async with worker.http(ada, await worker.project(ada)) as http:
        await put(http, "a.bin", content, idempotency_key=key)
        assert (await put(http, "a.bin", content + b"!", idempotency_key=key)).status_code == 422
        assert (await put(http, "b.bin", content, idempotency_key=key)).status_code == 422
        assert (await http.get(f"/files/{http.headers['x-project']}/a.bin")).content == content
