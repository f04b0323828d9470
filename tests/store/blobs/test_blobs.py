"""Blobs grow chunk by chunk, are kept once per content, and go when nothing refers to them."""

import hashlib
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from server.settings import Settings
from server.store import files
from server.store.blobs.blobs import BlobRow, Blobs, blobs_of, cut_back, get_blob, seal
from server.store.db import Database
from server.store.failures import BytesMissing
from tests.store.examples import add_file, add_project, add_user

LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def blobs(database: Database) -> Blobs:
    return blobs_of(Settings(), database)


async def grown(blobs: Blobs, *chunks: bytes) -> BlobRow:
    blob, at = await blobs.begin(), 0
    for chunk in chunks:
        assert await blobs.append(blob, at, chunk)
        at += len(chunk)
    async with blobs.db.acquire() as connection:
        return await get_blob.one(connection, blob_id=blob.id)


async def content(blobs: Blobs, blob: BlobRow, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join([piece async for piece in blobs.read(blob, start, stop)])


async def sealed(blobs: Blobs, blob: BlobRow) -> BlobRow | None:
    checksum = hashlib.sha256(await content(blobs, blob)).digest()
    async with blobs.db.transaction() as tx:
        return await seal(tx, blob.id, checksum)


async def test_any_range_is_read_across_chunks_of_any_size(blobs: Blobs) -> None:
    blob = await grown(blobs, b"abc", b"d", b"efghij")
    assert blob.size == 10
    for start in range(10):
        for stop in range(start, 11):
            assert await content(blobs, blob, start, stop) == b"abcdefghij"[start:stop]


async def test_a_chunk_that_does_not_continue_the_blob_is_refused(blobs: Blobs) -> None:
    blob = await grown(blobs, b"abc")
    assert not await blobs.append(blob, 2, b"x")
    assert not await blobs.append(blob, 4, b"x")
    assert await content(blobs, blob) == b"abc"


async def test_a_blob_that_is_cut_back_goes_on_from_there(blobs: Blobs) -> None:
    blob = await grown(blobs, b"abc", b"wrong", b"more")
    async with blobs.db.acquire() as connection:
        await cut_back.run(connection, blob_id=blob.id, size=3)
        assert await blobs.append(blob, 3, b"def")
        blob = await get_blob.one(connection, blob_id=blob.id)
    assert await content(blobs, blob) == b"abcdef"


async def test_the_same_content_is_kept_once(blobs: Blobs) -> None:
    first = await sealed(blobs, await grown(blobs, b"same ", b"bytes"))
    second = await sealed(blobs, await grown(blobs, b"same", b" bytes"))
    assert first is not None
    assert second == first


async def test_a_sealed_blob_grows_no_more(blobs: Blobs) -> None:
    blob = await sealed(blobs, await grown(blobs, b"abc"))
    assert blob is not None
    assert not await blobs.append(blob, 3, b"d")


async def test_what_no_file_refers_to_is_collected_and_what_one_refers_to_is_not(blobs: Blobs) -> None:
    used, unused = await sealed(blobs, await grown(blobs, b"used")), await grown(blobs, b"unused")
    assert used is not None
    async with blobs.db.acquire() as connection:
        file_id = await add_file(connection, await add_project(connection, await add_user(connection)), "a.bin")
        await connection.execute("update project_files set is_binary = true where id = $1", [file_id])
        await files.write_blob.run(
            connection, file_id=file_id, blob_id=used.id, size=used.size, checksum=used.checksum, user_id=None
        )
    assert await blobs.collect(LATER) == 1
    assert await content(blobs, used) == b"used"
    with pytest.raises(BytesMissing):
        await content(blobs, unused)


async def test_what_came_into_use_a_moment_ago_is_not_collected(blobs: Blobs) -> None:
    """A file may be about to refer to it: its transaction is not committed yet."""
    blob = await sealed(blobs, await grown(blobs, b"abc"))
    assert blob is not None
    assert await blobs.collect(datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert await content(blobs, blob) == b"abc"


async def test_collection_frees_the_bytes(blobs: Blobs) -> None:
    await grown(blobs, b"abc", b"def")
    await blobs.collect(LATER)
    async with blobs.db.acquire() as connection:
        for table in ("blobs", "blob_chunks", "blob_bytes"):
            assert (await connection.fetch(f"select count(*) from {table}"))[0][0] == 0


async def test_a_blob_that_is_gone_is_sealed_as_nothing(blobs: Blobs) -> None:
    async with blobs.db.transaction() as tx:
        assert await seal(tx, uuid4(), bytes(32)) is None
