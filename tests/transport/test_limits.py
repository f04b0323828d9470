"""Bounds on what a socket may send, hold and keep waiting, before and after it signed in."""

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest

from protocol.websocket import frame
from tests.harness.raw_client import (
    BINARY,
    CONTINUATION,
    PING,
    PONG,
    Ending,
    Frame,
    RawClient,
    framed,
    raw_client,
)
from tests.harness.wire_server import HELLO_BYTES, LATE, WireServer, wire_server

PART = 100_000


async def greeted(server: WireServer, client: RawClient) -> None:
    """The endpoint serves, so the server's side of the socket is at hand."""
    client.send(framed(BINARY, b"hello"))
    assert await client.message() == b"hello"
    server.received.clear()


async def test_the_first_message_may_have_the_hello_limit(server: WireServer) -> None:
    async with raw_client(server.port, "/hello") as client:
        client.send(framed(BINARY, b"A" * HELLO_BYTES))
        assert await client.message() == b"welcome AAAAAAAAAA"


async def test_a_first_message_over_the_hello_limit_closes_with_1009(server: WireServer) -> None:
    """P10."""
    async with raw_client(server.port, "/hello") as client:
        client.send(framed(BINARY, bytes(HELLO_BYTES + 1)))
        assert (await client.ending()).code == 1009
        await server.until_ended()


async def test_after_the_first_message_the_larger_limit_holds(server: WireServer) -> None:
    async with raw_client(server.port, "/hello") as client:
        client.send(framed(BINARY, b"first") + framed(BINARY, bytes(server.limits.max_message_bytes)))
        assert await client.message() == b"welcome first"
        assert len(await client.message()) == server.limits.max_message_bytes


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(framed(BINARY, bytes(256 * 1024 + 1)), id="in one frame"),
        pytest.param(
            framed(BINARY, bytes(PART), final=False)
            + framed(CONTINUATION, bytes(PART), final=False)
            + framed(CONTINUATION, bytes(PART)),
            id="in pieces",
        ),
    ],
)
async def test_a_message_over_the_limit_closes_with_1009(server: WireServer, pieces: bytes) -> None:
    """P10."""
    async with raw_client(server.port) as client:
        client.send(pieces)
        assert (await client.ending()).code == 1009
        await server.until_ended()
    assert server.received == []


@pytest.mark.parametrize("path", ["/echo", "/hello"])
async def test_a_size_over_the_limit_is_refused_before_its_bytes_come(path: str, server: WireServer) -> None:
    """P10: what is announced is neither waited for nor made room for."""
    header = framed(BINARY, b"")[:1] + b"\xff" + (1 << 40).to_bytes(8, "big") + bytes(4)
    async with raw_client(server.port, path) as client:
        client.send(header)
        assert (await client.ending()).code == 1009


@pytest.mark.parametrize("beginning", [b"", b"GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\n"])
async def test_who_does_not_finish_the_handshake_is_cut(server: WireServer, beginning: bytes) -> None:
    async with raw_client(server.port, upgrade=False) as client:
        client.send(beginning)
        assert await client.ending() == Ending(None, "")


async def test_who_says_nothing_after_the_handshake_is_closed_in_time(server: WireServer) -> None:
    async with raw_client(server.port, "/hello") as client:
        assert await client.ending() == Ending(LATE, "late")
        await server.until_ended()


async def test_pings_do_not_prolong_the_time_for_the_first_message(server: WireServer) -> None:
    async with raw_client(server.port, "/hello") as client:
        client.send(framed(PING, b"wait"))
        assert await client.receive() == Frame(PONG, b"wait")
        assert await client.ending() == Ending(LATE, "late")


async def test_who_answers_pings_stays(adapter: str) -> None:
    async with impatient_server(adapter) as server, raw_client(server.port) as client:
        for _ in range(3):
            asked = await client.receive()
            assert asked.opcode == PING
            client.send(framed(PONG, asked.payload))
        client.send(framed(BINARY, b"alive"))
        assert await client.message() == b"alive"


async def test_who_answers_no_ping_is_closed(adapter: str) -> None:
    """A peer that is gone without a word, or stopped, looks like this."""
    async with impatient_server(adapter) as server, raw_client(server.port) as client:
        await greeted(server, client)
        await server.until_ended()
        assert (await client.ending()).code == 1011


