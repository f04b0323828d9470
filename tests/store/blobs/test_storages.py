"""One promise, three storages: what is put is there until it is deleted."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from server.store.blobs.bucket import bucket_storage
from server.store.blobs.database import DatabaseStorage
from server.store.blobs.folder import FolderStorage
from server.store.blobs.port import ChunkStorage
from server.store.db import Database
from server.store.failures import BytesMissing, StorageUnavailable
from tests.harness.s3_server import BUCKET, ENVIRONMENT, s3_server


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    with s3_server() as endpoint:
        httpx.put(f"{endpoint}/{BUCKET}").raise_for_status()
        yield endpoint


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=["database", "folder", "bucket"])
def storage(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path, s3_endpoint: str, credentials: None
) -> ChunkStorage:
    kinds: dict[str, Callable[[], ChunkStorage]] = {
        "database": lambda: DatabaseStorage(database),
        "folder": lambda: FolderStorage(tmp_path / "blobs"),
        "bucket": lambda: bucket_storage(BUCKET, s3_endpoint),
    }
    return kinds[request.param]()


async def test_a_chunk_is_read_as_it_was_put_whole_or_in_part(storage: ChunkStorage) -> None:
    data = bytes(range(256)) * 300
    await storage.put("aa11/one", data)
    assert await storage.get("aa11/one", 0, len(data)) == data
    assert await storage.get("aa11/one", 255, 258) == data[255:258]
    assert await storage.get("aa11/one", len(data) - 1, len(data)) == data[-1:]


async def test_chunks_that_are_put_together_are_read_one_by_one(storage: ChunkStorage) -> None:
    chunks = {f"aa14/{number}": bytes([number]) * (number + 1) for number in range(40)}
    await storage.put_all(chunks)
    for key, data in chunks.items():
        assert await storage.get(key, 0, len(data)) == data


async def test_a_chunk_that_is_put_again_is_there_once(storage: ChunkStorage) -> None:
    await storage.put("aa12/one", b"same")
    await storage.put("aa12/one", b"same")
    assert await storage.get("aa12/one", 0, 4) == b"same"


async def test_deleting_takes_all_below_a_prefix_and_nothing_beside_it(storage: ChunkStorage) -> None:
    for key in ("aa13/one", "aa13/two", "aa130/one", "aa12f/one"):
        await storage.put(key, b"x")
    await storage.delete_all("aa13")
    for key in ("aa13/one", "aa13/two"):
        with pytest.raises(BytesMissing):
            await storage.get(key, 0, 1)
    for key in ("aa130/one", "aa12f/one"):
        assert await storage.get(key, 0, 1) == b"x"
    await storage.delete_all("aa13")


async def test_what_was_never_put_is_missing(storage: ChunkStorage) -> None:
    with pytest.raises(BytesMissing):
        await storage.get("bb00/none", 0, 1)


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageUnavailable, match="STORAGE_DIR"):
        await FolderStorage(tmp_path / "file").put("aa/one", b"x")


async def test_a_bucket_that_does_not_exist_is_unavailable(s3_endpoint: str, credentials: None) -> None:
    with pytest.raises(StorageUnavailable, match="STORAGE_BUCKET"):
        await bucket_storage("no-such-bucket", s3_endpoint).put("aa/one", b"x")
