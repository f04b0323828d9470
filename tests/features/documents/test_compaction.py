"""A long log becomes a snapshot: the text stays, the history stays, and what cannot be folded is left alone."""

import asyncio
import zlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgpack
import pytest

from protocol.ids import ProjectId
from server.clock import ManualClock
from server.store import documents
from server.store.db import Database
from tests.features.documents.logs import BOMB, archives, compact, document_id_of, head, poison, rows
from tests.harness.editor import Editor
from tests.harness.worker import Person, Worker, running_worker
from tests.protocol.mutations import after, update


async def typed(worker: Worker, letters: str) -> tuple[Person, ProjectId, UUID]:
    """A document into which somebody typed, a commit for each letter."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "seed "})
    async with worker.client(ada, project_id) as client:
        editor = await Editor().open(client, "a.txt")
        for letter in letters:
            await editor.type(len(editor.text), letter)
            await editor.channel.when_saved()
    return ada, project_id, await document_id_of(worker.app.db, project_id, "a.txt")


async def text_of(database_url: str, ada: Person, project_id: UUID) -> str:
    """What a process that knows nothing yet shows."""
    async with running_worker(database_url) as worker, worker.client(ada, project_id) as client:
        return str((await Editor().open(client, "a.txt")).text)


def unpacked(body: bytes) -> list[list[object]]:
    return list(msgpack.unpackb(zlib.decompress(body)))


async def test_a_folded_log_shows_the_same_text(database_url: str) -> None:
    """P2."""
    async with running_worker(database_url) as worker:
        ada, project_id, document_id = await typed(worker, "hello")
        assert await compact(worker.app.db, document_id)
        assert await rows(worker.app.db, document_id) == []
        folded = await head(worker.app.db, document_id)
        assert (folded.snapshot_seq, folded.last_seq, folded.log_rows, folded.log_bytes) == (6, 6, 0, 0)
    assert await text_of(database_url, ada, project_id) == "seed hello"


async def test_the_archive_gives_back_every_row_with_its_author_and_time(database_url: str) -> None:
    async with running_worker(database_url) as worker:
        _, _, document_id = await typed(worker, "abc")
        before = await rows(worker.app.db, document_id)
        assert await compact(worker.app.db, document_id)
        (body,) = await archives(worker.app.db, document_id)
    assert unpacked(body) == [
        [row.seq, row.author_no, round(row.created_at.timestamp() * 1_000_000), row.update_v1] for row in before
    ]


async def test_typing_goes_on_while_a_log_is_folded(database_url: str) -> None:
    """P2."""
    async with running_worker(database_url) as worker:
        ada, project_id, document_id = await typed(worker, "ab")
        async with worker.client(ada, project_id) as client:
            editor = await Editor().open(client, "a.txt")
            for n in range(30):
                await editor.type(len(editor.text), f"{n} ")
                if n % 10 == 5:
                    await compact(worker.app.db, document_id)
            await editor.channel.when_saved()
            expected = str(editor.text)
    assert await text_of(database_url, ada, project_id) == expected


async def test_edits_that_wait_for_others_stay_in_the_log_until_those_come(database_url: str) -> None:
    """P2."""
    async with running_worker(database_url) as worker:
        ada, project_id, document_id = await typed(worker, "ab")
        async with worker.client(ada, project_id) as client:
            editor = await Editor().open(client, "a.txt")
            before = editor.doc.get_state()
            editor.text.insert(len(editor.text), "1")
            first = editor.doc.get_update(before)
            await editor.type(len(editor.text), "2")
            await editor.channel.when_saved()
            assert await compact(worker.app.db, document_id)
            assert [row.seq for row in await rows(worker.app.db, document_id)] == [4]
            assert not await compact(worker.app.db, document_id)
            await editor.channel.edit(first)
            await editor.channel.when_saved()
    assert await text_of(database_url, ada, project_id) == "seed ab12"
    async with running_worker(database_url) as worker:
        assert await compact(worker.app.db, document_id)
        assert await rows(worker.app.db, document_id) == []
    assert await text_of(database_url, ada, project_id) == "seed ab12"


async def test_an_edit_that_waited_for_days_no_longer_keeps_the_log_from_being_folded(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url) as worker:
        ada, project_id, document_id = await typed(worker, "ab")
        async with worker.client(ada, project_id) as client:
            channel = await client.open("a.txt")
            await channel.edit(update(after(77, 500, "never"), client=78))
            await channel.when_saved()
            editor = await Editor().open(client, "a.txt")
            await editor.type(len(editor.text), "c")
            await editor.channel.when_saved()
        assert await compact(worker.app.db, document_id)
        assert [row.seq for row in await rows(worker.app.db, document_id)] == [4, 5]
        later = ManualClock(datetime.now(UTC) + timedelta(days=2))
        assert await compact(worker.app.db, document_id, clock=later)
        assert await rows(worker.app.db, document_id) == []
        async with worker.app.db.acquire() as connection:
            assert await documents.count_quarantined.one(connection, document_id=document_id, after_seq=0) == 1
    assert await text_of(database_url, ada, project_id) == "seed abc"


async def test_of_two_workers_that_fold_the_same_log_one_does(database_url: str) -> None:
    async with running_worker(database_url) as worker:
        ada, project_id, document_id = await typed(worker, "abc")
        done = await asyncio.gather(*(compact(worker.app.db, document_id) for _ in range(4)))
        assert sorted(done) == [False, False, False, True]
        assert len(await archives(worker.app.db, document_id)) == 1
    assert await text_of(database_url, ada, project_id) == "seed abc"


@pytest.mark.parametrize("seq", [2, 4])
async def test_a_log_that_cannot_be_read_is_not_folded(database_url: str, seq: int) -> None:
    """P7, P8."""
    async with running_worker(database_url) as worker:
        _, _, document_id = await typed(worker, "abc")
        await poison(worker.app.db, document_id, seq, BOMB)
        before = await rows(worker.app.db, document_id)
        assert not await compact(worker.app.db, document_id)
        assert await rows(worker.app.db, document_id) == before


async def test_folding_again_and_again_keeps_the_text_and_the_whole_history(database_url: str) -> None:
    """P2."""
    async with running_worker(database_url) as worker:
        ada, project_id, document_id = await typed(worker, "ab")
        for n in range(4):
            async with worker.client(ada, project_id) as client:
                editor = await Editor().open(client, "a.txt")
                await editor.type(0, f"{n}")
                await editor.delete(1, 2)
                await editor.channel.when_saved()
            assert await compact(worker.app.db, document_id)
        seqs = [entry[0] for body in await archives(worker.app.db, document_id) for entry in unpacked(body)]
        last = (await head(worker.app.db, document_id)).last_seq
        assert seqs == list(range(1, last + 1))
        assert await snapshots(worker.app.db, document_id) == 2
    assert (await text_of(database_url, ada, project_id)).startswith("3")


async def snapshots(db: Database, document_id: UUID) -> int:
    async with db.acquire() as connection:
        return len(await connection.fetch("select seq from document_snapshots where document_id = $1", [document_id]))
