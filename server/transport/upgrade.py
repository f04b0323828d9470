"""uvicorn's WebSocket class for the fast socket: the handshake is uvicorn's, then the connection changes hands."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from server.transport.socket import SocketLimits
from server.transport.socket_fast import FastSocket

EXTENSION = "flashio.socket"  # of the ASGI scope: called with limits after the accept, gives the FastSocket


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
