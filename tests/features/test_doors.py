"""What happens at the doors when something behind them or before them is wrong: people are told, in-band."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from protocol import frame
from protocol.message import Type
from protocol.model import Empty
from protocol.projects import GetProject, TouchProject
from protocol.session import Hello
from runner.hub_client import HubClient, ServerRefused
from server.cli.serving import bind, serve
from server.feature import Call, CommandSpec, Feature, Result
from tests.harness.asgi import AsgiConnection, websocket
from tests.harness.proxy import Proxy, proxy_to
from tests.harness.worker import Worker, running_worker

SETTLE_TIMEOUT_S = 20


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    async with proxy_to(database_url) as proxy:
        yield proxy


async def knock(worker: Worker, hello: Hello) -> tuple[str, bool, int]:
    """Say Hello and return how the server refused: code, whether to retry, and close code."""
    async with websocket(worker.asgi, "/ws") as connection:
        client = HubClient(connection)  # type: ignore[arg-type]
        with pytest.raises(ServerRefused) as refused:
            await client.greet(hello)
        return refused.value.code, refused.value.retry, (await connection.when_closed())[0]


async def test_who_knocks_while_storage_is_away_is_told_so_at_every_door(proxy: Proxy) -> None:
    """P5: new sockets are refused, and told to try again."""
    async with running_worker(proxy.dsn) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": ""})
        proxy.cut()
        hello = Hello(minor=0, client="test", project_id=project_id, token=ada.token)
        assert await knock(worker, hello) == ("unavailable", True, 4503)
        async with worker.yjs(ada.token, project_id, "a.txt") as stock:
            assert (await stock.when_closed())[0] == 4503
        async with worker.http(ada, project_id) as http:
            assert (await http.post("/api/projects/get", json={})).json()["code"] == "unavailable"
            cookie = {"cookie": "flashio-session=any", "origin": "http://127.0.0.1:8000"}
            assert (await http.post("/signout", headers=cookie)).json()["code"] == "unavailable"
        proxy.mend()


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "http://elsewhere.example"])
async def test_a_page_whose_origin_is_malformed_is_refused_like_any_other(worker: Worker, origin: str) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with websocket(worker.asgi, "/ws", headers={"origin": origin}) as connection:
        assert (await connection.when_closed())[0] == 4403
    async with worker.http(ada, project_id) as http:
        assert (await http.post("/api/projects/get", json={}, headers={"origin": origin})).status_code == 403


class Unknown:
    """An effect that nobody can carry out."""


async def test_a_request_whose_effects_fail_keeps_no_other_waiting(worker: Worker) -> None:
    """P8."""

    async def broken(_call: Call, _command: TouchProject) -> Result[Empty]:
        return Result(Empty(), [Unknown()])  # type: ignore[list-item]

    commands = worker.app.dispatcher.commands
    assert isinstance(commands, dict)
    spec = commands[GetProject.name]
    commands[GetProject.name] = CommandSpec(GetProject, broken, spec.ability)
    ada = await worker.person()
    async with (
        worker.client(ada, await worker.project(ada)) as client,
        asyncio.timeout(SETTLE_TIMEOUT_S),
        asyncio.TaskGroup() as group,
    ):
        for _ in range(3):
            group.create_task(client._request(GetProject(), None))
        group.create_task(client.command(TouchProject(), uuid4()))


async def test_a_reply_that_nobody_waits_for_any_more_harms_no_later_one() -> None:
    connection = AsgiConnection()
    client = HubClient(connection)  # type: ignore[arg-type]
    reading = asyncio.ensure_future(client.read())
    asking = asyncio.ensure_future(client._request(GetProject(), None))
    await connection.receive_of_asgi()
    asking.cancel()
    for data in (
        [Type.REPLY, 1, {}],
        [Type.REPLY, 99, {}],
        [Type.ERROR, 99, {"code": "timeout", "message": "", "retry": True}],
    ):
        await connection.send_of_asgi({"type": "websocket.send", "bytes": frame.encode(data)})
    second = asyncio.ensure_future(client._request(GetProject(), None))
    await connection.receive_of_asgi()
    await connection.send_of_asgi({"type": "websocket.send", "bytes": frame.encode([Type.REPLY, 2, {"ok": True}])})
    async with asyncio.timeout(SETTLE_TIMEOUT_S):
        assert await second == {"ok": True}
    await connection.close()
    await reading


async def test_the_process_ends_although_a_feature_cannot_save(worker: Worker) -> None:
    """P2: what others have is saved before the end."""
    saved = asyncio.Event()

    async def fail() -> None:
        raise ValueError("a defect")

    async def save() -> None:
        saved.set()

    worker.app.features = (Feature("broken", flush=fail), Feature("whole", flush=save))
    stop, listener = asyncio.Event(), bind("127.0.0.1", 0)
    stop.set()
    async with asyncio.timeout(SETTLE_TIMEOUT_S):
        await serve(worker.app, worker.asgi, listener, stop, lambda: None)
    assert saved.is_set()


async def test_readiness_does_not_show_what_postgresql_said_to_anybody(proxy: Proxy) -> None:
    async with running_worker(proxy.dsn) as worker:
        proxy.cut()
        address = httpx.ASGITransport(worker.asgi)
        async with httpx.AsyncClient(transport=address, base_url="http://127.0.0.1:8000") as http:
            answer = await http.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["database"] == "PostgreSQL does not answer; the log says why."
        proxy.mend()
