"""Messages that are well framed and mean harm: their sender is told or closed, and nobody else notices (P8)."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import msgpack
import pytest

import protocol
from protocol import frame
from protocol.files import ListFiles
from protocol.ids import ProjectId
from protocol.message import Type
from protocol.session import Hello
from protocol.yjs import sync
from protocol.yjs.awareness import AwarenessEntry, decode_awareness, encode_awareness_update
from server.store.projects import add_collaborator
from tests.harness.asgi import AsgiConnection, websocket
from tests.harness.editor import Editor
from tests.harness.worker import Person, Worker

SETTLE_TIMEOUT_S = 20


def nested(levels: int) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for _ in range(levels):
        body = {"a": body}
    return body


def hello(person: Person, project_id: ProjectId, **fields: Any) -> bytes:
    body = Hello(minor=0, client="hostile", project_id=project_id, token=person.token).model_dump(mode="json")
    return frame.encode([Type.HELLO, body | fields])


async def signed_in(connection: AsgiConnection, person: Person, project_id: ProjectId) -> None:
    await connection.send(hello(person, project_id))
    assert frame.decode(await received(connection))[0] == Type.HELLO


async def received(connection: AsgiConnection) -> bytes:
    async with asyncio.timeout(SETTLE_TIMEOUT_S):
        data = await connection.recv()
    assert isinstance(data, bytes)
    return data


async def said_until_closed(connection: AsgiConnection) -> tuple[list[str], int]:
    """The codes of the errors that were told, and the close code."""
    codes = []
    async with asyncio.timeout(SETTLE_TIMEOUT_S):
        async for data in connection:
            fields = msgpack.unpackb(data)
            if fields[0] == Type.ERROR:
                codes.append(fields[2]["code"])
    return codes, connection.close_code or 0


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"garbage",
        b"\xc1",
        frame.encode([Type.PING, 1]),
        frame.encode([Type.EDIT, 1, 1, b""]),
        frame.encode([Type.HELLO]),
        frame.encode([Type.HELLO, {}]),
        frame.encode([Type.HELLO, {"minor": -1, "client": "x" * 1_000, "projectId": "7"}]),
        frame.encode([Type.HELLO, nested(200)]),
        frame.encode([99]),
        msgpack.packb([0, {1: 2}], strict_types=False),
        msgpack.packb(msgpack.ExtType(5, b"x")),
    ],
    ids=lambda first: first[:12].hex() or "empty",
)
async def test_a_first_message_that_is_no_hello_is_answered_why_and_closed(worker: Worker, first: bytes) -> None:
    async with websocket(worker.asgi, "/ws") as connection:
        await connection.send(first)
        assert await said_until_closed(connection) == (["bad_request"], 4400)


async def test_a_client_of_a_newer_minor_version_is_served_with_ours(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with websocket(worker.asgi, "/ws", subprotocols=(protocol.SUBPROTOCOL,)) as connection:
        await connection.send(hello(ada, project_id, minor=99))
        welcome = frame.decode(await received(connection))[1]
        assert (welcome["minor"], connection.subprotocol) == (protocol.VERSION[1], protocol.SUBPROTOCOL)


@pytest.mark.parametrize(
    "message",
    [
        b"garbage",
        b"\x95",
        msgpack.packb({"a": 1}),
        frame.encode([]),
        frame.encode(["edit"]),
        frame.encode([99, 1]),
        frame.encode([Type.REPLY, 1, {}]),
        frame.encode([Type.EDIT, 1]),
        frame.encode([Type.EDIT, -1, 1, b""]),
        frame.encode([Type.EDIT, 1 << 60, 1, b""]),
        frame.encode([Type.EDIT, True, 1, b""]),
        frame.encode([Type.EDIT, 1, 1, "text"]),
        frame.encode([Type.REQUEST, 1, "files/list", nested(200), None]),
        frame.encode([Type.REQUEST, 1, "files/list", {}, "no uuid"]),
        frame.encode([Type.REQUEST, 1, "files/list", [], None]),
    ],
    ids=lambda message: message[:12].hex() or "empty",
)
async def test_a_message_of_no_known_shape_is_answered_why_and_closed(worker: Worker, message: bytes) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.client(ada, project_id) as bystander, websocket(worker.asgi, "/ws") as connection:
        await signed_in(connection, ada, project_id)
        await connection.send(message)
        assert await said_until_closed(connection) == (["bad_request"], 4400)
        assert str((await Editor().open(bystander, "a.txt", create=True)).text) == ""


async def test_hello_is_said_once(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with websocket(worker.asgi, "/ws") as connection:
        await signed_in(connection, ada, project_id)
        await connection.send(hello(ada, project_id))
        assert await said_until_closed(connection) == (["bad_request"], 4400)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ([Type.EDIT, 77, 1, b"\0\0"], "bad_request"),
        ([Type.AWARENESS, 77, b"\0"], "bad_request"),
        ([Type.SYNC, 77, b"\0"], "bad_request"),
        ([Type.REQUEST, 5, "no/such", {}, None], "not_found"),
        ([Type.REQUEST, 5, "files/create", {"path": "a"}, None], "bad_request"),
        ([Type.REQUEST, 5, "files/create", {"path": 7}, str(uuid4())], "invalid"),
        ([Type.REQUEST, 5, "files/list", {"limit": 1 << 40}, None], "invalid"),
        ([Type.REQUEST, 5, "documents/open", {"path": "a.txt", "stateVector": b"\x05bad"}, None], "invalid"),
    ],
    ids=lambda part: str(part)[:40],
)
async def test_a_request_that_makes_no_sense_is_an_error_and_the_socket_stays(
    worker: Worker, message: list[Any], code: str
) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "text"})
    async with websocket(worker.asgi, "/ws") as connection:
        await signed_in(connection, ada, project_id)
        await connection.send(frame.encode(message))
        await connection.send(frame.encode([Type.REQUEST, 99, "files/list", {}, None]))
        codes = []
        while (fields := frame.decode(await received(connection)))[:2] != [Type.REPLY, 99]:
            if fields[0] == Type.ERROR:
                codes.append(fields[2]["code"])
        assert codes == [code]


async def test_nobody_edits_a_channel_that_only_another_socket_has_open(worker: Worker) -> None:
    """P5."""
    ada, eve = await worker.person("ada"), await worker.person("eve")
    project_id, other = await worker.project(ada, {"a.txt": "secret"}), await worker.project(eve)
    async with worker.client(ada, project_id) as client, worker.client(eve, other) as hostile:
        editor = await Editor().open(client, "a.txt")
        channel = editor.channel.opened.channel
        for message in ([Type.EDIT, channel, 1, editor.doc.get_update()], [Type.SYNC, channel, b"\0"]):
            await hostile.send(message)
        await hostile.command(ListFiles())
        assert [error["code"] for error in hostile.errors] == ["bad_request"] * 2
        assert str((await editor.when_level()).text) == "secret"


async def test_more_requests_than_may_wait_are_refused_and_the_others_answered(worker: Worker) -> None:
    """P10."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with websocket(worker.asgi, "/ws", capacity_bytes=1 << 20) as connection:
        await signed_in(connection, ada, project_id)
        for n in range(150):
            await connection.send(frame.encode([Type.REQUEST, n, "files/list", {}, None]))
        answers = [frame.decode(await received(connection)) for _ in range(150)]
    assert {fields[1] for fields in answers} == set(range(150))
    refused = [fields[2]["code"] for fields in answers if fields[0] == Type.ERROR]
    assert (len(refused) > 0, set(refused)) == (True, {"rate_limited"})


