"""Archives become projects: all of what they hold, or nothing of it."""

import os
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from protocol.files import CreateFile, ListFiles
from server.store import archives as store
from tests.harness.archive_client import Archives, rows_left
from tests.harness.archives import tarred, zipped
from tests.harness.editor import Editor
from tests.harness.listener import Listener
from tests.harness.worker import Person, Worker, running_worker

PICTURE = b"\x89PNG\r\n\x1a\n" + os.urandom(3_000)
FILES = {
    "README.md": b"# Lander\r\nfast\r\n",
    "src/main.py": b"print('moon')\n",
    "img/logo.png": PICTURE,
    "empty.txt": b"",
}
PACKS = {"zip": zipped, "tar.gz": tarred, "tar": lambda files, links=None: tarred(files, links, is_packed=False)}


@pytest.mark.parametrize("kind", PACKS)
async def test_an_archive_becomes_a_project_of_its_own(archives: Archives, kind: str) -> None:
    ended = await archives.imported(PACKS[kind](FILES, {"src/link": "../README.md"}), name="Moon lander")
    assert (ended["state"], ended["files"], ended["reason"]) == ("done", 7, None)
    project = ended["projectId"]
    entries = await archives.files(project)
    assert set(entries) == {*FILES, "img", "src", "src/link"}
    assert entries["src/link"]["symlinkTarget"] == "../README.md"
    assert entries["src/main.py"]["language"] == "python"
    assert entries["img/logo.png"]["isBinary"]
    for path, data in FILES.items():
        assert await archives.content(project, path) == data
    named = await archives.http.post("/api/projects/get", json={}, headers={"x-project": project})
    assert (named.json()["name"], named.json()["role"]) == ("Moon lander", "owner")


async def test_an_imported_text_is_no_document_until_somebody_opens_it(
    archives: Archives, worker: Worker, ada: Person
) -> None:
    """P7."""
    project = (await archives.imported(zipped(FILES)))["projectId"]
    async with worker.app.db.acquire() as connection:
        assert (await connection.fetch("select count(*) from documents"))[0][0] == 0
    async with worker.client(ada, project) as client:
        editor = await Editor().open(client, "README.md")
        await editor.until("# Lander\nfast\n")
    assert await archives.content(project, "README.md") == FILES["README.md"]


async def test_files_come_into_a_project_that_is_open_and_everybody_is_told(
    archives: Archives, worker: Worker, ada: Person
) -> None:
    project = str(await worker.project(ada, {"src/old.txt": "old\n"}))
    async with worker.client(ada, project) as client:
        listener = Listener(client)
        ended = await archives.imported(zipped({"src/new.txt": b"new\n"}), into=project)
        assert ended["state"] == "done"
        await listener.until(3)
        assert [name for name, _, _ in listener.events] == ["files/copied"]
        assert {file.path for file in (await client.command(ListFiles())).files} == {
            "src",
            "src/old.txt",
            "src/new.txt",
        }
    ended = await archives.imported(zipped({"src/old.txt": b"beside\n"}), into=project, directory="vendor/lib")
    assert await archives.content(project, "vendor/lib/src/old.txt") == b"beside\n"
    entries = await archives.files(project)
    assert entries["vendor/lib/src"]["isDirectory"]


@pytest.mark.parametrize(
    ("name", "says"), [("a/b.txt", "already"), ("A/c.txt", "only by case"), ("a/b.txt/c", "already"), ("a", "already")]
)
async def test_what_the_project_has_already_is_not_overwritten(
    archives: Archives, worker: Worker, ada: Person, name: str, says: str
) -> None:
    project = str(await worker.project(ada, {"a/b.txt": "mine\n"}))
    ended = await archives.imported(zipped({"fine.txt": b"x", name: b"theirs"}), into=project)
    assert ended["state"] == "refused"
    assert says in ended["reason"]
    assert set(await archives.files(project)) == {"a", "a/b.txt"}
    assert await archives.content(project, "a/b.txt") == b"mine\n"


