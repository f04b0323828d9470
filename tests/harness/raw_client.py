"""A WebSocket client that may break every rule: it sends bytes, and reads frames as they come."""

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
FINAL, MASKED = 0x80, 0x80
TIMEOUT_S = 10.0
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 section 1.3


class Frame(NamedTuple):
    opcode: int
    payload: bytes


class Ending(NamedTuple):
    """The server's close frame; `code` is None when the connection ended without one."""

    code: int | None
    reason: str


def framed(opcode: int, payload: bytes = b"", *, final: bool = True, reserved: int = 0, masked: bool = True) -> bytes:
    """One frame as a client sends it, or as it must not."""
    size, mask = len(payload), os.urandom(4) if masked else b""
    head = bytes((opcode | reserved | (FINAL if final else 0),))
    flag = MASKED if masked else 0
    if size < 126:
        head += bytes((flag | size,))
    elif size < 1 << 16:
        head += bytes((flag | 126,)) + size.to_bytes(2, "big")
    else:
        head += bytes((flag | 127,)) + size.to_bytes(8, "big")
    return head + mask + (unmasked(payload, mask) if masked else payload)


def unmasked(payload: bytes, mask: bytes) -> bytes:
    pad = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(len(payload), "big")


def closing(code: int, reason: bytes = b"") -> bytes:
    return framed(CLOSE, code.to_bytes(2, "big") + reason)


class RawClient:
    """Reads only when asked to, so it can be slow, silent or deaf."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def upgrade(self, path: str, host: str) -> None:
        """Shake hands.

        Raises:
            ConnectionError: the server answered something else.
        """
        self.writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        async with asyncio.timeout(TIMEOUT_S):
            head = await self._reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise ConnectionError(head.decode())

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def receive(self) -> Frame:
        """The next frame.

        Raises:
            EOFError: the connection ended.
        """
        async with asyncio.timeout(TIMEOUT_S):
            head, size = await self._reader.readexactly(2)
            if size == 126:
                size = int.from_bytes(await self._reader.readexactly(2), "big")
            elif size == 127:
                size = int.from_bytes(await self._reader.readexactly(8), "big")
            return Frame(head & 0x0F, await self._reader.readexactly(size))

    async def message(self) -> bytes:
        """The payload of the next binary message; other frames are passed over."""
        while True:
            frame = await self.receive()
            if frame.opcode == BINARY:
                return frame.payload

    async def ending(self, *, answer: bool = True) -> Ending:
        """Read on until the server closes, answer its close frame, and see the connection end."""
        ending = Ending(None, "")
        try:
            while True:
                frame = await self.receive()
                if frame.opcode == CLOSE:
                    ending = Ending(int.from_bytes(frame.payload[:2], "big"), frame.payload[2:].decode())
                    if answer:
                        self.send(framed(CLOSE, frame.payload))
        except (EOFError, OSError):
            return ending

    def abort(self) -> None:
        self.writer.transport.abort()


def small_receive_buffer(port: int) -> socket.socket:
    """A connection to loopback whose kernel takes little: who stops reading it is felt soon."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    return connection


@asynccontextmanager
async def raw_client(
    port: int,
    path: str = "/echo",
    *,
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
    upgrade: bool = True,
) -> AsyncIterator[RawClient]:
    """A client that has shaken hands, unless told not to."""
    name = "localhost" if tls else None
    reader, writer = await asyncio.open_connection(host, port, ssl=tls, server_hostname=name, limit=1 << 20)
    client = RawClient(reader, writer)
    try:
        if upgrade:
            await client.upgrade(path, f"{host}:{port}")
        yield client
    finally:
        client.abort()
