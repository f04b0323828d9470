"""Contents on an origin of their own: nothing else is there, and nobody comes in by a cookie."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest

from server.errors import StartRefused
from server.transport.content_links import ContentLinks, Kind, Link
from tests.harness.archive_client import Archives
from tests.harness.asgi import websocket
from tests.harness.worker import Person, Worker, running_worker

ORIGIN, HOST = "https://files.example.net", "files.example.net"
PAGE = "<script>alert(document.cookie)</script>"


class Noon:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
async def worker(database_url: str) -> AsyncIterator[Worker]:
    async with running_worker(database_url, files_origin=ORIGIN, files_link_secrets=("a", "b")) as worker:
        yield worker


@pytest.fixture
async def ada(worker: Worker) -> Person:
    return await worker.person()


def elsewhere(worker: Worker) -> httpx.AsyncClient:
    """A browser at the origin of contents: without any credential."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(worker.asgi), base_url=ORIGIN)


async def link_to(worker: Worker, person: Person, path: str) -> str:
    async with worker.http(person) as http:
        sent = await http.get(path)
    assert (sent.status_code, sent.headers["cache-control"]) == (307, "no-store")
    return str(sent.headers["location"])


async def test_a_file_is_read_at_the_other_origin_by_its_link_alone(worker: Worker, ada: Person) -> None:
    project = await worker.project(ada, {"a b.html": PAGE})
    url = await link_to(worker, ada, f"/files/{project}/a b.html")
    assert url.startswith(f"{ORIGIN}/content/")
    assert url.endswith("/a%20b.html")
    async with elsewhere(worker) as http:
        got = await http.get(url)
        part = await http.get(url, headers={"range": "bytes=0-7"})
    assert (got.status_code, got.text) == (200, PAGE)
    assert (part.status_code, part.text) == (206, PAGE[:8])
    assert got.headers["content-security-policy"].startswith("sandbox")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"].startswith("attachment")


async def test_a_project_is_exported_there_too(worker: Worker, ada: Person) -> None:
    project = str(await worker.project(ada, {"a.html": PAGE}))
    for kind in ("zip", "tar.gz"):
        url = await link_to(worker, ada, f"/archives/{project}.{kind}")
        async with elsewhere(worker) as http:
            archive = (await http.get(url)).content
        async with worker.http(ada) as http:
            assert (await Archives(http, worker).imported(archive))["state"] == "done"


@pytest.mark.parametrize(
    "path", ["/", "/signin", "/api/openapi.json", "/metrics", "/healthz", "/assets/x.js", "/content"]
)
async def test_nothing_else_is_at_the_other_origin(worker: Worker, path: str) -> None:
    async with elsewhere(worker) as http:
        assert (await http.get(path)).status_code == 404
        assert (await http.post(path)).status_code == 404


async def test_no_socket_opens_at_the_other_origin(worker: Worker) -> None:
    async with websocket(worker.asgi, "/ws", headers={"host": HOST, "origin": ORIGIN}) as connection:
        assert (await connection.when_closed())[0] == 1008


async def test_links_lead_nowhere_on_our_own_origin(worker: Worker, ada: Person) -> None:
    project = await worker.project(ada, {"a.html": PAGE})
    path = urlsplit(await link_to(worker, ada, f"/files/{project}/a.html")).path
    async with worker.http(ada) as http:
        assert (await http.get(path)).status_code == 404


async def test_a_link_is_good_only_while_its_person_may_read(worker: Worker, ada: Person) -> None:
    """P5."""
    project = await worker.project(ada, {"a.html": PAGE})
    bob = await worker.joined(project, "bob", "viewer")
    url = await link_to(worker, bob, f"/files/{project}/a.html")
    async with worker.app.db.acquire() as connection:
        await connection.execute("delete from project_collaborators where user_id = $1", (bob.id,))
    worker.app.door.grants.forget(None, bob.id)
    async with elsewhere(worker) as http:
        assert (await http.get(url)).status_code == 404


async def test_who_may_not_read_gets_no_link(worker: Worker, ada: Person) -> None:
    project = await worker.project(ada, {"a.html": PAGE})
    async with worker.http(await worker.person("eve")) as http:
        assert (await http.get(f"/files/{project}/a.html")).status_code == 404


def links(clock: Noon, *secrets: str) -> ContentLinks:
    return ContentLinks(ORIGIN, secrets, 60.0, clock)  # type: ignore[arg-type]


LINK = Link.model_validate({"project_id": "0" * 32, "user_id": "1" * 32, "kind": Kind.FILE, "path": "a.txt"})


def token(made: ContentLinks) -> str:
    return made.url(LINK, "a.txt").split("/")[4]


def test_a_link_ends_with_its_time() -> None:
    clock = Noon()
    made = links(clock, "new")
    signed = token(made)
    assert made.opened(signed) == LINK
    clock.at = clock.at.replace(minute=1)
    with pytest.raises(Exception, match="over"):
        made.opened(signed)


def test_a_link_made_with_an_older_secret_holds_until_that_is_taken_away() -> None:
    signed = token(links(Noon(), "old"))
    assert links(Noon(), "new", "old").opened(signed) == LINK
    with pytest.raises(Exception, match="over"):
        links(Noon(), "new").opened(signed)


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-2] + "AA", lambda t: "A" + t[1:], lambda t: t.split(".")[0], lambda _: "é."]
)
def test_a_link_that_was_changed_leads_nowhere(spoil) -> None:
    made = links(Noon(), "new")
    with pytest.raises(Exception, match="over"):
        made.opened(spoil(token(made)))


@pytest.mark.parametrize("wrong", [{"files_link_secrets": ()}, {"public_url": ORIGIN, "files_link_secrets": ("a",)}])
async def test_settings_that_do_not_fit_together_keep_the_server_from_starting(database_url: str, wrong) -> None:
    with pytest.raises(StartRefused, match="FILES_ORIGIN"):
        async with running_worker(database_url, files_origin=ORIGIN, **wrong):
            pass
