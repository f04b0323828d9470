"""What the world is told while PostgreSQL is away: Storage frames on a socket, and /readyz."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from runner.hub_client import Channel
from tests.harness.live_server import LiveServer

POLL_S = 0.01
TIMEOUT_S = 20.0
NOT_READY, READY = 503, 200


@asynccontextmanager
async def storage_watch(server: LiveServer, path: str) -> AsyncIterator["StorageWatch"]:
    """A client that has the document open and types nothing."""
    async with server.client() as client, httpx.AsyncClient(base_url=server.url) as http:
        yield StorageWatch(await client.open(path, create=True), http)


class StorageWatch:
    def __init__(self, channel: Channel, http: httpx.AsyncClient) -> None:
        self._channel = channel
        self._http = http

    async def sees_loss(self) -> None:
        """Return once both have said that storage is away.

        Raises:
            TimeoutError: one of them did not.
        """
        await asyncio.gather(self._until_ready_is(NOT_READY), self._channel.when_storage(reachable=False))

    async def sees_return(self) -> None:
        """Return once both have said that storage is back.

        Raises:
            TimeoutError: one of them did not.
        """
        await asyncio.gather(self._until_ready_is(READY), self._channel.when_storage(reachable=True))

    async def _until_ready_is(self, status: int) -> None:
        async with asyncio.timeout(TIMEOUT_S):
            while (await self._http.get("/readyz")).status_code != status:  # noqa: ASYNC110 - another process does it
                await asyncio.sleep(POLL_S)
