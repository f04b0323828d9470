"""uvicorn as `serve` runs it, with an endpoint that echoes: the sockets alone, on either adapter."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from protocol.websocket import frame
from server.cli.serving import uvicorn_config
from server.settings import KIB, Settings
from server.transport.accepting import accepted
from server.transport.socket import DoorSocket, SocketClosed, SocketLimits
from tests.harness.listening import listening

HELLO_BYTES = 64 * KIB
HELLO_TIMEOUT_S = 0.2
LATE = 4401


@dataclass(slots=True)
class WireServer:
    """`/echo` answers every message with itself, `/hello` after a first one that it waits for; `/broken` fails.

    `/unready` fails before it accepts.
    """

    limits: SocketLimits
    port: int = 0
    received: list[bytes] = field(default_factory=list)
    sockets: list[DoorSocket] = field(default_factory=list)
    _ended: list[asyncio.Event] = field(default_factory=list)

    @property
    def socket(self) -> DoorSocket:
        """The newest."""
        return self.sockets[-1]

    async def until_ended(self) -> None:
        """Wait until the newest socket's endpoint was told of its end."""
        async with asyncio.timeout(10):
            await self._ended[-1].wait()

    def forget(self) -> None:
        """Keep nothing of what came, for long runs."""
        for kept in (self.received, self.sockets, self._ended):
            kept.clear()

    async def echo(self, websocket: WebSocket) -> None:
        accepted_socket = await accepted(websocket, self.limits, None)
        await accepted_socket.serve(self._echoing(accepted_socket), self._opened(accepted_socket))

    async def broken(self, websocket: WebSocket) -> None:
        await accepted(websocket, self.limits, None)
        raise RuntimeError("a bug in an endpoint")

    async def unready(self, _websocket: WebSocket) -> None:
        raise RuntimeError("a bug in an endpoint")

    async def hello(self, websocket: WebSocket) -> None:
        accepted_socket = await accepted(websocket, self.limits, None)
        on_ended = self._opened(accepted_socket)
        try:
            await self._greet(accepted_socket)
        except SocketClosed:
            on_ended()
            return
        await accepted_socket.serve(self._echoing(accepted_socket), on_ended)

    async def _greet(self, accepted_socket: DoorSocket) -> None:
        try:
            first = await accepted_socket.receive(HELLO_TIMEOUT_S, HELLO_BYTES)
            accepted_socket.write(frame(b"welcome " + first[:10]))
        except TimeoutError:
            accepted_socket.close(LATE, "late")

    def _opened(self, accepted_socket: DoorSocket) -> Callable[[], None]:
        ended = asyncio.Event()
        self.sockets.append(accepted_socket)
        self._ended.append(ended)
        return ended.set

    def _echoing(self, accepted_socket: DoorSocket) -> Callable[[bytes], None]:
        def echo(data: bytes) -> None:
            self.received.append(data)
            accepted_socket.write(frame(data))

        return echo


@asynccontextmanager
async def wire_server(
    adapter: str, *, ping_interval_s: float = 20.0, certificate: Path | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[WireServer]:
    """A server on a free port, until the block ends. `certificate` is a file with a certificate and its key."""
    settings = Settings(
        socket_adapter=adapter,  # type: ignore[arg-type]
        max_message_bytes=256 * KIB,
        ping_interval_s=ping_interval_s,
        hello_timeout_s=1,
        close_grace_s=0.3,
    )
    wire = WireServer(SocketLimits.of(settings))
    endpoints = {"/echo": wire.echo, "/hello": wire.hello, "/broken": wire.broken, "/unready": wire.unready}
    asgi = Starlette(routes=[WebSocketRoute(path, endpoint) for path, endpoint in endpoints.items()])
    async with listening(_configured(settings, asgi, certificate), host) as wire.port:
        yield wire


def _configured(settings: Settings, asgi: Starlette, certificate: Path | None) -> uvicorn.Config:
    config = uvicorn_config(settings, asgi)
    if certificate is not None:
        config.ssl_certfile = certificate
    return config
