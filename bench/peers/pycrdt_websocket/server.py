"""pycrdt-websocket below uvicorn, on a free port, which it prints.

Nothing is stored; documents in the folder $DOCUMENTS, one update each, are put into the package's own file stores
before the port is printed, and loaded from there when somebody joins.
"""

import asyncio
import logging
import os
import socket
from pathlib import Path
from urllib.parse import quote

import uvicorn
from pycrdt.store import FileYStore
from pycrdt.websocket import ASGIServer, WebsocketServer, YRoom


class Loading(WebsocketServer):
    """Rooms whose document has a store begin with it."""

    def __init__(self, stores: Path) -> None:
        super().__init__()
        self._stores = stores

    async def get_room(self, name: str) -> YRoom:
        path = self._stores / f"{quote(name.lstrip('/'), safe='')}.y"
        if name in self.rooms or not path.exists():
            return await super().get_room(name)
        room = self.rooms[name] = YRoom(ready=False, ystore=FileYStore(str(path)))
        await room.ystore.apply_updates(room.ydoc)
        room.ready = True
        await self.start_room(room)
        return room


class Telling(uvicorn.Server):
    """Prints its port once it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)


async def main(folder: Path | None, updates: list[Path]) -> None:
    await fill_stores(updates)
    websocket_server = WebsocketServer() if folder is None else Loading(folder)
    config = uvicorn.Config(ASGIServer(websocket_server), host="127.0.0.1", port=0, log_level="error", access_log=False)
    server = Telling(config)
    async with websocket_server:
        await server.serve()


async def fill_stores(updates: list[Path]) -> None:
    for update in updates:
        path = update.with_suffix(".y")
        if not path.exists():
            await FileYStore(str(path)).write(update.read_bytes())


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    documents = Path(os.environ["DOCUMENTS"]) if "DOCUMENTS" in os.environ else None
    kept = list(documents.glob("*.update")) if documents else []
    loop_factory = uvicorn.Config(None, loop="auto").get_loop_factory()  # uvicorn's choice: uvloop where there is one
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(main(documents, kept))
