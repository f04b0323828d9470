"""RFC 6455 over a real connection: what a client may send, and what ends it."""

import pytest

from tests.harness.raw_client import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Frame, closing, framed, raw_client
from tests.harness.wire_server import WireServer

RESERVED_BITS = (0x40, 0x20, 0x10)
RESERVED_OPCODES = (0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 4095, 4096, 65535, 65536, 200_000])
async def test_a_message_of_any_size_arrives_unchanged(server: WireServer, size: int) -> None:
    payload = bytes(range(256)) * (size // 256 + 1)
    async with raw_client(server.port) as client:
        client.send(framed(BINARY, payload[:size]))
        assert await client.message() == payload[:size]


async def test_a_message_in_pieces_arrives_as_one(server: WireServer) -> None:
    async with raw_client(server.port) as client:
        client.send(framed(BINARY, b"one ", final=False) + framed(CONTINUATION, b"", final=False))
        client.send(framed(CONTINUATION, b"two ", final=False) + framed(CONTINUATION, b"three"))
        assert await client.message() == b"one two three"
        client.send(framed(BINARY, b"next"))
        assert await client.message() == b"next"


async def test_control_frames_between_the_pieces_are_answered_at_once(server: WireServer) -> None:
    async with raw_client(server.port) as client:
        client.send(framed(BINARY, b"a", final=False) + framed(PING, b"are you there"))
        assert await client.receive() == Frame(PONG, b"are you there")
        client.send(framed(PONG, b"nobody asked") + framed(CONTINUATION, b"b"))
        assert await client.message() == b"ab"


async def test_a_ping_between_messages_is_answered_in_order(server: WireServer) -> None:
    async with raw_client(server.port) as client:
        client.send(framed(BINARY, b"before") + framed(PING, b"x" * 125) + framed(PONG) + framed(BINARY, b"after"))
        got = [await client.receive() for _ in range(3)]
        assert sorted(got) == sorted([Frame(BINARY, b"before"), Frame(PONG, b"x" * 125), Frame(BINARY, b"after")])


async def test_many_messages_in_one_segment_arrive_in_order(server: WireServer) -> None:
    payloads = [str(number).encode() for number in range(3000)]
    async with raw_client(server.port) as client:
        client.send(b"".join(framed(BINARY, payload) for payload in payloads))
        assert [await client.message() for _ in payloads] == payloads


async def test_frames_may_come_byte_by_byte(server: WireServer) -> None:
    frames = framed(BINARY, b"p" * 130, final=False) + framed(PING, b"in between") + framed(CONTINUATION, b"end")
    async with raw_client(server.port) as client:
        for byte in frames:
            client.send(bytes((byte,)))
            await client.writer.drain()
        assert await client.receive() == Frame(PONG, b"in between")
        assert await client.message() == b"p" * 130 + b"end"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        pytest.param(framed(BINARY, b"x", masked=False), 1002, id="unmasked"),
        *(pytest.param(framed(BINARY, b"x", reserved=bit), 1002, id=f"reserved bit {bit:x}") for bit in RESERVED_BITS),
        *(pytest.param(framed(code, b"x"), 1002, id=f"opcode {code:x}") for code in RESERVED_OPCODES),
        pytest.param(framed(PING, b"x", final=False), 1002, id="ping in pieces"),
        pytest.param(framed(PING, b"x" * 126), 1002, id="ping too long"),
        pytest.param(framed(CONTINUATION, b"x"), 1002, id="continues nothing"),
        pytest.param(framed(BINARY, b"x", final=False) + framed(BINARY, b"y"), 1002, id="a message in a message"),
        pytest.param(framed(TEXT, b"text"), 1003, id="text"),
        pytest.param(framed(CLOSE, b"\x03"), 1002, id="half a close code"),
        pytest.param(closing(1005), 1002, id="close code that must not be sent"),
        pytest.param(closing(999), 1002, id="close code below the range"),
        pytest.param(closing(1000, b"\xff\xfe"), 1007, id="close reason that is not UTF-8"),
        pytest.param(closing(1000, b"x" * 124), 1002, id="close reason too long"),
    ],
)
async def test_what_breaks_the_protocol_closes_with_its_code(server: WireServer, bad: bytes, code: int) -> None:
    async with raw_client(server.port) as client:
        client.send(framed(BINARY, b"fine"))
        assert await client.message() == b"fine"
        client.send(bad + framed(BINARY, b"unheard"))
        assert (await client.ending()).code == code
        await server.until_ended()
    assert server.received == [b"fine"]


async def test_text_that_is_not_utf8_is_refused(server: WireServer) -> None:
    """The fast adapter refuses all text before it has read it; uvicorn decodes it first."""
    async with raw_client(server.port) as client:
        client.send(framed(TEXT, b"\xff\xfe"))
        assert (await client.ending()).code in (1003, 1007)


async def test_a_refused_client_ends_nobody_else(server: WireServer) -> None:
    async with raw_client(server.port) as bystander, raw_client(server.port) as offender:
        offender.send(framed(BINARY, b"x", masked=False))
        assert (await offender.ending()).code == 1002
        bystander.send(framed(BINARY, b"still here"))
        assert await bystander.message() == b"still here"
