"""The servers under test, each a fresh process on a free port: ours, and others that speak y-protocols."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol
from urllib.parse import quote

from bench.generator import Room
from bench.machine import Cores, family, move, starting_on
from bench.messages import Dialect
from protocol.yjs.lib0 import write_var_string
from tests.harness.live_server import LiveServer
from tools.setup.node_packages import ensure_node_packages

PEERS = Path(__file__).parent / "peers"
START_TIMEOUT_S = 30.0
END_TIMEOUT_S = 10.0
AUTH, TOKEN = b"\x02", b"\x00"  # of Hocuspocus: a client names itself before anything else


class Target(Protocol):
    """A server that the generator can talk to; used once: a run has a process of its own.

    `database_pids` are processes that store what the server was sent, and may run elsewhere.
    """

    name: str

    async def start(self) -> None:
        """Return when it accepts connections.

        Raises:
            RuntimeError: it did not start; the message says why.
        """

    async def stop(self) -> None: ...

    def room(self, name: str) -> Room:
        """The address of a room that nobody was in before."""

    @property
    def server_pids(self) -> list[int]: ...

    @property
    def database_pids(self) -> list[int]: ...


class OurServer:
    """`python -m server dev` with its defaults: rights checked, identity stamped, every edit committed."""

    name = "flashio"

    def __init__(self, folder: Path) -> None:
        self._server = LiveServer(folder / "data")

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    def room(self, name: str) -> Room:
        base = self._server.url.replace("http", "ws", 1)
        return Room(f"{base}/yjs/{self._server.project_id}/{name}.txt?token={quote(self._server.token)}", Dialect())

    @property
    def server_pids(self) -> list[int]:
        return [self._server.pid]

    @property
    def database_pids(self) -> list[int]:
        return family(self._server.postgres_pid)


class NodePeer:
    """A server in a folder of `peers/`, which prints its port. It keeps everything in memory."""

    def __init__(self, name: str, folder: str) -> None:
        self.name = name
        self._folder = PEERS / folder
        self._process: asyncio.subprocess.Process
        self._port = 0

    async def start(self) -> None:
        ensure_node_packages(self._folder)
        self._process = await asyncio.create_subprocess_exec(
            *("node", "server.mjs"),
            cwd=self._folder,
            env=os.environ | {"NODE_ENV": "production"},
            stdout=asyncio.subprocess.PIPE,
        )
        if self._process.stdout is None:
            raise RuntimeError("the output of the peer is not read")
        async with asyncio.timeout(START_TIMEOUT_S):
            line = await self._process.stdout.readline()
        if not line.strip().isdigit():
            raise RuntimeError(f"{self.name} did not start: {line!r}")
        self._port = int(line)

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        async with asyncio.timeout(END_TIMEOUT_S):
            await self._process.wait()

    def room(self, name: str) -> Room:
        return Room(f"ws://127.0.0.1:{self._port}/{name}", self.dialect(name))

    def dialect(self, name: str) -> Dialect:  # noqa: ARG002 - a room of y-websocket is told by its address alone
        return Dialect()

    @property
    def server_pids(self) -> list[int]:
        return [self._process.pid]

    @property
    def database_pids(self) -> list[int]:
        return []


class Hocuspocus(NodePeer):
    """It names the document in front of each message, and waits for a client to authenticate."""

    def __init__(self) -> None:
        super().__init__("hocuspocus", "hocuspocus")

    def dialect(self, name: str) -> Dialect:
        address = write_var_string(name)
        return Dialect(address, (address + AUTH + TOKEN + write_var_string("token"),))


NAMES = ("flashio", "y-websocket", "hocuspocus")


def made(name: str, folder: Path) -> Target:
    """A target by name; `folder` is empty and its own."""
    match name:
        case "flashio":
            return OurServer(folder)
        case "y-websocket":
            return NodePeer("y-websocket", "y_websocket")
        case "hocuspocus":
            return Hocuspocus()
    raise ValueError(f"there is no target {name!r}; there are {', '.join(NAMES)}")


@asynccontextmanager
async def running(name: str, cores: Cores) -> AsyncIterator[Target]:
    """A fresh server on its core, stopped at the end of the block."""
    with TemporaryDirectory(prefix="bench-") as folder:
        target = made(name, Path(folder))
        with starting_on(cores.server):
            await target.start()
        try:
            move(target.database_pids, cores.database)
            yield target
        finally:
            await target.stop()
