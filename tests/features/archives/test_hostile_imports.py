"""What is refused leaves nothing behind: no project, no file, no bytes, no temporary file."""

import os
from pathlib import Path

import pytest

from tests.harness import archives
from tests.harness.archive_client import Archives, rows_left
from tests.harness.archives import Hostile
from tests.harness.worker import running_worker

CORPORA = {
    "zip slip": lambda: archives.zip_slips()[::4],  # all of them are judged in tests/archive
    "links": archives.bad_links,
    "bombs": archives.bombs,
    "clashes": archives.clashes,
    "damaged": archives.damaged,
}


@pytest.mark.parametrize("corpus", CORPORA)
async def test_a_hostile_corpus_is_refused_with_reasons_and_nothing_is_left(
    database_url: str, corpus: str, tmp_path: Path
) -> None:
    async with running_worker(database_url, max_archive_entries=250, scratch_dir=tmp_path) as worker:
        ada = await worker.person()
        project = str(await worker.project(ada, {"mine.txt": "mine\n"}))
        async with worker.http(ada) as http, worker.app.db.acquire() as connection:
            client = Archives(http, worker)
            before = await rows_left(connection)
            for hostile in CORPORA[corpus]():
                await expect_refusal(client, hostile, None)
            await expect_refusal(client, CORPORA[corpus]()[0], project)
            refused = len(CORPORA[corpus]()) + 1
            assert await rows_left(connection) == before | {"imports": refused}
            assert os.listdir(tmp_path) == []  # noqa: PTH208 - a few names, on the loop


async def expect_refusal(client: Archives, hostile: Hostile, into: str | None) -> None:
    ended = await client.imported(hostile.data, into=into)
    assert (ended["state"], bool(ended["reason"])) == ("refused", True), hostile.name
    assert hostile.says in ended["reason"], hostile.name


async def test_what_was_unpacked_before_the_refusal_is_taken_back(database_url: str, tmp_path: Path) -> None:
    """The last file is damaged: many batches of rows and bytes are there by then."""
    files = {f"d/{n:04}.bin": bytes([0, n % 251, n // 251]) * 2000 for n in range(1500)} | {"z.txt": b"z" * 1000}
    data = archives.zipped(files)
    spoiled = data.replace(b"z.txt" + data.split(b"z.txt", 1)[1][:6], b"z.txt" + b"\xff" * 6, 1)
    async with running_worker(database_url, scratch_dir=tmp_path) as worker, worker.http(await worker.person()) as http:
        ended = await Archives(http, worker).imported(spoiled)
        assert ended["state"] == "refused"
        async with worker.app.db.acquire() as connection:
            left = await rows_left(connection)
    assert left.pop("imports") == 1
    assert set(left.values()) == {0}