async def test_the_same_request_again_is_the_same_import(archives: Archives) -> None:
    """P12."""
    key = {"idempotency-key": str(uuid4())}
    sent = [
        await archives.http.post("/archives", params={"name": "Once"}, content=zipped(FILES), headers=key)
        for _ in range(2)
    ]
    assert sent[0].json() == sent[1].json()
    await archives.ended(sent[0].json()["id"])
    listed = await archives.http.post("/api/projects/list", json={})
    assert len(listed.json()["projects"]) == 1


async def test_what_is_ignored_is_left_out_and_counted_unless_everything_is_wanted(archives: Archives) -> None:
    files = {".gitignore": b"*.log\n", "a.log": b"1", "node_modules/x/i.js": b"2", "keep.txt": b"3"}
    ended = await archives.imported(zipped(files))
    assert ended["skipped"] == 2
    assert set(await archives.files(ended["projectId"])) == {".gitignore", "keep.txt"}
    whole = await archives.imported(zipped(files), everything="true")
    assert set(files) <= set(await archives.files(whole["projectId"]))


async def test_both_names_of_a_case_clash_stay_when_the_new_project_is_to_keep_them(archives: Archives) -> None:
    files = {"README": b"1", "readme": b"2"}
    assert (await archives.imported(zipped(files)))["state"] == "refused"
    ended = await archives.imported(zipped(files), keepCaseClashes="true")
    assert set(await archives.files(ended["projectId"])) == set(files)


async def test_the_same_bytes_are_kept_once(archives: Archives, worker: Worker) -> None:
    for name in ("one", "two"):
        await archives.imported(zipped({f"{name}/a.png": PICTURE, f"{name}/b.png": PICTURE}), name=name)
    async with worker.app.db.acquire() as connection:
        assert (await connection.fetch("select count(*) from blobs where checksum is not null"))[0][0] == 1


async def test_a_file_of_many_chunks_comes_whole(archives: Archives) -> None:
    data = os.urandom(7_500_000)
    for pack in (zipped, tarred):
        ended = await archives.imported(pack({"big.bin": data}))
        assert await archives.content(ended["projectId"], "big.bin") == data


async def test_who_may_not_write_imports_nothing(worker: Worker, ada: Person) -> None:
    """P5."""
    project = await worker.project(ada)
    viewer, eve = await worker.joined(project, "vic", "viewer"), await worker.person("eve")
    reader = Person(ada.id, await worker.token(ada.id, frozenset({"read"})))
    for person, status in ((viewer, 403), (eve, 404), (reader, 403)):
        async with worker.http(person) as http:
            assert (await http.post(f"/archives/{project}", content=zipped(FILES))).status_code == status
    async with worker.http(reader) as http:
        assert (await http.post("/archives", params={"name": "x"}, content=zipped(FILES))).status_code == 403


async def test_nobody_else_sees_how_far_an_import_is(archives: Archives, worker: Worker) -> None:
    ended = await archives.imported(zipped(FILES))
    async with worker.http(await worker.person("eve")) as http:
        assert (await http.post("/api/archives/progress", json={"id": ended["id"]})).status_code == 404


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ({}, b"x", 422),
        ({"name": "  "}, b"x", 422),
        ({"name": "x" * 256}, b"x", 422),
        ({"name": "x"}, b"", 400),
        ({"name": "x", "everything": "perhaps"}, b"x", 400),
        ({"name": "x"}, bytes(70_000), 413),
    ],
)
async def test_what_cannot_become_a_project_is_refused_at_once(
    database_url: str, query: dict[str, str], body: bytes, status: int
) -> None:
    async with (
        running_worker(database_url, max_archive_bytes=65_536) as worker,
        worker.http(await worker.person()) as http,
    ):
        assert (await http.post("/archives", params=query, content=body)).status_code == status


