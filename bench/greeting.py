"""A client of `/ws` that signs in to a project and then does nothing but answer pings."""

import asyncio
from typing import cast

import protocol
from bench.connecting import JOIN_TIMEOUT_S, Room
from bench.frames import BINARY, CLOSE, PING, next_frame
from bench.messages import masked
from protocol import frame
from protocol.message import Type


class WsClient(asyncio.Protocol):
    """`closed` says why, once it is."""

    def __init__(self, room: Room, hello: bytes) -> None:
        self._room = room
        self._hello = hello
        self._rest = b""
        self._is_open = False
        self._transport: asyncio.Transport
        self.welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed: str | None = None

    def close(self) -> None:
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._room.request(protocol.SUBPROTOCOL))

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(self.closed or f"the connection broke: {exc}")

    def data_received(self, data: bytes) -> None:
        data, pos = self._rest + data, 0
        if not self._is_open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._end(f"the handshake was refused: {head[:200]!r}")
                return
            self._is_open = True
            self._transport.write(self._hello)
        while (found := next_frame(data, pos)) is not None:
            self._take(found.opcode, data[found.payload : found.end])
            pos = found.end
        self._rest = data[pos:]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self._transport.write(masked(payload, opcode=10))
        elif opcode == CLOSE:
            self._end(f"closed with {int.from_bytes(payload[:2], 'big')}: {payload[2:].decode(errors='replace')}")
            self._transport.close()
        elif opcode == BINARY and not self.welcomed.done():
            first = frame.decode(payload)
            if first[0] == Type.HELLO:
                self.welcomed.set_result(None)
            else:
                self._end(f"not welcome: {first}")

    def _end(self, reason: str) -> None:
        self.closed = reason
        if not self.welcomed.done():
            self.welcomed.set_exception(ConnectionError(reason))
            self.welcomed.exception()


async def greeted(room: Room, project_id: str, token: str) -> WsClient:
    """One client that is signed in.

    Raises:
        ConnectionError: the server refused or closed the socket.
        TimeoutError: no welcome in time.
    """
    hello = {"minor": protocol.VERSION[1], "client": "bench", "projectId": project_id, "token": token}
    greeting = masked(frame.encode([Type.HELLO, hello]))
    host, port = room.address
    _, client = await asyncio.get_running_loop().create_connection(lambda: WsClient(room, greeting), host, port)
    async with asyncio.timeout(JOIN_TIMEOUT_S):
        await client.welcomed
    return client
