"""Running uvicorn inside a loop that is ours: bind first, say when ready, and end in an order that loses nothing."""

import asyncio
import gc
import math
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
import uvicorn
import uvloop
from starlette.applications import Starlette

from server.app import App
from server.errors import StartRefused
from server.settings import Settings
from server.transport.http import FastHttp, PatientHttp
from server.transport.socket_asgi import READ_TO_BE_REFUSED

log = structlog.get_logger(__name__)

BACKLOG = 2048
GRACE_S = 1  # for responses under way when the process ends; sockets were told and closed before


class Server(uvicorn.Server):
    """uvicorn without its signal handling: when and in which order to end is decided here."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(host: str, port: int) -> socket.socket:
    """Take the address.

    Raises:
        StartRefused: it is taken or not ours to take.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise StartRefused(
            f"Cannot listen on {host}:{port}: {error.strerror}. Choose another port with --port or PORT."
        ) from error


async def serve(
    app: App, asgi: Starlette, listener: socket.socket, stop: asyncio.Event, on_started: Callable[[], None]
) -> None:
    """Answer until `stop` is set, then drain and return."""
    server = Server(uvicorn_config(app.settings, asgi), on_started)

    async def end() -> None:
        await stop.wait()
        try:
            await app.drain()
        finally:
            server.should_exit = True

    ending = app.tasks.start("end in order", end())
    set_aside_what_lasts()
    await server.serve([listener])
    ending.cancel()


def set_aside_what_lasts() -> None:
    """Let the garbage collector look no more at what is there when a process starts to answer: it lasts as long.

    A storm of connections made it walk through all of that again and again.
    """
    gc.collect()
    gc.freeze()


def uvicorn_config(settings: Settings, asgi: Starlette) -> uvicorn.Config:
    """How every server of ours runs, whatever it serves."""
    return uvicorn.Config(
        asgi,
        log_config=None,
        access_log=False,
        lifespan="off",
        http=FastHttp if settings.socket_adapter == "fast" else PatientHttp,
        timeout_keep_alive=math.ceil(settings.hello_timeout_s),
        ws="websockets-sansio",
        ws_max_size=settings.max_message_bytes * READ_TO_BE_REFUSED,
        ws_ping_interval=settings.ping_interval_s,
        ws_ping_timeout=settings.ping_interval_s,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE_S,
        proxy_headers=False,
        server_header=False,
    )


def run(main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Run `main` until it returns; SIGINT and SIGTERM set its event, a second one ends at once."""

    async def with_signals() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        current = asyncio.current_task()

        def on_signal() -> None:
            if stop.is_set() and current is not None:
                current.cancel()
            stop.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, on_signal)
        await main(stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(with_signals())
