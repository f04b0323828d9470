"""pycrdt-websocket below uvicorn, on a free port, which it prints.

Nothing is stored; documents in the folder $DOCUMENTS, one update each, are put into the package's own file stores
before the port is printed, and loaded from there when somebody joins.
"""

import asyncio
import logging
import os
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


async def main() -> None:
    logging.disable(logging.WARNING)
    folder = os.environ.get("DOCUMENTS")
    if folder is None:
        websocket_server = WebsocketServer()
    else:
        await fill_stores(Path(folder))
        websocket_server = Loading(Path(folder))
    config = uvicorn.Config(ASGIServer(websocket_server), host="127.0.0.1", port=0, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    async with websocket_server:
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        print(server.servers[0].sockets[0].getsockname()[1], flush=True)
        await serving


async def fill_stores(folder: Path) -> None:
    for update in folder.glob("*.update"):
        path = update.with_suffix(".y")
        if not path.exists():
            await FileYStore(str(path)).write(update.read_bytes())


if __name__ == "__main__":
    config_loop = uvicorn.Config(None, loop="auto").get_loop_factory()
    with asyncio.Runner(loop_factory=config_loop) as runner:
        runner.run(main())
