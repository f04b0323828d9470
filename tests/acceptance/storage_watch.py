"""What the world is told while PostgreSQL is away: Storage and Saved frames on a socket, and /readyz."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from tests.harness.editor import Editor
from tests.harness.live_server import LiveServer

POLL_S = 0.01
TIMEOUT_S = 20.0
NOT_READY, READY = 503, 200


@asynccontextmanager
async def storage_watch(server: LiveServer, path: str) -> AsyncIterator["StorageWatch"]:
    """A person with a document of their own, for as long as the server lives."""
    async with server.client() as client, httpx.AsyncClient(base_url=server.url) as http:
        yield StorageWatch(await Editor().open(client, path, create=True), http)


class StorageWatch:
    def __init__(self, editor: Editor, http: httpx.AsyncClient) -> None:
        self._editor = editor
        self._http = http

    async def sees_loss(self) -> None:
        """Type, and return once typing is told to be unsaved and the server says that it is not ready.

        Raises:
            TimeoutError: one of them did not happen.
        """
        await self._editor.type(0, "typed while storage is away ")
        await asyncio.gather(self._until_ready_is(NOT_READY), self._editor.channel.when_storage(reachable=False))

    async def sees_return(self) -> None:
        """Return once the server is ready again and what was typed meanwhile is saved.

        Raises:
            TimeoutError: one of them did not happen.
        """
        await asyncio.gather(self._until_ready_is(READY), self._editor.channel.when_storage(reachable=True))
        await self._editor.channel.when_saved()

    async def _until_ready_is(self, status: int) -> None:
        async with asyncio.timeout(TIMEOUT_S):
            while (await self._http.get("/readyz")).status_code != status:  # noqa: ASYNC110 - another process does it
                await asyncio.sleep(POLL_S)
