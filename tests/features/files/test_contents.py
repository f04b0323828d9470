"""Contents over HTTP: bytes and text, in parts, under conditions, and never as a page of ours."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from protocol.collaborators import RemoveCollaborator, SetPathRight
from protocol.documents import OpenDocument, WriteDocument
from protocol.files import DeleteFile, ListFiles, MoveFile
from protocol.model import Command
from runner.hub_client import HubClient, ServerRefused
from server.cli.serving import uvicorn_config
from server.transport.cookies import PLAIN_NAME
from tests.harness.editor import Editor
from tests.harness.listener import Listener
from tests.harness.listening import listening
from tests.harness.worker import Person, Worker, running_worker

BIG = 24 << 20  # far more than the buffers between the two ends hold


def removal(person: Person) -> Command[Any]:
    return RemoveCollaborator(user_id=person.id)


def rule(_person: Person) -> Command[Any]:
    return SetPathRight(glob="*.bin", role="editor", access="hidden")


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def etag_of(data: bytes) -> str:
    return f'"{hashlib.sha256(data).hexdigest()}"'


async def put(http: httpx.AsyncClient, path: str, data: bytes, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    project = http.headers["x-project"]
    return await http.put(f"/files/{project}/{path}", content=data, headers=names)


async def get(http: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    project = http.headers["x-project"]
    return await http.get(f"/files/{project}/{path}", headers=names)


async def entry(client: HubClient, path: str):
    return next(file for file in (await client.command(ListFiles())).files if file.path == path)


async def test_bytes_come_back_as_they_were_put(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.http(ada, project_id) as http, worker.client(ada, project_id) as client:
        made = await put(http, "img/logo one.png", PNG)
        assert (made.status_code, made.headers["etag"]) == (201, etag_of(PNG))
        got = await get(http, "img/logo one.png")
        assert (got.status_code, got.content, got.headers["etag"]) == (200, PNG, etag_of(PNG))
        file = await entry(client, "img/logo one.png")
        assert (file.is_binary, file.size, file.mime_type) == (True, len(PNG), "image/png")
        assert file.checksum == hashlib.sha256(PNG).hexdigest()
        with pytest.raises(ServerRefused, match="bytes, not text"):
            await client.command(OpenDocument(path="img/logo one.png"))


async def test_text_becomes_text_and_bytes_that_are_no_text_stay_bytes(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    samples = {"a.py": b"print('\xc3\xa9')\r\n", "latin.txt": b"\xe9t\xe9", "nul.txt": b"a\0b", "empty": b""}
    async with worker.http(ada, project_id) as http, worker.client(ada, project_id) as client:
        for path, data in samples.items():
            assert (await put(http, path, data)).status_code == 201
            assert (await get(http, path)).content == data
        binary = {file.path: file.is_binary for file in (await client.command(ListFiles())).files}
    assert binary == {"a.py": False, "empty": False, "latin.txt": True, "nul.txt": True}


async def test_a_part_of_a_file_is_sent_on_request(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.http(ada, await worker.project(ada, {"t.txt": "0123456789"})) as http:
        await put(http, "b.bin", PNG)
        part = await get(http, "b.bin", range="bytes=8-15")
        assert (part.status_code, part.content) == (206, PNG[8:16])
        assert part.headers["content-range"] == f"bytes 8-15/{len(PNG)}"
        assert (await get(http, "t.txt", range="bytes=-3")).content == b"789"
        behind = await get(http, "b.bin", range=f"bytes={len(PNG)}-")
        assert (behind.status_code, behind.headers["content-range"]) == (416, f"bytes */{len(PNG)}")
        changed = await get(http, "b.bin", range="bytes=0-1", if_range=etag_of(b"an older version"))
        assert (changed.status_code, len(changed.content)) == (200, len(PNG))
        assert (await get(http, "b.bin", if_none_match=etag_of(PNG))).status_code == 304


async def test_head_tells_of_a_file_without_its_bytes(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.http(ada, project_id) as http:
        await put(http, "b.bin", PNG)
        told = await http.head(f"/files/{project_id}/b.bin")
    assert (told.status_code, told.headers["content-length"], told.content) == (200, str(len(PNG)), b"")


async def test_a_part_across_chunks_is_whole(database_url: str) -> None:
    data = bytes(range(256)) * 1024  # four chunks
    async with running_worker(database_url, blob_chunk_bytes=64 * 1024) as worker:
        ada = await worker.person()
        async with worker.http(ada, await worker.project(ada)) as http:
            await put(http, "b.bin", data)
            assert (await get(http, "b.bin")).content == data
            assert (await get(http, "b.bin", range="bytes=65000-200000")).content == data[65000:200001]


@pytest.mark.parametrize("name", ["evil.html", "evil.svg", "evil.js", "evil.bin"])
async def test_what_people_upload_can_never_act_as_our_origin(worker: Worker, name: str) -> None:
    ada = await worker.person()
    async with worker.http(ada, await worker.project(ada)) as http:
        await put(http, name, b"<script>alert(document.domain)</script>")
        headers = (await get(http, name)).headers
    assert headers["content-security-policy"].startswith("sandbox;")
    assert "allow-" not in headers["content-security-policy"]
    assert headers["content-disposition"].startswith("attachment;")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"


async def test_a_name_cannot_break_out_of_the_header_that_carries_it(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.http(ada, await worker.project(ada)) as http:
        assert (await put(http, 'a"; x=1 é.bin', PNG)).status_code == 201
        told = (await get(http, 'a"; x=1 é.bin')).headers["content-disposition"]
    assert told == "attachment; filename=\"a_; x=1 _.bin\"; filename*=UTF-8''a%22%3B%20x%3D1%20%C3%A9.bin"


async def test_a_text_put_is_the_smallest_edit_and_reaches_open_editors(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "one\ntwo\nthree\n"})
    async with worker.http(ada, project_id) as http, worker.client(ada, project_id) as client:
        editor = await Editor().open(client, "a.txt")
        before = len(editor.heard)
        written = await put(http, "a.txt", b"one\nTWO\nthree\n")
        assert (written.status_code, written.headers["etag"]) == (204, etag_of(b"one\nTWO\nthree\n"))
        await editor.until("one\nTWO\nthree\n")
        assert sum(len(update) for update in editor.heard[before:]) < 60
        await editor.type(0, "zero\n")
        await editor.channel.when_saved()
        assert (await get(http, "a.txt")).content == b"zero\none\nTWO\nthree\n"


async def test_a_text_keeps_its_line_ends_and_byte_order_mark(worker: Worker) -> None:
    ada = await worker.person()
    original = b"\xef\xbb\xbfone\r\ntwo\r\n"
    project_id = await worker.project(ada)
    async with worker.http(ada, project_id) as http, worker.client(ada, project_id) as client:
        await put(http, "a.txt", original)
        editor = await Editor().open(client, "a.txt")
        assert (await get(http, "a.txt")).content == original
        await editor.type(0, "zero\n")
        await editor.channel.when_saved()
        got = await get(http, "a.txt")
        assert got.content == b"\xef\xbb\xbfzero\r\none\r\ntwo\r\n"
        written = await put(http, "a.txt", got.content, if_match=got.headers["etag"])
        assert (written.status_code, written.headers["etag"]) == (204, got.headers["etag"])


@pytest.mark.parametrize("data", [PNG, b"text\n"], ids=["bytes", "text"])
async def test_who_read_an_older_version_does_not_overwrite_a_newer_one(worker: Worker, data: bytes) -> None:
    ada = await worker.person()
    async with worker.http(ada, await worker.project(ada)) as http:
        first = (await put(http, "f", data)).headers["etag"]
        second = (await put(http, "f", data + data, if_match=first)).headers["etag"]
        late = await put(http, "f", data + b"late", if_match=first)
        assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
        got = await get(http, "f")
        assert (got.content, got.headers["etag"]) == (data + data, second)


async def test_a_file_is_made_only_where_none_is_and_changed_only_where_one_is(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.http(ada, await worker.project(ada)) as http:
        assert (await put(http, "f", PNG, if_match="*")).status_code == 412
        assert (await put(http, "f", PNG, if_none_match="*")).status_code == 201
        assert (await put(http, "f", b"other\0", if_none_match="*")).status_code == 412
        assert (await put(http, "f", b"other\0", if_match="*")).status_code == 204
        assert (await get(http, "f")).content == b"other\0"


async def test_bytes_in_place_of_text_end_its_document_and_the_other_way_makes_one(worker: Worker) -> None:
    """P7: the document that was keeps its one history, as a deleted one."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"f": "text"})
    async with worker.http(ada, project_id) as http, worker.client(ada, project_id) as client:
        editor = await Editor().open(client, "f")
        assert (await put(http, "f", PNG)).status_code == 204
        assert (await editor.channel.when_ended())["code"] == "gone"
        assert (await entry(client, "f")).is_binary
        assert (await put(http, "f", b"text again")).status_code == 204
        assert str((await Editor().open(client, "f")).text) == "text again"


