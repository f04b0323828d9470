"""Long answers leave in the gaps: a cursor or a keystroke never waits for a whole document to be sent (P4)."""

import asyncio
from typing import Any

from protocol import frame
from protocol.ids import ProjectId
from protocol.message import Type
from protocol.session import Hello
from protocol.yjs.awareness import AwarenessEntry, encode_awareness_update
from tests.harness.asgi import AsgiConnection, websocket
from tests.harness.editor import Editor
from tests.harness.worker import Person, running_worker

TEXT = "line of a long file\n" * 200_000  # 4 MB
WATERMARK_BYTES = 128 * 1024
PARTS_AHEAD = 6  # of 64 KiB: under the watermark, in the pipe, and the one being written


async def opened(connection: AsgiConnection, person: Person, project_id: ProjectId) -> None:
    """Say Hello and ask for the whole document; what comes after the reply is not read yet."""
    hello = Hello(minor=0, client="slow", project_id=project_id, token=person.token)
    await connection.send(frame.encode([Type.HELLO, hello.model_dump(mode="json")]))
    await connection.recv()
    body = {"path": "long.txt", "stateVector": b"\0"}
    await connection.send(frame.encode([Type.REQUEST, 1, "documents/open", body, None]))
    assert frame.decode(await connection.recv())[0] == Type.REPLY  # type: ignore[arg-type]


async def read_whole(connection: AsgiConnection) -> list[list[Any]]:
    """Everything up to the end of the sync, in the order of arrival."""
    frames: list[list[Any]] = []
    async with asyncio.timeout(30):
        while not (frames and frames[-1][0] == Type.SYNC and not frames[-1][2]):
            frames.append(frame.decode(await connection.recv()))  # type: ignore[arg-type]
    return frames


async def test_cursors_and_keystrokes_pass_a_document_that_is_being_sent(database_url: str) -> None:
    """P4."""
    limits = {"outbox_watermark_bytes": WATERMARK_BYTES}
    async with running_worker(database_url, **limits) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"long.txt": TEXT})
        async with (
            worker.client(ada, project_id) as client,
            websocket(worker.asgi, "/ws", capacity_bytes=64 * 1024) as slow,
        ):
            editor = await Editor().open(client, "long.txt")
            await opened(slow, ada, project_id)
            for clock in range(1, 51):
                await editor.channel.aware(encode_awareness_update([AwarenessEntry(7, clock, "{}")]))
                await editor.type(0, "x")
            await editor.channel.when_saved()
            frames = await read_whole(slow)
    kinds = [fields[0] for fields in frames]
    parts_before = {kind: kinds[: kinds.index(kind)].count(Type.SYNC) for kind in (Type.AWARENESS, Type.EDIT)}
    assert kinds.count(Type.SYNC) > 50
    assert max(parts_before.values()) <= PARTS_AHEAD
    assert kinds.count(Type.AWARENESS) < 50  # the newest stands for those that waited


async def test_who_fell_behind_is_level_again_when_they_read(database_url: str) -> None:
    """P2, P4."""
    limits = {"outbox_watermark_bytes": 16 * 1024, "outbox_limit_bytes": 256 * 1024}
    async with running_worker(database_url, **limits) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": ""})
        async with (
            worker.client(ada, project_id) as client,
            worker.client(ada, project_id, capacity_bytes=4_096) as slow,
        ):
            editor, behind = await Editor().open(client, "a.txt"), await Editor().open(slow, "a.txt")
            slow.transport.pause_reading()
            for n in range(100):
                await editor.type(0, f"{n} " + "x" * 10_000)
                await editor.delete(0, 9_000)
                await editor.channel.when_saved()
            slow.transport.resume_reading()
            await behind.until(str(editor.text))
            assert len(behind.heard) < 60
