"""Chunks as rows of PostgreSQL: nothing else to run or to back up."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.store.db import Database
from server.store.failures import BytesMissing
from server.store.queries import query

_write = query("blobs.write_bytes")
_write_many = query("blobs.write_many_bytes")
_read = query("blobs.read_bytes", bytes)
_delete = query("blobs.delete_bytes")


@dataclass(frozen=True, slots=True)
class DatabaseStorage:
    db: Database

    async def put(self, key: str, data: bytes) -> None:
        async with self.db.acquire() as connection:
            await _write.run(connection, key=key, bytes=data)

    async def put_all(self, chunks: Mapping[str, bytes]) -> None:
        async with self.db.acquire() as connection:
            await _write_many.run(connection, keys=list(chunks), contents=list(chunks.values()))

    async def get(self, key: str, start: int, stop: int) -> bytes:
        async with self.db.acquire() as connection:
            found = await _read.maybe(connection, key=key, start=start, size=stop - start)
        if found is None:
            raise BytesMissing(key)
        return found

    async def delete_all(self, prefix: str) -> None:
        async with self.db.acquire() as connection:
            await _delete.run(connection, prefix=prefix)
