"""Getting into a room: the handshake, and the document that a newcomer is sent."""

import asyncio
import base64
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.listener import Authors, Listener
from bench.messages import Dialect

JOIN_TIMEOUT_S = 30.0
CONNECTING_AT_ONCE = 64
NOBODY = Authors([])


@dataclass(frozen=True, slots=True)
class Room:
    """Where to connect; `dialect` is how its server is spoken to."""

    url: str
    dialect: Dialect

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 80

    def request(self, subprotocol: str | None = None) -> bytes:
        """The handshake of a client (RFC 6455 section 4.1)."""
        parts = urlsplit(self.url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        key = base64.b64encode(os.urandom(16)).decode()
        offered = f"Sec-WebSocket-Protocol: {subprotocol}\r\n" if subprotocol else ""
        return (
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{offered}\r\n"
        ).encode()


async def connected(room: Room, authors: Authors = NOBODY) -> Listener:
    """One client, in the room once it has the document.

    Raises:
        ConnectionError: the server refused or closed the socket.
        TimeoutError: the document did not come in time.
    """
    host, port = room.address
    _, client = await asyncio.get_running_loop().create_connection(
        lambda: Listener(authors, room.dialect, room.request()), host, port
    )
    async with asyncio.timeout(JOIN_TIMEOUT_S):
        await client.joined
    return client