async def test_a_socket_that_is_not_read_is_not_taken_for_dead() -> None:
    """Its answers wait in the kernel. uvicorn's own class cannot tell, so this is promised for the fast adapter."""
    async with impatient_server("fast") as server, raw_client(server.port) as client:
        await greeted(server, client)
        server.socket.pause_reading()
        for _ in range(3):
            assert (await client.receive()).opcode == PING
        client.send(framed(PONG) + framed(BINARY, b"alive"))
        server.socket.resume_reading()
        assert await client.message() == b"alive"


async def test_a_paused_socket_delivers_nothing_until_it_is_resumed(server: WireServer) -> None:
    async with raw_client(server.port) as client:
        await greeted(server, client)
        server.socket.pause_reading()
        server.socket.pause_reading()
        for number in range(200):
            client.send(framed(BINARY, number.to_bytes(2, "big")))
        async with raw_client(server.port) as other:
            other.send(framed(BINARY, b"the server had time to read"))
            await other.message()
        paused, server.received[:] = len(server.received) - 1, []
        server.sockets[0].resume_reading()
        for _ in range(200 - paused):
            await client.message()
        assert paused <= 1  # uvicorn may have one message under way
        assert [int.from_bytes(data, "big") for data in server.received] == list(range(paused, 200))


async def test_a_handler_that_pauses_gets_no_more_of_the_same_segment(server: WireServer) -> None:
    async with raw_client(server.port) as client:
        await greeted(server, client)
        server.socket.pause_reading()
        client.send(b"".join(framed(BINARY, b"x") for _ in range(50)))
        server.socket.resume_reading()
        for _ in range(50):
            await client.message()


async def test_tcp_pushes_back_on_who_is_not_read(server: WireServer) -> None:
    """P10: what a paused socket sends is not piled up in this process."""
    async with raw_client(server.port) as client:
        await greeted(server, client)
        server.socket.pause_reading()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(flood(client), 0.5)


async def test_writing_is_called_back_at_the_low_watermark(server: WireServer) -> None:
    writable = asyncio.Event()
    bulk = frame(bytes(1 << 20))
    async with raw_client(server.port) as client:
        await greeted(server, client)
        while server.socket.buffered_bytes <= 8 << 20:
            server.socket.write(bulk)
            await asyncio.sleep(0)
        server.socket.when_writable(lambda: pytest.fail("it was replaced"))
        server.socket.when_writable(writable.set)
        await asyncio.sleep(0)
        assert not writable.is_set()
        reading = asyncio.ensure_future(client.ending())
        async with asyncio.timeout(10):
            await writable.wait()
        assert server.socket.buffered_bytes <= server.limits.low_watermark_bytes
        server.socket.close(1000, "")
        assert (await reading).code == 1000


async def test_a_socket_with_room_is_writable_at_once(server: WireServer) -> None:
    writable = asyncio.Event()
    async with raw_client(server.port) as client:
        await greeted(server, client)
        server.socket.when_writable(writable.set)
        async with asyncio.timeout(10):
            await writable.wait()


BUSY = 50_000  # messages that take longer than sockets are read in one turn


async def test_one_busy_socket_leaves_others_their_turn() -> None:
    """What came in one segment is handed out in portions; another socket is answered between them."""
    async with wire_server("fast") as server, raw_client(server.port) as busy, raw_client(server.port) as calm:
        await greeted(server, busy)
        await greeted(server, calm)
        server.sockets[0].pause_reading()
        busy.send(b"".join(framed(BINARY, b"b") for _ in range(BUSY)))
        await busy.writer.drain()
        calm.send(framed(BINARY, b"c"))
        server.sockets[0].resume_reading()
        await calm.message()
        assert server.received.count(b"b") < BUSY
        for _ in range(BUSY):
            await busy.message()


async def flood(client: RawClient) -> None:
    """100 MB, far more than kernels hold."""
    for _ in range(1000):
        client.send(framed(BINARY, bytes(PART)))
        await client.writer.drain()


def impatient_server(adapter: str) -> AbstractAsyncContextManager[WireServer]:
    """Pings come every 0.2 s, and one unanswered ends the socket."""
    return wire_server(adapter, ping_interval_s=0.2)
