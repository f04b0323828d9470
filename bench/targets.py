"""The servers under test, each in processes of its own on a free port: ours, and others that speak y-protocols.

A new one needs a class with these methods and a line in `TARGETS`.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from bench.connecting import Room
from bench.history import Document
from bench.machine import Cores, move, starting_on
from bench.ours import OurServer
from bench.peers import Hocuspocus, PycrdtWebsocket, YWebsocket


class Target(Protocol):
    """A server that the generator can talk to. It can be started again after `stop`, with what it stored.

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
        """The address of a room; one that nobody was in before is empty."""

    async def keep(self, name: str, document: Document) -> str:
        """Let a room hold a document from the next start on; returns in which form it is stored."""

    @property
    def server_pids(self) -> list[int]: ...

    @property
    def database_pids(self) -> list[int]: ...


TARGETS: dict[str, Callable[[Path], Target]] = {
    "flashio": OurServer,
    "y-websocket": YWebsocket,
    "hocuspocus": Hocuspocus,
    "pycrdt-websocket": PycrdtWebsocket,
}
OURS = "flashio"


@asynccontextmanager
async def running(target: Target, cores: Cores) -> AsyncIterator[Target]:
    """A started server on its core, stopped at the end of the block."""
    with starting_on(cores.server):
        await target.start()
    try:
        move(target.database_pids, cores.database)
        yield target
    finally:
        await target.stop()
