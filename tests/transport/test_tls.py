"""Sockets under TLS that uvicorn terminates."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from protocol.websocket import frame
from runner.hub_client import connected
from tests.harness.doors import doors
from tests.harness.editor import Editor
from tests.harness.raw_client import BINARY, PING, PONG, Ending, Frame, RawClient, framed, raw_client
from tests.harness.wire_server import WireServer, wire_server


@pytest.fixture
def authority() -> trustme.CA:
    """Made for this test alone, as is the key of the server."""
    return trustme.CA()


@pytest.fixture
def certificate(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "loopback.pem"
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(path))
    return path


@pytest.fixture
def trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
async def server(adapter: str, certificate: Path) -> AsyncIterator[WireServer]:
    async with wire_server(adapter, certificate=certificate) as server:
        yield server


@pytest.fixture
async def client(server: WireServer, trust: ssl.SSLContext) -> AsyncIterator[RawClient]:
    async with raw_client(server.port, tls=trust) as client:
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


async def test_two_people_edit_over_wss(
    database_url: str, adapter: str, certificate: Path, trust: ssl.SSLContext
) -> None:
    """From our client through TLS, the doors and the log, to another client."""
    async with doors(database_url, adapter, certificate=certificate) as opened:
        url, token = f"https://localhost:{opened.port}", opened.ada.token
        async with (
            connected(url, opened.project_id, token=token, ssl=trust) as one,
            connected(url, opened.project_id, token=token, ssl=trust) as other,
        ):
            ada, bob = await Editor().open(one, "a.txt"), await Editor().open(other, "a.txt")
            await ada.type(0, "x" * 300_000)
            await ada.channel.when_saved()
            await bob.until("x" * 300_000)
