"""What becomes of handshakes that are not the usual one, on either adapter."""

import asyncio

import pytest

from tests.harness.raw_client import BINARY, KEY, TIMEOUT_S, RawClient, framed
from tests.harness.wire_server import WireServer

ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455 section 1.3


async def answered(server: WireServer, path: str, *headers: str) -> tuple[bytes, RawClient]:
    """The head of what is answered to a handshake with these headers beside the key and the version."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    lines = [f"GET {path} HTTP/1.1", "Host: here", f"Sec-WebSocket-Key: {KEY}", "Sec-WebSocket-Version: 13", *headers]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    async with asyncio.timeout(TIMEOUT_S):
        return await reader.readuntil(b"\r\n\r\n"), RawClient(reader, writer)


@pytest.mark.parametrize(
    "headers",
    [
        ["Connection: Upgrade", "Upgrade: websocket"],
        ["connection: keep-alive, upgrade", "UPGRADE: WebSocket"],
        ["Connection: keep-alive", "Connection: Upgrade", "Upgrade: websocket"],
        ["Connection: Upgrade", "Upgrade: websocket", "X: \u00e4"],
    ],
    ids=["plain", "cased", "twice", "not-ascii"],
)
async def test_every_valid_handshake_is_answered_and_served(server: WireServer, headers: list[str]) -> None:
    head, client = await answered(server, "/echo", *headers)
    try:
        assert head.startswith(b"HTTP/1.1 101 ")
        assert ACCEPT in head
        client.send(framed(BINARY, b"hello"))
        assert await client.message() == b"hello"
    finally:
        client.writer.close()


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere", b"403"), ("/unready", b"500")], ids=["no door", "a door that fails"]
)
async def test_who_is_not_let_in_is_told_by_the_status(server: WireServer, path: str, status: bytes) -> None:
    head, client = await answered(server, path, "Connection: Upgrade", "Upgrade: websocket")
    assert head.startswith(b"HTTP/1.1 " + status)
    client.writer.close()


async def test_a_key_that_is_none_is_refused(server: WireServer) -> None:
    head, client = await answered(
        server, "/echo", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: short"
    )
    assert head.startswith(b"HTTP/1.1 400 ")
    client.writer.close()