async def test_others_are_told_of_new_bytes_once_and_of_the_same_bytes_never(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.http(ada, project_id) as http, worker.client(ada, project_id) as client:
        listener = Listener(client)
        await put(http, "b.bin", PNG)
        await put(http, "b.bin", PNG)
        await put(http, "b.bin", PNG + b"\0")
        await put(http, "c.bin", PNG)
        await listener.until(3)
    assert [(name, body["file"]["path"]) for name, body, _ in listener.events] == [
        ("files/created", "b.bin"),
        ("files/changed", "b.bin"),
        ("files/created", "c.bin"),
    ]


async def test_a_repeated_put_takes_effect_once(worker: Worker) -> None:
    """P12."""
    ada = await worker.person()
    project_id, key = await worker.project(ada), str(uuid4())
    async with worker.http(ada, project_id) as http, worker.client(ada, project_id) as client:
        assert (await put(http, "b.bin", PNG, idempotency_key=key)).status_code == 201
        await client.command(DeleteFile(path="b.bin"))
        again = await put(http, "b.bin", PNG, idempotency_key=key)
        assert again.headers["etag"] == etag_of(PNG)
        assert (await client.command(ListFiles())).files == []


async def test_the_same_content_is_stored_once_in_however_many_projects(worker: Worker) -> None:
    ada, bob = await worker.person("ada"), await worker.person("bob")
    for person in (ada, bob):
        async with worker.http(person, await worker.project(person)) as http:
            await put(http, "b.bin", PNG)
            await put(http, "copy.bin", PNG)
    async with worker.app.db.acquire() as connection:
        kept = await connection.fetch("select count(*) from blobs where checksum is not null")
    assert kept[0][0] == 1


async def test_a_moved_file_of_bytes_is_read_at_its_new_path(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.http(ada, project_id) as http, worker.client(ada, project_id) as client:
        await put(http, "img/b.bin", PNG)
        await client.command(MoveFile(path="img", to="pictures"))
        assert (await get(http, "pictures/b.bin")).content == PNG
        assert (await get(http, "img/b.bin")).status_code == 404


async def readers_answers(worker: Worker, owner: Person) -> list[int]:
    project_id = await worker.project(owner, {"a.txt": "text"})
    reader = Person(owner.id, await worker.token(owner.id, frozenset({"read"})))
    async with worker.http(reader, project_id) as http:
        return [
            (await get(http, "a.txt")).status_code,
            (await put(http, "a.txt", b"new")).status_code,
            (await put(http, "b.bin", PNG)).status_code,
        ]


async def test_who_may_only_read_reads_and_writes_nothing(worker: Worker) -> None:
    """P5."""
    ada, eve = await worker.person("ada"), await worker.person("eve")
    assert await readers_answers(worker, ada) == [200, 403, 403]
    async with worker.http(eve, await worker.project(ada, {"a.txt": "text"})) as http:
        assert (await get(http, "a.txt")).status_code == 404
        assert (await put(http, "a.txt", b"x")).status_code == 404
    async with worker.app.db.acquire() as connection:
        assert (await connection.fetch("select count(*) from uploads"))[0][0] == 0


async def test_without_credentials_nothing_is_served(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "text"})
    async with worker.http(ada) as http:
        del http.headers["authorization"]
        assert (await http.get(f"/files/{project_id}/a.txt")).status_code == 401


@pytest.mark.parametrize(
    ("site", "status"), [("same-origin", 200), ("none", 200), ("cross-site", 401), ("same-site", 401), (None, 401)]
)
async def test_a_cookie_counts_for_reading_when_the_browser_says_that_the_page_is_ours(
    worker: Worker, site: str | None, status: int
) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "text"})
    cookie = f"{PLAIN_NAME}={await worker.session(ada)}"
    headers = {"cookie": cookie} | ({} if site is None else {"sec-fetch-site": site})
    async with worker.http(ada) as http:
        del http.headers["authorization"]
        assert (await http.get(f"/files/{project_id}/a.txt", headers=headers)).status_code == status
        assert (await http.put(f"/files/{project_id}/a.txt", content=b"x", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [("nothing", 404), ("src", 409), ("src/%2E%2E/a.txt", 422), ("a%00b", 422), ("back%5Cslash", 422)],
)
async def test_paths_without_content_are_answered_with_a_reason(worker: Worker, path: str, status: int) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"src/a.txt": "text"})
    async with worker.http(ada, project_id) as http:
        answer = await http.get(
            httpx.URL(f"http://127.0.0.1:8000/files/{project_id}/").copy_with(
                raw_path=f"/files/{project_id}/{path}".encode()
            )
        )
        assert answer.status_code == status
        assert answer.json()["detail"]


