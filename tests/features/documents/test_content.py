"""The file row as a cache of the document: text, size, checksum, lines, and the form of the file given back."""

import asyncio
import hashlib
from uuid import UUID

import pytest

from protocol.documents import ReadDocument, WriteDocument
from server.features.documents.text_form import TextForm, restored, unified
from server.store.db import Database
from tests.harness.editor import Editor
from tests.harness.worker import Worker, running_worker

SETTLE_TIMEOUT_S = 20


async def row_of(db: Database, project_id: UUID, path: str) -> tuple[str, int, bytes, int, int]:
    async with db.acquire() as connection:
        (row,) = await connection.fetch(
            "select content, size, checksum, line_count, content_seq from project_files "
            "where project_id = $1 and path = $2",
            [project_id, path],
        )
    return tuple(row)  # type: ignore[return-value]


async def refreshed(worker: Worker) -> None:
    """Run the job that refreshes file rows as the end of a process does."""
    for feature in worker.app.features:
        await feature.flush()


@pytest.mark.parametrize(
    "content",
    ["one\ntwo\n", "one\r\ntwo\r\n", "\ufeffone\r\ntwo", "\ufeff", "", "naïve 😀\nline\n"],
    ids=["lf", "crlf", "bom and crlf", "bom", "empty", "wide"],
)
async def test_the_file_row_shows_the_text_with_the_bytes_that_the_file_has(database_url: str, content: str) -> None:
    async with running_worker(database_url) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": content})
        async with worker.client(ada, project_id) as client:
            editor = await Editor().open(client, "a.txt")
            assert "\r" not in str(editor.text)
            await editor.type(0, "new\n")
            await editor.channel.when_saved()
            read = await client.command(ReadDocument(path="a.txt"))
        await refreshed(worker)
        shown, size, checksum, line_count, content_seq = await row_of(worker.app.db, project_id, "a.txt")
    text, form = unified(content)
    data = restored("new\n" + text, form)
    assert (shown, size, checksum) == ("new\n" + text, len(data), hashlib.sha256(data).digest())
    assert (line_count, content_seq) == (2 + text.count("\n"), 2)
    assert TextForm(read.line_ending, read.has_bom) == form


async def test_a_quiet_document_s_row_is_refreshed_by_itself(database_url: str) -> None:
    async with running_worker(database_url, content_quiet_s=0.01) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": ""})
        async with worker.client(ada, project_id) as client:
            editor = await Editor().open(client, "a.txt")
            await editor.type(0, "typed\n")
            await editor.channel.when_saved()
            async with asyncio.timeout(SETTLE_TIMEOUT_S):
                while (await row_of(worker.app.db, project_id, "a.txt"))[0] != "typed\n":
                    continue


async def test_a_write_from_outside_becomes_the_smallest_edit_that_all_see(database_url: str) -> None:
    """P7."""
    async with running_worker(database_url) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": "one two three"})
        async with worker.client(ada, project_id) as client, worker.client(ada, project_id) as other:
            editor = await Editor().open(client, "a.txt")
            written = await other.command(WriteDocument(path="a.txt", text="one 2 three"))
            assert (written.edits, written.seq) == (1, 2)
            await editor.until("one 2 three")
            assert max(len(update) for update in editor.heard[1:]) < 60
            again = await other.command(WriteDocument(path="a.txt", text="one 2 three"))
            assert (again.edits, again.seq) == (0, 0)


async def test_characters_that_the_database_cannot_hold_do_not_stop_the_cache(database_url: str) -> None:
    """P8."""
    async with running_worker(database_url) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"nul.txt": "", "well.txt": ""})
        async with worker.client(ada, project_id) as client:
            for path, text in (("nul.txt", "a\0b"), ("well.txt", "well")):
                editor = await Editor().open(client, path)
                await editor.type(0, text)
                await editor.channel.when_saved()
        await refreshed(worker)
        assert (await row_of(worker.app.db, project_id, "nul.txt"))[0] == "a\ufffdb"
        assert (await row_of(worker.app.db, project_id, "well.txt"))[0] == "well"
