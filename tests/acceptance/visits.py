"""Ways to come to a server and to leave it again, polite and rude: the cycles of `soak`."""

import socket
import struct
from collections.abc import Awaitable, Callable
from uuid import UUID

from protocol import frame
from protocol.ids import ProjectId
from protocol.message import Type
from protocol.session import Hello
from protocol.yjs.awareness import AwarenessEntry, encode_awareness_update
from tests.harness.editor import Editor
from tests.harness.live_server import LiveServer
from tests.harness.raw_client import BINARY, CLOSE, RawClient, closing, framed, raw_client

CURSOR = '{"user":{"name":"Ada"},"cursor":null}'
SHARED_PATH = "soak/shared.txt"

Visit = Callable[[LiveServer, int], Awaitable[None]]


def room_worker(server: LiveServer) -> Callable[[int], Awaitable[str]]:
    """Cycles of one person, each in a document of its own; every second one is left by closing the socket alone."""

    async def cycle(number: int) -> str:
        async with server.client() as client:
            editor = await Editor().open(client, f"soak/{number}.txt", create=True)
            await editor.channel.aware(encode_awareness_update([AwarenessEntry(editor.doc.client_id, 1, CURSOR)]))
            for word in ("typed ", "twice "):
                await editor.type(0, word)
            await editor.channel.when_saved()
            if number % 2:
                return "left with the socket"
            await editor.channel.close()
            return "closed first"

    return cycle


async def closed_politely(server: LiveServer, number: int) -> None:
    async with raw_client(server.port, "/ws") as client:
        await _sign_in(server, client)
        client.send(closing(1000))
        while (await client.receive()).opcode != CLOSE:
            pass


async def aborted(server: LiveServer, number: int) -> None:
    """With a reset where the number is odd."""
    async with raw_client(server.port, "/ws") as client:
        await _sign_in(server, client)
        _reset_at_end(client, number)


async def aborted_in_a_document(server: LiveServer, number: int) -> None:
    """Some of them in the middle of a request."""
    async with raw_client(server.port, "/ws") as client:
        await _sign_in(server, client)
        body = {"path": SHARED_PATH, "stateVector": b"\0", "create": True}
        client.send(framed(BINARY, frame.encode([Type.REQUEST, 1, "documents/open", body, None])))
        if number % 3:
            await client.message()
        _reset_at_end(client, number)


async def aborted_as_a_stock_client(server: LiveServer, number: int) -> None:
    async with raw_client(server.port, _yjs(server)) as client:
        if number % 3:
            await client.message()
        _reset_at_end(client, number)


async def closed_politely_as_a_stock_client(server: LiveServer, number: int) -> None:
    async with raw_client(server.port, _yjs(server)) as client:
        await client.message()
        client.send(closing(1000))
        while (await client.receive()).opcode != CLOSE:
            pass


async def left_before_hello(server: LiveServer, number: int) -> None:
    async with raw_client(server.port, "/ws") as client:
        _reset_at_end(client, number)


async def left_before_welcome(server: LiveServer, number: int) -> None:
    async with raw_client(server.port, "/ws") as client:
        client.send(_hello(server, server.token))
        await client.writer.drain()
        _reset_at_end(client, number)


async def left_in_the_handshake(server: LiveServer, number: int) -> None:
    request = b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    rest = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    said = (b"", request[:30], request, request + rest)[number // len(ENDINGS) % 4]
    async with raw_client(server.port, upgrade=False) as client:
        client.send(said)
        await client.writer.drain()
        _reset_at_end(client, number)


async def refused(server: LiveServer, number: int) -> None:
    async with raw_client(server.port, "/ws") as client:
        client.send(_hello(server, "no-such-token"))
        await client.ending(answer=bool(number % 2))


async def thrown_out(server: LiveServer, number: int) -> None:
    """For a frame that breaks the protocol, or a message that cannot be read."""
    async with raw_client(server.port, "/ws") as client:
        await _sign_in(server, client)
        client.send(framed(BINARY, b"\xc1", masked=bool(number % 2)))
        await client.ending()


# As they come in turn: most sign in.
ENDINGS: tuple[Visit, ...] = (
    closed_politely,
    aborted,
    aborted_in_a_document,
    closed_politely_as_a_stock_client,
    closed_politely,
    left_in_the_handshake,
    aborted,
    aborted_as_a_stock_client,
    left_before_hello,
    closed_politely,
    refused,
    aborted_in_a_document,
    left_before_welcome,
    thrown_out,
    aborted,
)


async def _sign_in(server: LiveServer, client: RawClient) -> None:
    client.send(_hello(server, server.token))
    answer = frame.decode(await client.message())
    assert answer[0] == Type.HELLO, f"not let in: {answer}"


def _hello(server: LiveServer, token: str) -> bytes:
    body = Hello(minor=0, client="soak", project_id=ProjectId(UUID(server.project_id)), token=token)
    return framed(BINARY, frame.encode([Type.HELLO, body.model_dump(mode="json")]))


def _yjs(server: LiveServer) -> str:
    return f"/yjs/{server.project_id}/{SHARED_PATH}?token={server.token}"


def _reset_at_end(client: RawClient, number: int) -> None:
    """Let the end of an odd one be a TCP reset instead of an orderly end."""
    if number % 2:
        sock = client.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
