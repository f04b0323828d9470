"""The fast socket's handshake: answered straight from the request that uvicorn's HTTP class has parsed.

uvicorn has such a request parsed a second time and answers through a whole WebSocket connection of its own, which costs
more than all else about coming in. So what both can have nothing against is answered here; other requests are theirs.
"""

import asyncio
import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import unquote

import structlog
from starlette.types import ASGIApp, Message, Scope
from uvicorn.server import ServerState

from server.transport.socket import SocketClosed, SocketLimits
from server.transport.socket_fast import FastSocket

EXTENSION = "flashio.socket"  # of the ASGI scope: called with limits and a subprotocol, accepts and gives a FastSocket
MAX_HEADERS = 128  # here and below as websockets has them
MAX_LINE_BYTES = 8_192
REQUEST_LINE_REST_BYTES = len(b"GET  HTTP/1.1\r\n")
HEADER_LINE_REST_BYTES = len(b": \r\n")
BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding"})
SINGLE_HEADERS = frozenset(
    {b"connection", b"upgrade", b"origin", b"sec-websocket-key", b"sec-websocket-version", b"sec-websocket-protocol"}
)
KEY_BYTES = 16
LOST = 1006  # RFC 6455 section 7.4.1: no close frame came
ACCEPT_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 4.2.2
TOKENS = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+([ \t]*,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*")

log = structlog.get_logger(__name__)


class Handshake(NamedTuple):
    """What is answered to an upgrade request, and what of it the doors ask for."""

    accept: bytes  # Sec-WebSocket-Accept
    subprotocols: list[str]  # offered


def plain_handshake(method: str, url: bytes, headers: Sequence[tuple[bytes, bytes]]) -> Handshake | None:
    """The handshake (RFC 6455 section 4.2.1) of a request whose header names are in lower case.

    None for what another parser must look at, to refuse it or to take it: anything but a GET without a body, in ASCII,
    within the usual limits, that asks for an upgrade to WebSocket 13 and for nothing else, once.
    """
    if method != "GET" or len(headers) > MAX_HEADERS or len(url) > MAX_LINE_BYTES - REQUEST_LINE_REST_BYTES:
        return None
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in BODY_HEADERS or len(name) + len(value) > MAX_LINE_BYTES - HEADER_LINE_REST_BYTES:
            return None
        if not value.isascii() or not name.isascii() or (name in found and name in SINGLE_HEADERS):
            return None
        found[name] = value
    if not url.isascii() or b"#" in url or not _asks_for_websocket(found):
        return None
    key, offered = found.get(b"sec-websocket-key", b""), found.get(b"sec-websocket-protocol")
    if not _is_key(key) or (offered is not None and TOKENS.fullmatch(offered) is None):
        return None
    accept = base64.b64encode(hashlib.sha1(key + ACCEPT_GUID, usedforsecurity=False).digest())
    return Handshake(accept, [] if offered is None else [token.strip() for token in offered.decode().split(",")])


def _asks_for_websocket(headers: dict[bytes, bytes]) -> bool:
    options = headers.get(b"connection", b"")
    return (
        TOKENS.fullmatch(options) is not None
        and b"upgrade" in [option.strip() for option in options.lower().split(b",")]
        and headers.get(b"upgrade", b"").lower() == b"websocket"
        and headers.get(b"sec-websocket-version") == b"13"
    )


def _is_key(key: bytes) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == KEY_BYTES
    except binascii.Error:
        return False


class FastUpgrade(asyncio.Protocol):
    """A connection between its upgrade request and the door that takes it, or refuses it with 403.

    Nothing is read meanwhile, so that what the client sends early waits for whoever takes it.
    """

    def __init__(
        self, transport: asyncio.Transport, handshake: Handshake, scope: Scope, app: ASGIApp, state: ServerState
    ) -> None:
        self._transport = transport
        self._handshake = handshake
        self._state = state
        self._is_lost = False
        self._was_told = False
        self._socket: FastSocket | None = None
        scope["subprotocols"] = handshake.subprotocols
        scope["extensions"] = {EXTENSION: self._take}
        state.connections.add(self)  # type: ignore[arg-type]
        transport.pause_reading()
        transport.set_protocol(self)
        task = asyncio.get_running_loop().create_task(self._ask(app, scope))
        state.tasks.add(task)
        task.add_done_callback(self._answered)

    def shutdown(self) -> None:
        """uvicorn ends: called on all that is open."""
        self._refuse(b"503 Service Unavailable")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - lost is lost
        self._is_lost = True
        self._state.connections.discard(self)

    async def _ask(self, app: ASGIApp, scope: Scope) -> None:
        try:
            await app(scope, self._receive, self._send)
        except SocketClosed:
            return

    async def _receive(self) -> Message:
        if self._was_told:
            return {"type": "websocket.disconnect", "code": LOST}
        self._was_told = True
        return {"type": "websocket.connect"}

    async def _send(self, message: Message) -> None:
        if message["type"] != "websocket.close":
            raise RuntimeError(f"a socket of this server is taken by its extension, not with {message['type']}")
        self._refuse(b"403 Forbidden")

    def _take(self, limits: SocketLimits, subprotocol: str | None) -> FastSocket:
        """Accept, and hand the connection over.

        Raises:
            SocketClosed: the client did not wait.
        """
        if self._is_lost or self._transport.is_closing():
            raise SocketClosed
        chosen = [] if subprotocol is None else [(b"sec-websocket-protocol", subprotocol.encode())]
        self._transport.write(
            _head(
                b"101 Switching Protocols",
                [
                    (b"upgrade", b"websocket"),
                    (b"connection", b"Upgrade"),
                    (b"sec-websocket-accept", self._handshake.accept),
                    *chosen,
                    *self._state.default_headers,
                ],
            )
        )
        connections = self._state.connections
        socket = self._socket = FastSocket(self._transport, limits, connections.discard)
        connections.discard(self)
        connections.add(socket)  # type: ignore[arg-type]
        self._transport.set_protocol(socket)
        return socket

    def _refuse(self, status: bytes) -> None:
        if self._socket is None and not self._transport.is_closing():
            rest = [(b"content-length", b"0"), (b"connection", b"close"), *self._state.default_headers]
            self._transport.write(_head(status, rest))
            self._transport.close()

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._state.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a handshake failed", exc_info=error)
        if self._socket is not None:
            self._socket.abandon()
        self._refuse(b"500 Internal Server Error")


def websocket_scope(http: Scope, url: bytes) -> Scope:
    """The ASGI scope of a handshake from that of its HTTP request, which is used up."""
    path, _, query = url.partition(b"?")
    del http["method"]
    http["type"] = "websocket"
    http["scheme"] = "wss" if http["scheme"] == "https" else "ws"
    http["path"] = unquote(path.decode("ascii"))
    http["raw_path"] = path
    http["query_string"] = query
    return http


def _head(status: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    lines = b"".join([name + b": " + value + b"\r\n" for name, value in headers])
    return b"HTTP/1.1 " + status + b"\r\n" + lines + b"\r\n"