async def test_a_file_or_project_over_its_limit_is_refused_and_leaves_nothing_behind(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url, max_file_bytes=100_000, max_project_bytes=150_000) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada)
        async with worker.http(ada, project_id) as http, worker.client(ada, project_id) as client:
            assert (await put(http, "a.bin", bytes(100_000))).status_code == 201
            for size, limit in ((100_001, "100000 bytes"), (60_000, "of a project")):
                refused = await put(http, "b.bin", bytes(size))
                assert refused.status_code == 413
                assert limit in refused.json()["detail"]
            assert [file.path for file in (await client.command(ListFiles())).files] == ["a.bin"]
        async with worker.app.db.acquire() as connection:
            assert (await connection.fetch("select count(*) from uploads"))[0][0] == 0


async def test_a_project_holds_only_so_many_files(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url, max_project_files=2) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada)
        async with worker.http(ada, project_id) as http:
            answers = [(await put(http, f"{n}.txt", b"x")).status_code for n in range(3)]
            assert (await put(http, "b.bin", PNG)).status_code == 413
        async with worker.client(ada, project_id) as client:
            with pytest.raises(ServerRefused, match="too_large"):
                await client.command(OpenDocument(path="opened.txt", create=True))
    assert answers == [201, 201, 413]


async def test_an_upload_that_stands_still_is_cut(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url, transfer_stall_s=0.05) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada)

        async def body():
            yield b"\0" * 10
            await asyncio.get_running_loop().create_future()

        async with worker.http(ada, project_id) as http:
            cut = await http.put(f"/files/{project_id}/a.bin", content=body())
        assert (cut.status_code, cut.json()["code"]) == (504, "timeout")


