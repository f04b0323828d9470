"""uvicorn in this process, on a free port of loopback unless told otherwise."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from server.cli.serving import Server

TIMEOUT_S = 10.0


@asynccontextmanager
async def listening(config: uvicorn.Config, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """The port, for as long as the block runs."""
    started = asyncio.Event()
    server = Server(config, started.set)
    with socket.create_server((host, 0)) as listener:
        serving = asyncio.ensure_future(server.serve([listener]))
        await asyncio.wait_for(started.wait(), TIMEOUT_S)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await asyncio.wait_for(serving, TIMEOUT_S)
