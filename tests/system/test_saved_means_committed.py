"""P1 on a live server whose commits are held back by somebody's lock: nothing is called saved meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from protocol.documents import WriteDocument
from tests.harness.editor import Editor
from tests.harness.live_server import LiveServer, live_server

HELD_S = 0.5  # long enough for a false answer to arrive


@pytest.fixture
async def server() -> AsyncIterator[LiveServer]:
    async with live_server() as server:
        yield server


@asynccontextmanager
async def locked(server: LiveServer, document_id: UUID) -> AsyncIterator[None]:
    """Nobody can commit to the document inside the block."""
    connection = await asyncpg.connect(server.database_url)
    try:
        async with connection.transaction():
            await connection.execute("select from documents where id = $1 for update", document_id)
            yield
    finally:
        await connection.close()


async def test_a_write_that_finds_its_text_already_there_waits_for_its_commit(server: LiveServer) -> None:
    async with server.client() as client:
        await client.command(WriteDocument(path="a.txt", text="before"))
        ada = await Editor().open(client, "a.txt")
        async with server.client() as second:
            async with asyncio.TaskGroup() as group, locked(server, ada.channel.opened.document_id):
                same = WriteDocument(path="a.txt", text="the same")
                writes = {group.create_task(each.command(same)) for each in (client, second)}
                answered, _ = await asyncio.wait(writes, timeout=HELD_S)
                assert not answered
            assert sorted(write.result().edits for write in writes) == [0, 1]


async def test_a_document_closed_and_opened_again_is_not_told_of_its_earlier_edits(server: LiveServer) -> None:
    async with server.client() as client:
        ada = await Editor().open(client, "a.txt", create=True)
        async with locked(server, ada.channel.opened.document_id):
            for _ in range(5):
                await ada.type(0, "x")
            await ada.channel.close()
            again = await Editor().open(client, "a.txt")
            await again.type(0, "y")
        await again.channel.when_saved()
        assert again.channel.saved == 1
        assert again.channel.saved_seq == 7  # the seed, five edits, this one
