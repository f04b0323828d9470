"""Resumable uploads as tus 1.0 says them: broken off, gone on with, checked, ended, expired."""

import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from protocol.files import CreateFile, ListFiles
from server.bus.local import Exchange, LocalBus
from tests.harness.editor import Editor
from tests.harness.worker import Person, Worker, running_worker

DATA = bytes(range(256)) * 1024  # 256 KiB
CHUNK_BYTES = 64 * 1024


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@dataclass(frozen=True, slots=True)
class Tus:
    """One person's requests to one project's uploads."""

    http: httpx.AsyncClient

    @property
    def collection(self) -> str:
        return f"/uploads/{self.http.headers['x-project']}"

    async def send(self, method: str, url: str, **headers: object) -> httpx.Response:
        content = headers.pop("content", None)
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        return await self.http.request(method, url, content=content, headers={"tus-resumable": "1.0.0"} | named)

    async def create(self, path: str, size: int, **headers: object) -> httpx.Response:
        metadata = f"path {encoded(path)}"
        return await self.send("POST", self.collection, upload_length=size, upload_metadata=metadata, **headers)

    async def begin(self, path: str, size: int) -> str:
        made = await self.create(path, size)
        assert made.status_code == 201, made.text
        return made.headers["location"]

    async def add(self, url: str, at: int, data: object, **headers: object) -> httpx.Response:
        content_type = {"content_type": "application/offset+octet-stream"}
        return await self.send("PATCH", url, upload_offset=at, content=data, **(content_type | headers))

    async def offset(self, url: str) -> int:
        return int((await self.send("HEAD", url)).headers["upload-offset"])

    async def content(self, path: str) -> bytes:
        got = await self.http.get(f"/files/{self.http.headers['x-project']}/{path}")
        assert got.status_code == 200, got.text
        return got.content


@pytest.fixture
async def worker(database_url: str) -> AsyncIterator[Worker]:
    async with running_worker(database_url, blob_chunk_bytes=CHUNK_BYTES) as worker:
        yield worker


@pytest.fixture
async def ada(worker: Worker) -> Person:
    return await worker.person()


@pytest.fixture
async def tus(worker: Worker, ada: Person) -> AsyncIterator[Tus]:
    async with worker.http(ada, await worker.project(ada)) as http:
        yield Tus(http)


async def broken_off(data: bytes) -> AsyncIterator[bytes]:
    yield data
    raise ConnectionResetError


async def test_the_server_says_what_it_can_do(tus: Tus) -> None:
    told = await tus.http.options(tus.collection)
    assert told.status_code == 204
    assert told.headers["tus-version"] == "1.0.0"
    assert set(told.headers["tus-extension"].split(",")) >= {"creation", "termination", "checksum", "expiration"}
    assert int(told.headers["tus-max-size"]) > 1 << 30


async def test_an_upload_in_pieces_becomes_the_file_with_its_last_byte(tus: Tus, worker: Worker) -> None:
    url = await tus.begin("big/data.bin", len(DATA))
    at = 0
    for size in (1, CHUNK_BYTES, 5, CHUNK_BYTES * 2):
        added = await tus.add(url, at, DATA[at : at + size])
        at += size
        assert (added.status_code, int(added.headers["upload-offset"])) == (204, at)
    assert (await tus.http.get(f"/files/{tus.http.headers['x-project']}/big/data.bin")).status_code == 404
    await tus.add(url, at, DATA[at:])
    assert await tus.content("big/data.bin") == DATA
    assert await tus.offset(url) == len(DATA)


async def test_what_came_before_a_break_stays_and_the_rest_follows(tus: Tus) -> None:
    url = await tus.begin("a.bin", len(DATA))
    with pytest.raises(ConnectionResetError):
        await tus.add(url, 0, broken_off(DATA[:100_000]))
    assert await tus.offset(url) == 100_000
    assert (await tus.add(url, 100_000, DATA[100_000:])).status_code == 204
    assert await tus.content("a.bin") == DATA


