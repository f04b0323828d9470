"""Limits of the doors themselves, before and after sign-in, over real connections."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from protocol import frame
from protocol.message import Type
from protocol.model import Empty
from protocol.projects import GetProject
from protocol.yjs import sync
from server.feature import Call, CommandSpec, Result
from tests.harness.doors import Doors, doors, heard, said
from tests.harness.raw_client import BINARY, CLOSE, RawClient, framed, raw_client

KIB = 1024
WAITING, WAITING_BYTES = 5, 100 * KIB
HELLO_BYTES, MESSAGE_BYTES = 2 * KIB, 300 * KIB


@pytest.fixture
async def opened(database_url: str, adapter: str) -> AsyncIterator[Doors]:
    async with doors(
        database_url,
        adapter,
        max_unauthenticated=1,
        max_hello_bytes=HELLO_BYTES,
        max_message_bytes=MESSAGE_BYTES,
        max_waiting_requests=WAITING,
        max_waiting_request_bytes=WAITING_BYTES,
        hello_timeout_s=0.3,
        close_grace_s=0.3,
    ) as opened:
        yield opened


@pytest.fixture
def gate(opened: Doors) -> asyncio.Event:
    """`projects/get` is answered when it is set."""
    may_answer = asyncio.Event()

    async def held(_call: Call, _command: GetProject) -> Result[Empty]:
        await may_answer.wait()
        return Result(Empty())

    commands = opened.worker.app.dispatcher.commands
    assert isinstance(commands, dict)
    commands[GetProject.name] = CommandSpec(GetProject, held, commands[GetProject.name].ability)
    return may_answer


def asked(number: int, size: int = 0) -> bytes:
    return said([Type.REQUEST, number, GetProject.name, {"unknown": "x" * size} if size else {}, None])


async def last_words(client: RawClient) -> tuple[bytes, int]:
    """The last message before the server closed, and the code."""
    message = b""
    while (received := await client.receive()).opcode != CLOSE:
        message = received.payload
    return message, int.from_bytes(received.payload[:2], "big")


async def expect_too_large(client: RawClient, limit_bytes: int) -> None:
    message, code = await last_words(client)
    kind, _, body = frame.decode(message)
    assert (kind, body["code"], code) == (Type.ERROR, "too_large", 4413)
    assert str(limit_bytes) in body["message"]


def is_answering(opened: Doors) -> bool:
    return any(task.get_name() == "answer requests" for task in opened.worker.app.tasks.running())


async def answers(client: RawClient, count: int) -> dict[int, int]:
    """The kind of answer by the number of its request."""
    return {fields[1]: fields[0] for fields in [await heard(client) for _ in range(count)]}


async def test_requests_over_the_number_that_may_wait_are_refused_and_the_others_answered(
    opened: Doors, gate: asyncio.Event
) -> None:
    """P10."""
    async with raw_client(opened.port, "/ws") as client:
        await opened.welcomed(client)
        client.send(asked(0) + said([Type.PING, 0]))
        assert (await heard(client))[0] == Type.PONG  # it is under way
        for number in range(1, WAITING + 3):
            client.send(asked(number))
        refused = [await heard(client) for _ in range(2)]
        assert [(fields[1], fields[2]["code"]) for fields in refused] == [
            (WAITING + 1, "rate_limited"),
            (WAITING + 2, "rate_limited"),
        ]
        assert f"{WAITING} requests wait" in refused[0][2]["message"]
        gate.set()
        assert await answers(client, 1 + WAITING) == dict.fromkeys(range(1 + WAITING), Type.REPLY)


async def test_requests_over_the_bytes_that_may_wait_are_refused_and_told_how_many_may(
    opened: Doors, gate: asyncio.Event
) -> None:
    """P10."""
    async with raw_client(opened.port, "/ws") as client:
        await opened.welcomed(client)
        client.send(asked(0))
        client.send(asked(1, WAITING_BYTES * 2))  # alone it may be as large as a message
        client.send(asked(2))
        refused = await heard(client)
        assert (refused[1], refused[2]["code"]) == (2, "rate_limited")
        assert str(WAITING_BYTES) in refused[2]["message"]
        gate.set()
        kinds = await answers(client, 2)
        client.send(asked(3))
        assert (await heard(client))[:2] == [Type.REPLY, 3]
    assert kinds == {0: Type.REPLY, 1: Type.ERROR}  # its field is unknown


async def test_what_waits_of_a_socket_that_is_gone_is_not_begun(opened: Doors, gate: asyncio.Event) -> None:
    async with raw_client(opened.port, "/ws") as client:
        await opened.welcomed(client)
        for number in range(WAITING):
            client.send(asked(number))
        client.send(said([Type.PING, 7]))
        assert (await heard(client))[0] == Type.PONG
        client.abort()
        async with asyncio.timeout(10):
            while list(opened.worker.app.hub.connections()):  # noqa: ASYNC110 - uvicorn sees the end
                await asyncio.sleep(0)
        gate.set()
        async with asyncio.timeout(10):
            while is_answering(opened):  # noqa: ASYNC110 - it ends by itself
                await asyncio.sleep(0)
    assert not opened.worker.app.dispatcher._command_rates._buckets, "a bucket was made for somebody who is gone"


@pytest.mark.parametrize("size", [HELLO_BYTES + 1, MESSAGE_BYTES])
async def test_before_sign_in_the_small_limit_holds(opened: Doors, size: int) -> None:
    """P10."""
    async with raw_client(opened.port, "/ws") as client:
        client.send(framed(BINARY, bytes(size)))
        await expect_too_large(client, HELLO_BYTES)


async def test_a_message_over_the_limit_is_refused_in_our_protocols_words(opened: Doors) -> None:
    """P10, P11: 1009 alone would bring the client back with the same message."""
    async with raw_client(opened.port, "/ws") as client:
        await opened.welcomed(client)
        client.send(asked(1, MESSAGE_BYTES))
        await expect_too_large(client, MESSAGE_BYTES)


@pytest.mark.parametrize(("adapter", "times"), [("fast", 1), ("fast", 10), ("asgi", 1)])
async def test_a_message_over_the_limit_is_refused_in_the_words_of_stock_clients(opened: Doors, times: int) -> None:
    """P10, P11: whatever its size; only below ASGI uvicorn ends what is twice as large by itself, with 1009."""
    async with raw_client(opened.port, opened.yjs) as client:
        await client.message()
        client.send(framed(BINARY, bytes(MESSAGE_BYTES * times + 1)))
        last, code = await last_words(client)
        (denied,) = sync.parse_frame(last)
        assert isinstance(denied, sync.AuthDenied)
        assert denied.reason == f"too_large: One message may have at most {MESSAGE_BYTES} bytes."
        assert code == 4413


async def test_after_sign_in_a_message_may_have_the_whole_limit(opened: Doors) -> None:
    async with raw_client(opened.port, "/ws") as client:
        await opened.welcomed(client)
        client.send(asked(1, MESSAGE_BYTES - 100))
        assert (await heard(client))[:2] == [Type.ERROR, 1]


async def test_who_does_not_sign_in_is_told_so_and_closed(opened: Doors) -> None:
    async with raw_client(opened.port, "/ws") as client:
        assert (await heard(client))[2]["code"] == "unauthenticated"
        assert (await client.ending()).code == 4401


@pytest.mark.parametrize("adapter", ["fast"])
async def test_who_is_refused_and_stays_counts_as_not_signed_in_until_gone(opened: Doors) -> None:
    """P10: deaf clients with bad tokens have a bound, too. ASGI takes a socket for gone when its close was sent."""
    async with raw_client(opened.port, "/ws") as deaf:
        deaf.send(opened.hello(token="wrong"))
        assert (await heard(deaf))[2]["code"] == "unauthenticated"
        async with raw_client(opened.port, "/ws") as other:
            assert (await heard(other))[2]["code"] == "limit_reached"
            assert (await other.ending()).code == 4513
        assert (await deaf.receive()).opcode == CLOSE
        with pytest.raises((EOFError, ConnectionError)):
            await deaf.receive()  # it never answered: cut after the grace
    async with raw_client(opened.port, "/ws") as next_one:
        await opened.welcomed(next_one)


@pytest.mark.parametrize("adapter", ["fast"])
async def test_a_stock_client_that_is_refused_and_stays_counts_until_gone(opened: Doors) -> None:
    """P10."""
    async with raw_client(opened.port, f"{opened.yjs}-wrong") as deaf:
        (denied,) = sync.parse_frame(await deaf.message())
        assert isinstance(denied, sync.AuthDenied)
        async with raw_client(opened.port, "/ws") as other:
            assert (await heard(other))[2]["code"] == "limit_reached"
        assert (await deaf.receive()).opcode == CLOSE
        with pytest.raises((EOFError, ConnectionError)):
            await deaf.receive()
    async with raw_client(opened.port, "/ws") as next_one:
        await opened.welcomed(next_one)


async def test_who_signed_in_counts_no_more(opened: Doors) -> None:
    async with raw_client(opened.port, "/ws") as first:
        await opened.welcomed(first)
        async with raw_client(opened.port, "/ws") as second:
            await opened.welcomed(second)
