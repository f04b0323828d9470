"""A wire between the server and PostgreSQL that tests cut, hang and mend."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit, urlunsplit

CHUNK_BYTES = 64 * 1024


class Proxy:
    """Carries connections to a PostgreSQL server, over TCP on loopback."""

    def __init__(self, dsn: str) -> None:
        self._target = urlsplit(dsn)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._may_pass = asyncio.Event()
        self._may_pass.set()
        self._is_open = True
        self.loses_answers = False  # what the client says arrives; what is answered does not
        self.loses_answers_after = b""  # from the first thing on that the client says and that holds these bytes
        self.dsn = ""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        user = self._target.username or "postgres"
        self.dsn = urlunsplit(self._target._replace(netloc=f"{user}@127.0.0.1:{port}", query="sslmode=disable"))

    async def stop(self) -> None:
        self._may_pass.set()
        self.cut()
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """End every connection, and every new one, until `mend`."""
        self._is_open = False
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        self._is_open, self.loses_answers, self.loses_answers_after = True, False, b""

    def hang(self) -> None:
        """Carry nothing, as a frozen machine does, until `resume`."""
        self._may_pass.clear()

    def resume(self) -> None:
        self._may_pass.set()

    async def _carry(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        if not self._is_open:
            to_client.transport.abort()
            return
        server, to_server = await self._connect()
        pipes = [
            asyncio.ensure_future(self._pipe(client, to_server, self._note_question)),
            asyncio.ensure_future(self._pipe(server, to_client, lambda _: not self.loses_answers)),
        ]
        self._tasks.update(pipes)
        self._writers.update((to_client, to_server))
        await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        for writer in (to_client, to_server):
            self._writers.discard(writer)
            writer.transport.abort()
        for pipe in pipes:
            pipe.cancel()
            self._tasks.discard(pipe)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        folder = parse_qs(self._target.query).get("host", [""])[0]
        port = parse_qs(self._target.query).get("port", [str(self._target.port or 5432)])[0]
        if folder.startswith("/"):
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        return await asyncio.open_connection(self._target.hostname or "127.0.0.1", int(port))

    async def _pipe(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passes: Callable[[bytes], bool]
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                await self._may_pass.wait()
                if passes(data):
                    writer.write(data)
                    await writer.drain()

    def _note_question(self, data: bytes) -> bool:
        if self.loses_answers_after and self.loses_answers_after in data:
            self.loses_answers = True
        return True


@asynccontextmanager
async def proxy_to(dsn: str) -> AsyncIterator[Proxy]:
    proxy = Proxy(dsn)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
