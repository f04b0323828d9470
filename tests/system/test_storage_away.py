"""PostgreSQL freezes or dies while people type: they are told, memory stays bounded, nothing is lost (P1, P2, P10)."""

import asyncio
import json
import re
import time
import urllib.error
import urllib.request

import pytest

from tests.harness.editor import Editor
from tests.harness.live_server import LiveServer, live_server

LIMIT_BYTES = 65_536
EDIT_BYTES, EDITS = 1_000, 200  # three times what the memory for unwritten edits holds
SETTLE_TIMEOUT_S = 30.0
NOT_READY_WITHIN_S = 5.0  # a load balancer that waits longer than this sends people here meanwhile
UNWRITTEN = re.compile(r"^flashio_unwritten_bytes (\S+)", re.MULTILINE)


async def fetched(server: LiveServer, path: str) -> tuple[int, str]:
    """The status and body of a page."""

    def fetch() -> tuple[int, str]:
        try:
            with urllib.request.urlopen(server.url + path, timeout=SETTLE_TIMEOUT_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    return await asyncio.get_running_loop().run_in_executor(None, fetch)


async def unwritten_bytes(server: LiveServer) -> float:
    found = UNWRITTEN.search((await fetched(server, "/metrics"))[1])
    assert found is not None
    return float(found[1])


@pytest.mark.slow
async def test_a_frozen_database_stops_writers_and_loses_nothing() -> None:
    """P1, P10."""
    environment = {"UNWRITTEN_LIMIT_BYTES": str(LIMIT_BYTES), "DATABASE_TIMEOUT_S": "1"}
    async with live_server(**environment) as server:
        async with server.client() as writer, server.client() as watcher:
            ada, bob = await Editor().open(writer, "notes.md", create=True), await Editor().open(watcher, "notes.md")
            await ada.type(0, "before ")
            await ada.channel.when_saved()
            with server.postgres_stopped():
                for _ in range(EDITS):
                    await ada.type(0, "x" * EDIT_BYTES)
                await ada.channel.when_storage(reachable=False)
                await bob.channel.when_storage(reachable=False)
                began = time.monotonic()
                status, body = await fetched(server, "/readyz")
                assert (status, json.loads(body)["status"]) == (503, "not ready")
                assert time.monotonic() - began < NOT_READY_WITHIN_S
                assert (await fetched(server, "/healthz"))[0] == 200
                held = await unwritten_bytes(server)
                assert LIMIT_BYTES <= held < LIMIT_BYTES + 2 * EDIT_BYTES
                assert ada.channel.saved == 1
                assert len(bob.text) < EDITS * EDIT_BYTES / 2
            await ada.channel.when_saved(timeout_s=SETTLE_TIMEOUT_S)
            await bob.channel.when_storage(reachable=True)
            await bob.until("x" * EDIT_BYTES * EDITS + "before ")
            assert (await fetched(server, "/readyz"))[0] == 200
            assert await unwritten_bytes(server) == 0
        await server.kill()
        await server.start()
        async with server.client() as reader:
            text = str((await Editor().open(reader, "notes.md")).text)
        assert text == "x" * EDIT_BYTES * EDITS + "before "


@pytest.mark.slow
async def test_a_killed_database_comes_back_and_everything_is_saved_once() -> None:
    """P1, P2."""
    async with live_server(DATABASE_TIMEOUT_S="1") as server:
        async with server.client() as writer:
            ada = await Editor().open(writer, "notes.md", create=True)
            for n in range(5):
                await ada.type(0, f"{n} ")
                await ada.channel.when_saved()
                server.kill_postgres()
                await ada.type(0, f"[{n}] ")
                await ada.channel.when_saved(timeout_s=SETTLE_TIMEOUT_S)
            expected = str(ada.text)
        await server.kill()
        await server.start()
        async with server.client() as reader:
            assert str((await Editor().open(reader, "notes.md")).text) == expected