async def test_an_upload_goes_on_at_another_worker(database_url: str) -> None:
    """P9."""
    exchange = Exchange()
    async with (
        running_worker(database_url, bus=LocalBus(exchange), blob_chunk_bytes=CHUNK_BYTES) as here,
        running_worker(database_url, bus=LocalBus(exchange), blob_chunk_bytes=CHUNK_BYTES) as there,
    ):
        ada = await here.person()
        project_id = await here.project(ada)
        async with here.http(ada, project_id) as first, there.http(ada, project_id) as second:
            url = await Tus(first).begin("a.bin", len(DATA))
            await Tus(first).add(url, 0, DATA[:70_000])
            assert await Tus(second).offset(url) == 70_000
            await Tus(second).add(url, 70_000, DATA[70_000:])
            assert await Tus(first).content("a.bin") == DATA
            entries = await first.post("/api/files/list", json={})
    assert entries.json()["files"][0]["checksum"] == hashlib.sha256(DATA).hexdigest()


async def test_bytes_for_another_place_are_refused(tus: Tus) -> None:
    url = await tus.begin("a.bin", len(DATA))
    await tus.add(url, 0, DATA[:1000])
    for at in (0, 999, 1001):
        assert (await tus.add(url, at, b"x")).status_code == 409
    assert await tus.offset(url) == 1000


async def test_more_than_was_announced_is_refused_and_the_rest_is_the_file(tus: Tus) -> None:
    url = await tus.begin("a.bin", 10)
    assert (await tus.add(url, 0, bytes(11))).status_code == 413
    assert await tus.offset(url) == 10
    assert await tus.content("a.bin") == bytes(10)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
async def test_bytes_that_do_not_match_their_checksum_are_forgotten(tus: Tus, algorithm: str) -> None:
    url = await tus.begin("a.bin", len(DATA))
    await tus.add(url, 0, DATA[:1000])
    checksum = f"{algorithm} {base64.b64encode(hashlib.new(algorithm, DATA[1000:]).digest()).decode()}"
    damaged = DATA[1000:-1] + b"!"
    assert (await tus.add(url, 1000, damaged, upload_checksum=checksum)).status_code == 460
    assert await tus.offset(url) == 1000
    assert (await tus.add(url, 1000, DATA[1000:], upload_checksum=checksum)).status_code == 204
    assert await tus.content("a.bin") == DATA


async def test_bytes_that_broke_off_before_their_checksum_could_be_compared_are_forgotten(tus: Tus) -> None:
    url = await tus.begin("a.bin", len(DATA))
    checksum = f"sha1 {base64.b64encode(hashlib.sha1(DATA).digest()).decode()}"
    with pytest.raises(ConnectionResetError):
        await tus.add(url, 0, broken_off(DATA[:100_000]), upload_checksum=checksum)
    assert await tus.offset(url) == 0


@pytest.mark.parametrize("header", ["md5 AAAA", "sha1", "sha1 %%%"])
async def test_a_checksum_that_cannot_be_compared_is_refused(tus: Tus, header: str) -> None:
    url = await tus.begin("a.bin", 4)
    assert (await tus.add(url, 0, b"\0\0\0\0", upload_checksum=header)).status_code in (400, 460)
    assert await tus.offset(url) == 0


async def test_an_upload_may_bring_its_first_bytes_when_it_begins(tus: Tus) -> None:
    made = await tus.create("a.bin", len(DATA), content=DATA[:500], content_type="application/offset+octet-stream")
    assert (made.status_code, made.headers["upload-offset"]) == (201, "500")
    await tus.add(made.headers["location"], 500, DATA[500:])
    assert await tus.content("a.bin") == DATA


async def test_an_empty_upload_is_a_file_at_once(tus: Tus) -> None:
    await tus.begin("empty.txt", 0)
    assert await tus.content("empty.txt") == b""


async def test_an_ended_upload_is_gone(tus: Tus) -> None:
    url = await tus.begin("a.bin", 10)
    assert (await tus.send("DELETE", url)).status_code == 204
    assert (await tus.send("HEAD", url)).status_code == 404
    assert (await tus.add(url, 0, b"x")).status_code == 404


async def test_a_text_that_is_open_is_edited_by_an_upload(tus: Tus, worker: Worker, ada: Person) -> None:
    project_id = tus.http.headers["x-project"]
    async with worker.client(ada, project_id) as client:
        await client.command(CreateFile(path="a.txt", content="one\ntwo\n"))
        editor = await Editor().open(client, "a.txt")
        url = await tus.begin("a.txt", 8)
        assert (await tus.add(url, 0, b"one\nTWO\n")).status_code == 204
        await editor.until("one\nTWO\n")
        assert await tus.offset(url) == 8
        assert len((await client.command(ListFiles())).files) == 1