async def test_a_body_that_breaks_off_leaves_room_for_the_next(database_url: str) -> None:
    """P10: a place among the imports is given back whatever happens."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"PK"
        raise ConnectionResetError

    async with running_worker(database_url, max_imports=1) as worker, worker.http(await worker.person()) as http:
        for _ in range(3):
            with pytest.raises((ConnectionResetError, httpx.HTTPError)):
                await http.post("/archives", params={"name": "x"}, content=broken())
        assert (await Archives(http, worker).imported(zipped(FILES)))["state"] == "done"


async def test_an_import_whose_process_died_is_told_as_failed_and_its_rows_go(worker: Worker, ada: Person) -> None:
    """P2."""
    async with worker.app.db.acquire() as connection:
        import_id = await store.create_import.one(connection, user_id=ada.id, request_key=uuid4(), project_id=None)
        await connection.execute("update imports set told_at = now() - interval '1 day'")
        await connection.execute(
            "insert into import_files (import_id, batch, path, parent_path, is_directory, size, line_count, "
            "is_executable, is_hidden) values ($1, 1, 'a', '', true, 0, 0, false, false)",
            (import_id,),
        )
    async with worker.http(ada) as http:
        ended = await Archives(http, worker).ended(str(import_id))
    assert ended["state"] == "failed"
    feature = next(feature for feature in worker.app.features if feature.slug == "archives")
    await feature.jobs[0].run()
    async with worker.app.db.acquire() as connection:
        assert (await connection.fetch("select count(*) from import_files"))[0][0] == 0


async def test_a_project_that_is_made_meanwhile_is_not_in_the_way(
    archives: Archives, worker: Worker, ada: Person
) -> None:
    project = await worker.project(ada)
    async with worker.client(ada, project) as client:
        await client.command(CreateFile(path="src/a.txt"))
        assert (await archives.imported(zipped({"src/b.txt": b"b"}), into=str(project)))["state"] == "done"
        await client.command(CreateFile(path="src/c.txt"))
    assert set(await archives.files(str(project))) == {"src", "src/a.txt", "src/b.txt", "src/c.txt"}


async def test_a_cancelled_import_leaves_nothing(archives: Archives, worker: Worker, ada: Person) -> None:
    """Cancelled before it is placed: the row is held by a lock that this test lets go afterwards."""
    async with worker.app.db.transaction() as tx:
        await tx.execute("lock table import_files in exclusive mode")
        sent = await archives.http.post("/archives", params={"name": "Never"}, content=zipped(FILES))
        key = {"idempotency-key": str(uuid4())}
        gone = await archives.http.post("/api/archives/cancel", json={"id": sent.json()["id"]}, headers=key)
        assert gone.status_code == 200
    ended = await archives.ended(sent.json()["id"])
    assert (ended["state"], ended["projectId"]) == ("refused", None)
    assert "cancelled" in ended["reason"]
    async with worker.app.db.acquire() as connection:
        left = await rows_left(connection)
    assert (left["import_files"], left["projects"], left["blobs"]) == (0, 0, 0)


async def test_nobody_else_cancels_an_import_and_what_is_done_stays(archives: Archives, worker: Worker) -> None:
    ended = await archives.imported(zipped(FILES))
    for person in (await worker.person("eve"), None):
        http = archives.http if person is None else worker.http(person)
        key = {"idempotency-key": str(uuid4())}
        assert (await http.post("/api/archives/cancel", json={"id": ended["id"]}, headers=key)).status_code == 200
    assert (await archives.ended(ended["id"]))["state"] == "done"


async def test_one_person_does_not_take_every_place(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url, max_imports=3) as worker:
        ada, bob = await worker.person(), await worker.person("bob")
        async with worker.http(ada) as hers, worker.http(bob) as his:
            async with worker.app.db.transaction() as tx:
                await tx.execute("lock table import_files in exclusive mode")
                sent = [await begin(http) for http in (hers, hers, hers, his, his)]
                assert sent == [202, 202, 503, 202, 503]
            await Archives(hers, worker).idle()
            assert await begin(hers) == 202


async def begin(http: httpx.AsyncClient) -> int:
    return (await http.post("/archives", params={"name": "x"}, content=zipped(FILES))).status_code