@pytest.mark.parametrize("path", ["a.txt", "new.txt"])
@pytest.mark.parametrize(
    ("taking", "status"),
    [
        ("update project_collaborators set role = 'viewer' where user_id = $1", 403),
        ("delete from project_collaborators where user_id = $1", 403),
        ("update api_tokens set revoked_at = now() where user_id = $1", 401),
    ],
)
async def test_an_upload_changes_nothing_once_its_right_was_taken_away(
    worker: Worker, taking: str, status: int, path: str
) -> None:
    """P5: the right is looked at when the last byte is there, not only with the first."""
    project_id = await worker.project(await worker.person(), {"a.txt": "text"})
    bob = await worker.joined(project_id)

    async def body():
        yield b"half"
        async with worker.app.db.acquire() as connection:
            await connection.execute(taking, [bob.id])
        yield b"half"

    async with worker.http(bob, project_id) as http:
        assert (await http.put(f"/files/{project_id}/{path}", content=body())).status_code == status
    async with worker.app.db.acquire() as connection:
        files = await connection.fetch("select path, content from project_files")
    assert [tuple(file) for file in files] == [("a.txt", "text")]


async def test_a_command_id_names_one_command(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.http(ada, project_id) as http:
        assert (await put(http, "a.bin", PNG, idempotency_key="nonsense")).status_code == 400
        assert (await put(http, "a.bin", PNG, if_match='"a", "b"')).status_code == 400


async def test_a_condition_is_held_against_the_text_that_is_saved_and_not_against_an_older_one(
    database_url: str,
) -> None:
    """P1: the file rows follow seconds later."""
    async with running_worker(database_url, content_quiet_s=3600, content_latest_s=3600) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": "old"})
        async with worker.http(ada, project_id) as http, worker.client(ada, project_id) as client:
            await client.command(WriteDocument(path="a.txt", text="new"))
            stale, fresh = etag_of(b"old"), etag_of(b"new")
            assert (await put(http, "a.txt", PNG, if_match=stale)).status_code == 412
            assert (await put(http, "a.txt", PNG, if_match=fresh)).status_code == 204
            assert (await get(http, "a.txt")).content == PNG


@pytest.mark.parametrize("takes_away", [removal, rule], ids=["removed", "hidden"])
async def test_a_download_is_cut_when_its_reader_may_not_read_any_more(
    database_url: str, takes_away: Callable[[Person], Command[Any]]
) -> None:
    """P5: nothing more is sent, and what was sent cannot be taken for the whole."""
    async with running_worker(database_url) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada)
        bob = await worker.joined(project_id)
        async with worker.http(ada, project_id) as http, worker.client(ada, project_id) as owner:
            await put(http, "big.bin", bytes(BIG))
            async with (
                listening(uvicorn_config(worker.app.settings, worker.asgi)) as port,
                httpx.AsyncClient(headers={"authorization": f"Bearer {bob.token}"}) as reader,
                reader.stream("GET", f"http://127.0.0.1:{port}/files/{project_id}/big.bin") as download,
            ):
                pieces = download.aiter_raw(64 * 1024)
                await anext(pieces)
                await owner.command(takes_away(bob))
                await looked_at_rights(worker)
                with pytest.raises(httpx.RemoteProtocolError):
                    await read_to_the_end(pieces)


async def read_to_the_end(pieces: AsyncIterator[bytes]) -> None:
    async for _ in pieces:
        pass


async def looked_at_rights(worker: Worker) -> None:
    """Return when no look at rights is under way."""
    for task in worker.app.tasks.running():
        if task.get_name() == "look at rights":
            await asyncio.wait([task])
