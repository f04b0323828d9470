"""Sockets under TLS that uvicorn terminates."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from protocol.websocket import frame
from tests.harness.raw_client import BINARY, PING, PONG, Ending, Frame, RawClient, framed, raw_client
from tests.harness.wire_server import WireServer, wire_server


@pytest.fixture
def authority() -> trustme.CA:
    """Made for this test alone, as is the key of the server."""
    return trustme.CA()


@pytest.fixture
async def server(adapter: str, authority: trustme.CA, tmp_path: Path) -> AsyncIterator[WireServer]:
    certificate = tmp_path / "loopback.pem"
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    async with wire_server(adapter, certificate=certificate) as server:
        yield server


@pytest.fixture
async def client(server: WireServer, authority: trustme.CA) -> AsyncIterator[RawClient]:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    async with raw_client(server.port, tls=context) as client:
        yield client


async def test_messages_and_pings_pass(client: RawClient) -> None:
    client.send(framed(BINARY, bytes(100_000)) + framed(PING, b"?"))
    assert {await client.receive(), await client.receive()} == {Frame(BINARY, bytes(100_000)), Frame(PONG, b"?")}


async def test_a_violation_is_told(server: WireServer, client: RawClient) -> None:
    client.send(framed(BINARY, b"x", masked=False))
    assert (await client.ending()).code == 1002
    await server.until_ended()


async def test_who_is_still_sending_when_refused_is_told_all_the_same(client: RawClient) -> None:
    """Ending the connection with bytes unread would destroy the close frame on its way."""
    client.send(framed(BINARY, bytes(20_000_000)))
    assert (await client.ending()).code == 1009


async def test_a_paused_socket_goes_on_after_it_is_resumed(server: WireServer, client: RawClient) -> None:
    client.send(framed(BINARY, b"hello"))
    await client.message()
    server.socket.pause_reading()
    client.send(framed(BINARY, b"later"))
    server.socket.resume_reading()
    assert await client.message() == b"later"


async def test_much_that_was_written_arrives_before_the_close(server: WireServer, client: RawClient) -> None:
    client.send(framed(BINARY, b"hello"))
    await client.message()
    for _ in range(50):
        server.socket.write(frame(bytes(100_000)))
    server.socket.close(1013, "slow")
    for _ in range(50):
        assert len(await client.message()) == 100_000
    assert await client.ending() == Ending(1013, "slow")
