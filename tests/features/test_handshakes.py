"""Who may knock at all: Host and Origin are checked at every door, and a cookie alone is never enough (P5)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import pytest

from protocol.ids import ProjectId
from protocol.session import Hello
from protocol.yjs import sync
from runner.hub_client import HubClient, ServerRefused
from server.transport import yjs
from server.transport.cookies import PLAIN_NAME
from tests.harness.asgi import HOST, AsgiConnection, websocket
from tests.harness.worker import Person, Worker, running_worker

OURS = f"http://{HOST}"
FOREIGN = "https://evil.example"


class Visit:
    """Somebody at the doors with the headers of a browser."""

    def __init__(self, worker: Worker, person: Person, project_id: ProjectId, cookie: str) -> None:
        self.worker, self.person, self.project_id, self.cookie = worker, person, project_id, cookie

    async def ws(self, *, token: str | None = None, **headers: str) -> str:
        """The error code at `/ws`, or `in`."""
        async with websocket(self.worker.asgi, "/ws", headers=headers) as connection:
            client = HubClient(connection)  # type: ignore[arg-type]
            try:
                await client.greet(Hello(minor=0, client="test", project_id=self.project_id, token=token))
            except ServerRefused as refused:
                assert (await connection.when_closed())[0] >= 4400
                return refused.code
            return "in"

    async def yjs(self, *, token: str | None = None, **headers: str) -> str:
        """The error code at `/yjs`, or `in`."""
        query = "" if token is None else f"?token={token}"
        async with self.opened(f"/yjs/{self.project_id}/a.txt{query}", headers) as connection:
            (message,) = sync.parse_frame(await connection.recv())  # type: ignore[arg-type]
            if isinstance(message, sync.AuthDenied):
                assert (await connection.when_closed())[0] >= 4400
                return message.reason.partition(":")[0]
            return "in"

    async def http(self, *, token: str | None = None, **headers: str) -> str:
        """The error code of a call, or `in`."""
        given = headers | {"x-project": str(self.project_id), "idempotency-key": str(uuid4())}
        if token is not None:
            given["authorization"] = f"Bearer {token}"
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.worker.asgi), base_url=OURS) as http:
            answer = await http.post("/api/files/list", json={}, headers=given)
        return "in" if answer.status_code == 200 else answer.json()["code"]

    @asynccontextmanager
    async def opened(self, address: str, headers: dict[str, str]) -> AsyncIterator[AsgiConnection]:
        async with websocket(self.worker.asgi, address, headers=headers) as connection:
            yield connection


@asynccontextmanager
async def visit_to(worker: Worker) -> AsyncIterator[Visit]:
    person = await worker.person()
    project_id = await worker.project(person, {"a.txt": ""})
    yield Visit(worker, person, project_id, f"{PLAIN_NAME}={await worker.session(person)}")


@pytest.fixture(autouse=True)
def _without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is refused is answered slowly; not in tests that are refused fifty times."""
    monkeypatch.setattr(yjs, "REFUSAL_DELAY_S", 0)


@pytest.fixture
async def visit(worker: Worker) -> AsyncIterator[Visit]:
    async with visit_to(worker) as visit:
        yield visit


DOORS = pytest.mark.parametrize("door", ["ws", "yjs", "http"])


@DOORS
async def test_a_cookie_is_good_from_our_own_page(visit: Visit, door: str) -> None:
    assert await getattr(visit, door)(cookie=visit.cookie, origin=OURS) == "in"


@DOORS
async def test_a_cookie_without_an_origin_is_no_sign_in(visit: Visit, door: str) -> None:
    assert await getattr(visit, door)(cookie=visit.cookie) == "unauthenticated"


@DOORS
@pytest.mark.parametrize("origin", [FOREIGN, f"{OURS}.evil.example", "null", "http://127.0.0.1:8001", ""])
async def test_a_page_of_somebody_else_gets_in_with_nothing(visit: Visit, door: str, origin: str) -> None:
    assert await getattr(visit, door)(cookie=visit.cookie, origin=origin) == "forbidden"
    assert await getattr(visit, door)(token=visit.person.token, origin=origin) == "forbidden"


@DOORS
async def test_what_the_browser_says_of_the_page_does_not_outweigh_its_origin(visit: Visit, door: str) -> None:
    said = {"cookie": visit.cookie, "sec-fetch-site": "same-origin"}
    assert await getattr(visit, door)(origin=FOREIGN, **said) == "forbidden"
    assert await getattr(visit, door)(**said) == "unauthenticated"


@pytest.mark.parametrize(("door", "answer"), [("ws", "forbidden"), ("yjs", "forbidden"), ("http", "in")])
async def test_a_form_of_ours_has_no_origin_of_its_own_and_a_socket_has(visit: Visit, door: str, answer: str) -> None:
    said = {"cookie": visit.cookie, "sec-fetch-site": "same-origin"}
    assert await getattr(visit, door)(origin="null", **said) == answer


@DOORS
async def test_a_program_without_an_origin_gets_in_with_its_token(visit: Visit, door: str) -> None:
    assert await getattr(visit, door)(token=visit.person.token) == "in"


@DOORS
@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.", "", "["])
async def test_a_name_that_is_not_ours_is_refused_though_its_page_has_the_same_origin(
    visit: Visit, door: str, host: str
) -> None:
    """DNS rebinding: a page points its own name at this server."""
    headers = {"host": host, "origin": f"http://{host}", "cookie": visit.cookie}
    assert await getattr(visit, door)(**headers) == "forbidden"
    assert await getattr(visit, door)(host=host, token=visit.person.token) == "forbidden"


@DOORS
@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1", "[::1]", "[::1]:8000"])
async def test_loopback_names_are_ours(visit: Visit, door: str, host: str) -> None:
    assert await getattr(visit, door)(host=host, token=visit.person.token) == "in"


async def test_names_and_pages_that_are_allowed_get_in(database_url: str) -> None:
    names = {"allowed_hosts": ("ide.example",), "allowed_origins": ("https://app.example",)}
    async with running_worker(database_url, **names) as worker, visit_to(worker) as visit:
        for door in (visit.ws, visit.yjs, visit.http):
            assert await door(host="ide.example", origin="https://app.example", cookie=visit.cookie) == "in"
            assert await door(host="ide.example", origin=FOREIGN, cookie=visit.cookie) == "forbidden"
            assert await door(host="other.example", origin="https://app.example", cookie=visit.cookie) == "forbidden"


async def test_a_session_that_ended_is_no_sign_in(visit: Visit) -> None:
    """P5."""
    async with visit.worker.app.db.acquire() as connection:
        await connection.execute("delete from sessions")
    for door in (visit.ws, visit.yjs, visit.http):
        assert await door(cookie=visit.cookie, origin=OURS) == "unauthenticated"