BOMBS = {
    "a long state": encode_awareness_update([AwarenessEntry(7, 1, json.dumps({"x": "y" * 20_000}))]),
    "many entries": encode_awareness_update([AwarenessEntry(n, 1, "{}") for n in range(2_000)]),
    "many ids": encode_awareness_update([AwarenessEntry(n, 1, "{}") for n in range(20)]),
    "deep": encode_awareness_update([AwarenessEntry(7, 1, '{"a":' + "[" * 5_000 + "]" * 5_000 + "}")]),
    "not a number": encode_awareness_update([AwarenessEntry(7, 1, '{"cursor": NaN}')]),
    "infinite": encode_awareness_update([AwarenessEntry(7, 1, '{"cursor": 1e999}')]),
    "half a surrogate pair": encode_awareness_update([AwarenessEntry(7, 1, r'{"user": "\ud800"}')]),
    "no JSON": encode_awareness_update([AwarenessEntry(7, 1, "{")]),
    "no object": encode_awareness_update([AwarenessEntry(7, 1, "[1]")]),
    "a giant count": b"\xff\xff\xff\xff\x0f",
    "a giant clock": b"\x01\x07\xff\xff\xff\xff\xff\xff\xff\x0f\x02{}",
    "cut off": b"\x01\x07\x01\x7f{",
    "trailing": b"\x00\x00",
    "nothing": b"",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
async def test_an_awareness_bomb_is_an_error_for_its_sender_and_silence_for_the_others(
    worker: Worker, bomb: bytes
) -> None:
    """P6, P8, P10."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": ""})
    async with (
        worker.client(ada, project_id) as client,
        worker.client(ada, project_id) as hostile,
        worker.yjs(ada.token, project_id, "a.txt") as stock,
    ):
        editor, channel = await Editor().open(client, "a.txt"), await hostile.open("a.txt")
        await channel.aware(bomb)
        await stock.send(sync.encode_awareness(bomb))
        good = encode_awareness_update([AwarenessEntry(1_000, 1, '{"cursor":null}')])
        await channel.aware(good)
        await editor.until_aware()
        assert [error["code"] for error in hostile.errors] == ["invalid"]
        assert [entry.client for entry in decode_awareness(editor.awareness[0])] == [1_000]
        await channel.edit(b"\0\0")
        await channel.when_saved()


async def test_nobody_wears_another_s_name_or_removes_another_s_cursor(worker: Worker) -> None:
    """P6."""
    ada, bob = await worker.person("ada"), await worker.person("bob")
    project_id = await worker.project(ada, {"a.txt": ""})
    async with worker.app.db.acquire() as connection:
        await add_collaborator.run(connection, project_id=project_id, user_id=bob.id, role="editor", invited_by=ada.id)
    async with worker.client(ada, project_id) as one, worker.client(bob, project_id) as two:
        own, theirs = await Editor().open(one, "a.txt"), await Editor().open(two, "a.txt")
        await own.channel.aware(encode_awareness_update([AwarenessEntry(7, 5, '{"user":{"name":"Bob"}}')]))
        await theirs.until_aware()
        claims = [
            AwarenessEntry(7, 9, '{"user":{"name":"Ada"}}'),
            AwarenessEntry(7, 5, None),
            AwarenessEntry(7, 6, None),
            AwarenessEntry(8, 1, '{"user":{"name":"Ada"}}'),
        ]
        for claim in claims:
            await theirs.channel.aware(encode_awareness_update([claim]))
        await own.until_aware()
        assert [json.loads(entry.state or "")["user"]["name"] for entry in told(theirs)] == ["Ada"]
        assert [(entry.client, json.loads(entry.state or "")["user"]["name"]) for entry in told(own)] == [(8, "Bob")]


async def test_an_id_that_left_is_not_brought_back_by_a_late_message(worker: Worker) -> None:
    """P6."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": ""})
    async with worker.client(ada, project_id) as watcher:
        editor = await Editor().open(watcher, "a.txt")
        async with worker.client(ada, project_id) as leaving:
            channel = await leaving.open("a.txt")
            await channel.aware(encode_awareness_update([AwarenessEntry(7, 5, "{}")]))
            await editor.until_aware()
        await editor.until_aware(2)
        async with worker.client(ada, project_id) as late:
            channel = await late.open("a.txt")
            await channel.aware(encode_awareness_update([AwarenessEntry(7, 6, "{}")]))
            await channel.aware(encode_awareness_update([AwarenessEntry(8, 1, "{}")]))
            await editor.until_aware(3)
        assert [(entry.client, entry.clock, entry.state is None) for entry in told(editor)][:2] == [
            (7, 5, False),
            (7, 6, True),
        ]
        assert told(editor)[2].client == 8


def told(editor: Editor) -> list[AwarenessEntry]:
    return [entry for data in editor.awareness for entry in decode_awareness(data)]
