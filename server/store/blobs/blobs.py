"""Blobs: begun, added to chunk by chunk, sealed under their SHA-256, read by range, collected when unused."""

import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.errors import StartRefused
from server.settings import Settings
from server.store.blobs.bucket import bucket_storage
from server.store.blobs.database import DatabaseStorage
from server.store.blobs.folder import FolderStorage
from server.store.blobs.port import ChunkStorage, StorageType
from server.store.db import Database, Transaction
from server.store.failures import BytesMissing, StorageUnavailable
from server.store.queries import query

CHUNKS_PAGE = 256
COLLECT_BATCH = 100


@dataclass(frozen=True, slots=True)
class BlobRow:
    """`checksum` (SHA-256) is None while the blob still grows; `size` is in bytes."""

    id: UUID
    checksum: bytes | None
    size: int
    storage_type: StorageType


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """`at`: where it begins in the blob."""

    at: int
    size: int
    key: str


_create = query("blobs.create", UUID)
_append = query("blobs.append", int)
_list_chunks = query("blobs.list_chunks", ChunkRow)
_lock_content = query("blobs.lock_content", bool)
_find_content = query("blobs.find_content", BlobRow)
_seal = query("blobs.seal")
_list_doomed = query("blobs.list_doomed", BlobRow)
_delete = query("blobs.delete")
get_blob = query("blobs.get", BlobRow)
cut_back = query("blobs.cut_back")
doom_unused = query("blobs.doom_unused")


@dataclass(frozen=True, slots=True)
class Blobs:
    """`kind` is where new blobs go; older ones are read from where they are."""

    db: Database
    storages: Mapping[StorageType, ChunkStorage]
    kind: StorageType

    async def begin(self) -> BlobRow:
        """Make an empty blob, which is collected unless an upload or a file refers to it."""
        async with self.db.acquire() as connection:
            blob_id = await _create.one(connection, storage_type=self.kind)
        return BlobRow(blob_id, None, 0, self.kind)

    async def append(self, blob: BlobRow, at: int, data: bytes) -> bool:
        """Add a chunk at the end, durably. False when the blob does not end at `at`: nothing was added then."""
        key = f"{blob.id.hex}/{secrets.token_hex(8)}"
        await self._storage(blob.storage_type).put(key, data)
        async with self.db.acquire() as connection:
            added = await _append.maybe(connection, blob_id=blob.id, at=at, size=len(data), key=key)
        return added is not None

    async def put_all(self, chunks: Mapping[str, bytes]) -> None:
        """Keep chunks for new blobs, whose rows come to name them afterwards."""
        await self._storage(self.kind).put_all(chunks)

    async def read(self, blob: BlobRow, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `stop` in pieces of at most a chunk; one chunk is in memory at a time."""
        at, end = start, blob.size if stop is None else stop
        while at < end:
            async with self.db.acquire() as connection:
                page = await _list_chunks.all(connection, blob_id=blob.id, start=at, stop=end, limit=CHUNKS_PAGE)
            if not page:
                raise BytesMissing(f"blob {blob.id} ends at {at} instead of {end}")
            for chunk in page:
                until = min(chunk.size, end - chunk.at)
                yield await self._storage(blob.storage_type).get(chunk.key, at - chunk.at, until)
                at = chunk.at + until

    async def collect(self, before: datetime) -> int:
        """Delete what nothing has referred to since `before`; returns how many blobs went."""
        gone = 0
        while True:
            async with self.db.acquire() as connection:
                await doom_unused.run(connection, before=before, limit=COLLECT_BATCH)
                doomed = await _list_doomed.all(connection, limit=COLLECT_BATCH)
            for blob in doomed:
                await self._storage(blob.storage_type).delete_all(blob.id.hex)
                async with self.db.acquire() as connection:
                    gone += await _delete.run(connection, blob_id=blob.id)
            if not doomed:
                return gone

    def _storage(self, kind: StorageType) -> ChunkStorage:
        try:
            return self.storages[kind]
        except KeyError:
            raise StorageUnavailable(f"bytes are kept in {kind}, which the settings of this process lack") from None


async def seal(tx: Transaction, blob_id: UUID, checksum: bytes) -> BlobRow | None:
    """The blob that holds this content: the given one, or the one that was there already; None when it is gone."""
    await _lock_content.one(tx, number=int.from_bytes(checksum[:8], "big", signed=True))
    known = await _find_content.maybe(tx, checksum=checksum)
    if known is not None:
        return known
    if not await _seal.run(tx, blob_id=blob_id, checksum=checksum):
        return None
    return await get_blob.one(tx, blob_id=blob_id)


def blobs_of(settings: Settings, db: Database) -> Blobs:
    """The blobs as the settings want them kept.

    Raises:
        StartRefused: the storage lacks a setting.
    """
    storages: dict[StorageType, ChunkStorage] = {StorageType.DATABASE: DatabaseStorage(db)}
    if settings.storage_dir is not None:
        storages[StorageType.FILESYSTEM] = FolderStorage(settings.storage_dir)
    if settings.storage_bucket is not None:
        storages[StorageType.S3] = bucket_storage(settings.storage_bucket, settings.storage_endpoint)
    kind = StorageType(settings.storage_type)
    if kind not in storages:
        needed = "STORAGE_DIR" if kind is StorageType.FILESYSTEM else "STORAGE_BUCKET"
        raise StartRefused(f"STORAGE_TYPE={kind} needs {needed}.")
    return Blobs(db, storages, kind)
