"""A download on a real connection: whole for who reads, cut for who stands still."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass

import httpx
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from server.cli.serving import Server, uvicorn_config
from server.settings import MIB, Settings
from server.transport.downloads import Content, download

SIZE = 64 * MIB  # far more than the buffers between the two ends hold


async def pieces(start: int, stop: int) -> AsyncIterator[bytes]:
    for at in range(start, stop, MIB):
        yield bytes(min(MIB, stop - at))


@dataclass(slots=True)
class DownloadServer:
    """`ended` is set when the answer to a request is over, whole or not."""

    port: int
    ended: asyncio.Event


@asynccontextmanager
async def server(stall_s: float, may_read: Callable[[], bool] = lambda: True) -> AsyncIterator[DownloadServer]:
    ended = asyncio.Event()

    async def file(scope: Scope, receive: Receive, send: Send) -> None:
        content = Content("a.bin", "application/octet-stream", '"1"', SIZE, pieces)
        await download(Request(scope), content, stall_s, lambda: nullcontext(may_read))(scope, receive, send)
        ended.set()

    started = asyncio.Event()
    serving_on = Server(uvicorn_config(Settings(), file), started.set)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.ensure_future(serving_on.serve([listener]))
        await asyncio.wait_for(started.wait(), 10)
        try:
            yield DownloadServer(listener.getsockname()[1], ended)
        finally:
            serving_on.should_exit = True
            await asyncio.wait_for(serving, 10)


async def test_who_reads_gets_all_of_it() -> None:
    async with server(stall_s=10) as running, httpx.AsyncClient() as http:
        assert len((await http.get(f"http://127.0.0.1:{running.port}/file")).content) == SIZE


async def test_who_takes_nothing_for_too_long_is_cut() -> None:
    """P4, P10."""
    async with server(stall_s=0.1) as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port, limit=64 * 1024)
        writer.write(b"GET /file HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        async with asyncio.timeout(20):
            await running.ended.wait()
            received = 0
            while piece := await reader.read(MIB):
                received += len(piece)
        writer.close()
    assert 0 < received < SIZE