async def test_an_upload_whose_end_fails_is_not_taken_for_a_file(tus: Tus, worker: Worker, ada: Person) -> None:
    """A client that lost the answer asks by HEAD, and must be told."""
    url = await tus.begin("name", 4)
    async with worker.client(ada, tus.http.headers["x-project"]) as client:
        await client.command(CreateFile(path="name/in the way.txt"))
    assert (await tus.add(url, 0, b"\0\1\2\3")).status_code == 409
    assert (await tus.send("HEAD", url)).status_code == 409


async def test_an_upload_can_insist_on_the_version_it_replaces(tus: Tus) -> None:
    await tus.add(await tus.begin("a.bin", 3), 0, b"\0ab")
    metadata = f"path {encoded('a.bin')},ifMatch {encoded('0' * 64)}"
    made = await tus.send("POST", tus.collection, upload_length=3, upload_metadata=metadata)
    assert (await tus.add(made.headers["location"], 0, b"\0cd")).status_code == 412
    assert await tus.content("a.bin") == b"\0ab"


async def test_nobody_else_finds_an_upload(tus: Tus, worker: Worker) -> None:
    """P5."""
    url = await tus.begin("a.bin", 10)
    eve = await worker.person("eve")
    async with worker.http(eve, await worker.project(eve)) as http:
        assert (await Tus(http).send("HEAD", url)).status_code == 404
        elsewhere = url.replace(tus.http.headers["x-project"], http.headers["x-project"])
        assert (await Tus(http).send("HEAD", elsewhere)).status_code == 404


async def test_who_may_only_read_begins_no_upload(worker: Worker, ada: Person) -> None:
    """P5."""
    reader = Person(ada.id, await worker.token(ada.id, frozenset({"read"})))
    async with worker.http(reader, await worker.project(ada)) as http:
        assert (await Tus(http).create("a.bin", 10)).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"upload_length": "ten"}, 400),
        ({"upload_length": "-1"}, 400),
        ({"upload_length": 1 << 40}, 413),
        ({"upload_metadata": ""}, 400),
        ({"upload_metadata": "path %%%"}, 400),
        ({"upload_metadata": f"path {encoded('../up')}"}, 422),
        ({"upload_metadata": "x" * 9000}, 400),
        ({"tus_resumable": "0.2.2"}, 412),
    ],
)
async def test_what_cannot_become_a_file_is_refused_at_once(tus: Tus, headers: dict[str, object], status: int) -> None:
    good = {"upload_length": 10, "upload_metadata": f"path {encoded('a.bin')}"}
    assert (await tus.send("POST", tus.collection, **(good | headers))).status_code == status


async def test_one_person_has_so_many_uploads_under_way(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url, max_uploads=2) as worker:
        ada = await worker.person()
        async with worker.http(ada, await worker.project(ada)) as http:
            for status in (201, 201, 503):
                assert (await Tus(http).create("a.bin", 10)).status_code == status


async def test_an_upload_that_nobody_went_on_with_expires_with_its_bytes(tus: Tus, worker: Worker) -> None:
    """P10."""
    url = await tus.begin("a.bin", 10)
    await tus.add(url, 0, b"\0half")
    async with worker.app.db.acquire() as connection:
        await connection.execute("update uploads set expires_at = now() - interval '1 second'")
        await connection.execute("update blobs set used_at = now() - interval '2 days'")
    assert (await tus.send("HEAD", url)).status_code == 404
    files = next(feature for feature in worker.app.features if feature.slug == "files")
    await next(job for job in files.jobs if job.name == "collect unused bytes").run()
    async with worker.app.db.acquire() as connection:
        for table in ("uploads", "blobs", "blob_chunks", "blob_bytes"):
            assert (await connection.fetch(f"select count(*) from {table}"))[0][0] == 0, table


async def test_a_method_may_be_named_by_a_header(tus: Tus) -> None:
    url = await tus.begin("a.bin", 4)
    headers = {"x_http_method_override": "PATCH", "content_type": "application/offset+octet-stream"}
    sent = await tus.send("POST", url, upload_offset=0, content=b"\0abc", **headers)
    assert sent.status_code == 204
    assert await tus.content("a.bin") == b"\0abc"


async def test_a_request_that_only_looks_stays_one_whatever_its_header_says(tus: Tus) -> None:
    """Else a page could be made to change something by a request for which a cookie counts without an Origin."""
    url = await tus.begin("a.bin", 4)
    assert (await tus.send("HEAD", url, x_http_method_override="DELETE")).status_code == 200
    assert await tus.offset(url) == 0
