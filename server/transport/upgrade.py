"""uvicorn's WebSocket class for the fast socket: the handshake is uvicorn's, then the connection changes hands."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.http11 import MAX_LINE_LENGTH, MAX_NUM_HEADERS, Request

from server.transport.socket import SocketLimits
from server.transport.socket_fast import FastSocket

BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding"})
REQUEST_LINE_REST_BYTES = len(b"GET  HTTP/1.1\r\n")
HEADER_LINE_REST_BYTES = len(b": \r\n")
EXTENSION = "flashio.socket"  # of the ASGI scope: called with limits after the accept, gives the FastSocket


def plain_request(method: str, url: bytes, headers: Sequence[tuple[bytes, bytes]]) -> Request | None:
    """The upgrade request that uvicorn has parsed, in websockets' form; None when that must look at it itself.

    Written out and parsed anew, as uvicorn does, every handshake would pass two parsers. So this takes only what
    the second one can have nothing against: a GET without a body, in ASCII, within its limits.
    """
    if method != "GET" or len(headers) > MAX_NUM_HEADERS or len(url) > MAX_LINE_LENGTH - REQUEST_LINE_REST_BYTES:
        return None
    lines = Headers()
    try:
        for name, value in headers:
            if name in BODY_HEADERS or len(name) + len(value) > MAX_LINE_LENGTH - HEADER_LINE_REST_BYTES:
                return None
            lines[name.decode("ascii")] = value.decode("ascii")
        return Request(url.decode("ascii"), lines)
    except UnicodeDecodeError:
        return None


class FastUpgrade(WebSocketsSansIOProtocol):
    """Reading stops at the upgrade request, so that what the client sends early waits for whoever reads it."""

    _socket: FastSocket | None = None

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.transport.pause_reading()
            self.scope["extensions"][EXTENSION] = self._take  # type: ignore[assignment]

    def _take(self, limits: SocketLimits) -> FastSocket:
        """Hand the connection over, and let go of what only the handshake needed."""
        self.stop_keepalive()
        socket = FastSocket(self.transport, limits, self.connections.discard)
        self.connections.discard(self)
        self.connections.add(socket)  # type: ignore[arg-type]
        self.transport.set_protocol(socket)
        self.disconnected = True  # for ASGI: what it would send now goes nowhere
        self.close_timer = socket.pulse  # what has none is closed when the application returns; this goes on without it
        self._socket = socket
        del self.conn, self.queue, self.request, self.response, self.scope
        return socket

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        if self._socket is not None:
            self._socket.abandon()
