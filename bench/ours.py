"""Our server as a target: `python -m server dev` with its defaults, one worker and the embedded PostgreSQL."""

import asyncio
from pathlib import Path
from time import perf_counter
from urllib.parse import quote

import asyncpg

from bench.connecting import Room
from bench.history import Document
from bench.machine import family
from bench.messages import Dialect
from bench.sending import writing
from tests.harness.live_server import LiveServer

SNAPSHOT_ROWS = 1_000  # the server's default: with fewer log rows than this a document waits for no snapshot
SNAPSHOT_TIMEOUT_S = 60.0
POLL_S = 0.2


class OurServer:
    """Rights checked, identity stamped, every edit committed."""

    name = "flashio"

    def __init__(self, folder: Path) -> None:
        self._server = LiveServer(folder / "data")

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    def room(self, name: str) -> Room:
        token = quote(self._server.token)
        return Room(f"{self._address}/yjs/{self._server.project_id}/{name}.txt?token={token}", Dialect())

    @property
    def front_door(self) -> Room:
        """The socket of our own protocol."""
        return Room(f"{self._address}/ws", Dialect())

    @property
    def credentials(self) -> tuple[str, str]:
        """Project and bearer token."""
        return str(self._server.project_id), self._server.token

    async def keep(self, name: str, document: Document) -> str:
        """Type it as a client does, and wait until the server has made its snapshot of it."""
        async with writing(self.room(name), document.updates) as send:
            await send()
        deadline = perf_counter() + SNAPSHOT_TIMEOUT_S
        while (rows := await self._longest_log()) >= SNAPSHOT_ROWS:
            if perf_counter() > deadline:
                raise TimeoutError(f"no snapshot of {name} within {SNAPSHOT_TIMEOUT_S:g} s")
            await asyncio.sleep(POLL_S)
        return f"snapshot and at most {rows} log rows"

    async def _longest_log(self) -> int:
        connection = await asyncpg.connect(self._server.database_url)
        try:
            return int(await connection.fetchval("SELECT coalesce(max(log_rows), 0) FROM documents"))
        finally:
            await connection.close()

    @property
    def _address(self) -> str:
        return self._server.url.replace("http", "ws", 1)

    @property
    def server_pids(self) -> list[int]:
        return [self._server.pid]

    @property
    def database_pids(self) -> list[int]:
        return family(self._server.postgres_pid)
