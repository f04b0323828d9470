"""Hostile clients against a live server: it lives, only they are told, nothing of theirs is stored, typing goes on."""

import os
import random
import sys

import pytest
from websockets.asyncio.client import connect

from protocol import frame
from protocol.files import ListFiles
from protocol.message import Type
from tests.acceptance import hostile
from tests.harness.editor import Editor
from tests.harness.live_server import LiveServer, live_server

COUNT = int(os.environ.get("HOSTILE_COUNT", "1000"))
TYPING_GOES_ON_S = 2.0  # below it nobody takes the server for dead; on a quiet machine it is a tenth of that


@pytest.mark.slow
async def test_hostile_updates_end_their_senders_and_nothing_else() -> None:
    """P4, P8, P10."""
    seed = int(os.environ.get("HOSTILE_SEED", str(random.randrange(1 << 32))))
    async with live_server(SNAPSHOT_ROWS="1000000", SNAPSHOT_BYTES="1000000000") as server:
        report = await hostile.run(server, seed, COUNT)
        sys.stdout.write(f"{report}\n")
    assert report.troubles == []
    assert report.answers["ended as invalid"] > COUNT / 10
    assert len(report.during.saved_s) > 20
    assert report.during.percentile(0.99) < TYPING_GOES_ON_S


async def test_frames_that_are_large_and_hold_nothing_cost_their_sender_the_socket(server: LiveServer) -> None:
    """P8, P10."""
    arrays = b"\xdd\x00\x00\xff\xff" + b"\xdd\x00\x00\xff\xff" * 8 + b"\xc0" * 8_000_000
    texts = frame.encode([Type.REQUEST, 1, "files/list", {"after": "x" * 20_000_000}, None])
    async with server.client() as bystander:
        for bomb in (arrays, b"\x92" * 10_000_000, b"\xc6" + b"\xff" * 4 + b"x", texts, b"\x00" * 30_000_000):
            async with server.client() as sender:
                await sender._socket.send(bomb)
                await bystander.command(ListFiles())
        async with connect(server.url.replace("http", "ws", 1) + "/ws", compression=None) as silent:
            await bystander.command(ListFiles())
            await silent.close()
        editor = await Editor().open(bystander, "notes.md", create=True)
        await editor.type(0, "still here")
        await editor.channel.when_saved()


@pytest.fixture
async def server():
    async with live_server() as server:
        yield server
