"""The end of a socket, from either side: the handshake, its codes, and those who do not take part in it."""

import asyncio
import gc

import pytest

from protocol.websocket import frame
from tests.harness.raw_client import BINARY, CLOSE, Ending, Frame, closing, framed, raw_client
from tests.harness.wire_server import WireServer

BULK = frame(bytes(200_000))
MORE_THAN_THE_KERNEL_TAKES = 100


@pytest.mark.parametrize("payload", [b"", (1000).to_bytes(2, "big"), (4999).to_bytes(2, "big") + "tschüß".encode()])
async def test_the_clients_close_is_answered_in_kind(server: WireServer, payload: bytes) -> None:
    async with raw_client(server.port) as client:
        client.send(framed(CLOSE, payload) + framed(BINARY, b"too late"))
        assert await client.receive() == Frame(CLOSE, payload)
        with pytest.raises((EOFError, ConnectionError)):
            await client.receive()
        await server.until_ended()
    assert server.received == []


async def test_the_servers_close_follows_what_was_written(server: WireServer) -> None:
    async with raw_client(server.port) as client:
        client.send(framed(BINARY, b"hello"))
        assert await client.message() == b"hello"
        server.socket.write(frame(b"last words"))
        server.socket.close(4403, "Sie dürfen nicht.")
        server.socket.write(frame(b"never sent"))
        server.socket.close(1000, "twice")
        assert await client.message() == b"last words"
        assert await client.ending() == Ending(4403, "Sie dürfen nicht.")
        await server.until_ended()


async def test_messages_after_the_servers_close_are_not_heard(server: WireServer) -> None:
    async with raw_client(server.port) as client:
        client.send(framed(BINARY, b"hello"))
        await client.message()
        server.socket.close(1000, "")
        client.send(framed(BINARY, b"too late") + closing(1000))
        assert (await client.ending(answer=False)).code == 1000
    assert server.received == [b"hello"]


async def test_who_does_not_answer_the_close_is_cut_after_the_grace(server: WireServer) -> None:
    async with raw_client(server.port) as client:
        client.send(framed(BINARY, b"hello"))
        await client.message()
        server.socket.close(1000, "")
        await server.until_ended()
        assert await client.receive() == Frame(CLOSE, (1000).to_bytes(2, "big"))


async def test_a_reader_that_stopped_is_closed_and_then_left(server: WireServer) -> None:
    """P4: the bytes that wait for it do not keep it."""
    async with raw_client(server.port) as client:
        client.send(framed(BINARY, b"hello"))
        await client.message()
        for _ in range(MORE_THAN_THE_KERNEL_TAKES):
            server.socket.write(BULK)
        server.socket.close(1013, "You read too slowly.")
        await server.until_ended()


async def test_a_slow_reader_is_told_why_when_it_reads_again(server: WireServer) -> None:
    async with raw_client(server.port) as client:
        client.send(framed(BINARY, b"hello"))
        await client.message()
        for _ in range(5):
            server.socket.write(BULK)
        server.socket.close(1013, "You read too slowly.")
        assert await client.ending() == Ending(1013, "You read too slowly.")


async def test_a_client_that_vanishes_ends_its_socket(server: WireServer) -> None:
    async with raw_client(server.port) as client:
        client.send(framed(BINARY, b"hello"))
        await client.message()
        client.abort()
        await server.until_ended()
        server.socket.write(frame(b"into the void"))
        server.socket.close(1000, "")
        server.socket.pause_reading()
        server.socket.resume_reading()
        assert server.socket.buffered_bytes == 0


async def test_a_client_that_stops_sending_without_a_close_ends_its_socket(server: WireServer) -> None:
    async with raw_client(server.port) as client:
        client.send(framed(BINARY, b"hello"))
        assert await client.message() == b"hello"
        client.send(framed(BINARY, b"half a message")[:5])
        client.writer.write_eof()
        await server.until_ended()


async def test_an_endpoint_that_fails_leaves_no_open_socket_behind(server: WireServer) -> None:
    async with raw_client(server.port, "/broken") as client:
        assert (await client.ending()).code in (1011, None)  # ASGI has no words for it


async def test_nothing_is_kept_of_sockets_that_ended(server: WireServer) -> None:
    """P10."""
    for _ in range(3):
        async with raw_client(server.port) as client:
            client.send(framed(BINARY, b"hello"))
            await client.message()
        await server.until_ended()
    kind = type(server.socket)
    server.forget()
    for _ in range(5):
        await asyncio.sleep(0)
    gc.collect()
    assert [kept for kept in gc.get_objects() if type(kept) is kind] == []
