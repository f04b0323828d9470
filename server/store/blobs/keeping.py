"""Many contents kept at once for something that may yet fail: what it brought goes again if it does."""

import hashlib
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from server.store.blobs.blobs import Blobs
from server.store.db import Transaction
from server.store.failures import BytesMissing
from server.store.queries import query

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ContentRow:
    """A blob that holds a content; `used_at` is when we came upon it."""

    id: UUID
    checksum: bytes | None
    used_at: datetime


_find_contents = query("blobs.find_contents", ContentRow)
_create_many = query("blobs.create_many", UUID)
_append_many = query("blobs.append_many")
_lock_contents = query("blobs.lock_contents", bool)
_lock_and_seal = query("blobs.lock_and_seal", ContentRow)
_doom_these = query("blobs.doom_these")


@dataclass(slots=True)
class Keeping:
    """For one import. Statements do not grow with the number of contents kept together."""

    blobs: Blobs
    _touched: dict[UUID, datetime] = field(default_factory=dict)

    async def keep(self, contents: Mapping[bytes, bytes]) -> dict[bytes, UUID]:
        """The blob for each content, by SHA-256; made where there is none. Each has at most the size of a chunk."""
        if not contents:
            return {}
        async with self.blobs.db.transaction() as tx:
            known = await self._found(tx, list(contents))
        missing = [checksum for checksum in contents if checksum not in known]
        begun = await self._stored([contents[checksum] for checksum in missing])
        return known | await self._sealed(dict(zip(missing, begun, strict=True)))

    async def keep_large(self, pieces: AsyncIterator[bytes]) -> tuple[UUID, bytes, int]:
        """The blob of what the pieces make together, its SHA-256 and its size; a chunk is in memory at a time."""
        blob, sha, at = await self.blobs.begin(), hashlib.sha256(), 0
        self._touched[blob.id] = NEVER
        async for piece in pieces:
            sha.update(piece)
            if not await self.blobs.append(blob, at, piece):
                raise BytesMissing(f"blob {blob.id} went while it grew")
            at += len(piece)
        checksum = sha.digest()
        return (await self._sealed({checksum: blob.id}))[checksum], checksum, at

    async def abandon(self) -> None:
        """Delete what was brought and nothing refers to."""
        async with self.blobs.db.acquire() as connection:
            await _doom_these.run(connection, blob_ids=list(self._touched), used_ats=list(self._touched.values()))
        self._touched.clear()
        await self.blobs.collect(NEVER)

    async def _stored(self, contents: list[bytes]) -> list[UUID]:
        if not contents:
            return []
        async with self.blobs.db.acquire() as connection:
            begun = await _create_many.all(connection, storage_type=self.blobs.kind, count=len(contents))
        self._touched |= dict.fromkeys(begun, NEVER)
        keys = [f"{blob_id.hex}/{secrets.token_hex(8)}" for blob_id in begun]
        await self.blobs.put_all({key: data for key, data in zip(keys, contents, strict=True) if data})
        async with self.blobs.db.acquire() as connection:
            await _append_many.run(connection, blob_ids=begun, sizes=[len(data) for data in contents], keys=keys)
        return begun

    async def _sealed(self, begun: Mapping[bytes, UUID]) -> dict[bytes, UUID]:
        if not begun:
            return {}
        numbers = [int.from_bytes(checksum[:8], "big", signed=True) for checksum in begun]
        async with self.blobs.db.transaction() as tx:
            await _lock_contents.all(tx, numbers=numbers)
            known = await self._found(tx, list(begun))
            ours = {checksum: blob_id for checksum, blob_id in begun.items() if checksum not in known}
            rows = await _lock_and_seal.all(tx, blob_ids=list(ours.values()), checksums=list(ours))
        return known | self._noted(rows)

    async def _found(self, tx: Transaction, checksums: list[bytes]) -> dict[bytes, UUID]:
        return self._noted(await _find_contents.all(tx, checksums=checksums, limit=len(checksums)))

    def _noted(self, rows: list[ContentRow]) -> dict[bytes, UUID]:
        self._touched |= {row.id: row.used_at for row in rows}
        return {row.checksum: row.id for row in rows if row.checksum is not None}
