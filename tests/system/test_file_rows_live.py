"""The file's row follows the document: also over a storage that was away, and over a crash."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import httpx

from tests.harness.editor import Editor
from tests.harness.live_server import LiveServer, live_server

TIMEOUT_S = 15.0
POLL_S = 0.05
PATH = "notes.md"
REFRESH_FAILED = 'flashio_task_failures_total{task="refresh file rows"}'


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while not await holds():  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(POLL_S)


async def row_shows(server: LiveServer, text: str) -> bool:
    connection = await asyncpg.connect(server.database_url)
    try:
        return await connection.fetchval("select content from project_files where path = $1", PATH) == text
    finally:
        await connection.close()


async def test_a_text_that_could_not_be_shown_is_shown_when_storage_is_back() -> None:
    async with live_server(DATABASE_TIMEOUT_S="0.5") as server, server.client() as client:
        editor = await Editor().open(client, PATH, create=True)
        await editor.type(0, "typed before the outage")
        await editor.channel.when_saved()
        async with httpx.AsyncClient(base_url=server.url) as http:

            async def refresh_failed() -> bool:
                return REFRESH_FAILED in (await http.get("/metrics")).text

            with server.postgres_stopped():
                await until(refresh_failed)
        await until(lambda: row_shows(server, "typed before the outage"))


async def test_a_text_that_a_crash_kept_from_being_shown_is_shown_when_the_file_is_opened() -> None:
    async with live_server() as server:
        async with server.client() as client:
            editor = await Editor().open(client, PATH, create=True)
            await editor.type(0, "typed before the crash")
            await editor.channel.when_saved()
            await server.kill()
        await server.start()
        async with server.client() as client:
            await Editor().open(client, PATH)
            await until(lambda: row_shows(server, "typed before the crash"))
