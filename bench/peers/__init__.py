"""Other servers as targets: as their packages ship them, in memory, without rights."""

import asyncio
import os
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from urllib.parse import quote

from bench.connecting import Room
from bench.history import Document
from bench.messages import Dialect
from protocol.yjs.lib0 import write_var_string
from tools.setup.node_packages import ensure_node_packages

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
START_TIMEOUT_S = 30.0
END_TIMEOUT_S = 10.0
AUTH, TOKEN = b"\x02", b"\x00"  # of Hocuspocus: a client names itself before anything else


class Peer(ABC):
    """A program that prints its port. It keeps everything in memory, but loads documents from a folder."""

    name: str

    def __init__(self, folder: Path) -> None:
        self._documents = folder / "documents"
        self._process: asyncio.subprocess.Process
        self._port = 0

    @abstractmethod
    def command(self) -> tuple[list[str], Path]:
        """What to run, and where."""

    async def start(self) -> None:
        command, folder = self.command()
        loading = {"DOCUMENTS": str(self._documents)} if self._documents.exists() else {}
        self._process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=os.environ | {"NODE_ENV": "production"} | loading,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        if self._process.stdout is None:
            raise RuntimeError("the output of the peer is not read")
        async with asyncio.timeout(START_TIMEOUT_S):
            line = await self._process.stdout.readline()
        if not line.strip().isdigit():
            raise RuntimeError(f"{self.name} did not start: {line!r}; run {' '.join(command)} in {folder} to see why")
        self._port = int(line)

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        async with asyncio.timeout(END_TIMEOUT_S):
            await self._process.wait()

    def room(self, name: str) -> Room:
        return Room(f"ws://127.0.0.1:{self._port}/{name}", self.dialect(name))

    def dialect(self, name: str) -> Dialect:  # noqa: ARG002 - most rooms are told by their address alone
        return Dialect()

    async def keep(self, name: str, document: Document) -> str:
        """Put it, as one update, where the program looks when somebody joins."""
        self._documents.mkdir(exist_ok=True)
        (self._documents / f"{quote(name, safe='')}.update").write_bytes(document.merged)
        return "one update in a file"

    @property
    def server_pids(self) -> list[int]:
        return [self._process.pid]

    @property
    def database_pids(self) -> list[int]:
        return []


class NodePeer(Peer):
    folder: str

    def command(self) -> tuple[list[str], Path]:
        ensure_node_packages(HERE / self.folder)
        return ["node", "server.mjs"], HERE / self.folder


class YWebsocket(NodePeer):
    name = "y-websocket"
    folder = "y_websocket"


class Hocuspocus(NodePeer):
    """It names the document in front of each message, and waits for a client to authenticate."""

    name = "hocuspocus"
    folder = "hocuspocus"

    def dialect(self, name: str) -> Dialect:
        address = write_var_string(name)
        return Dialect(address, (address + AUTH + TOKEN + write_var_string("token"),))


class PycrdtWebsocket(Peer):
    name = "pycrdt-websocket"

    def command(self) -> tuple[list[str], Path]:
        return [sys.executable, "-m", "bench.peers.pycrdt_websocket.server"], ROOT

    async def keep(self, name: str, document: Document) -> str:
        await super().keep(name, document)
        return "one update in a FileYStore"
