"""What an archive brings is put beside the project first, in batches: nobody sees it, and it goes in one statement."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

from protocol.paths import PathRefused, check_path
from protocol.text_form import line_count, unified
from server.archive.entry import ArchiveRefused, shown
from server.archive.unpacked import Began
from server.features.files.languages import language_of, mime_type_of, text_of
from server.features.files.rows import is_hidden
from server.settings import Settings
from server.store import archives as store
from server.store.blobs.keeping import Keeping
from server.store.db import Database

BATCH_ROWS = 500
BATCH_BYTES = 4 << 20
SHORT_BYTES = 64 * 1024  # described on the loop: less than a millisecond


@dataclass(frozen=True, slots=True)
class Staged:
    """One row to be; exactly one of `text`, `data` (with `checksum`) and `blob_id` for a file."""

    path: str
    is_directory: bool = False
    target: str = ""
    text: str | None = None
    data: bytes | None = None
    blob_id: UUID | None = None
    size: int = 0
    checksum: bytes | None = None
    lines: int = 0
    language: str = ""
    mime_type: str = ""
    permissions: int | None = None
    is_executable: bool = False


@dataclass(slots=True)
class Staging:
    """`into`: the directory that everything goes into, empty for the root. Batches are numbered from 1."""

    db: Database
    settings: Settings
    import_id: UUID
    keeping: Keeping
    into: str
    batches: int = 0
    files: int = 0
    size_bytes: int = 0
    _rows: list[Staged] = field(default_factory=list)
    _held_bytes: int = 0

    async def add_directory(self, path: str) -> None:
        await self._add(Staged(self._placed(path), is_directory=True))

    async def add_link(self, path: str, target: str) -> None:
        await self._add(Staged(self._placed(path), target=target, size=len(target.encode())))

    async def add_file(self, began: Began, pieces: AsyncIterator[bytes]) -> None:
        """Text up to the limit of documents is kept as text, everything else as bytes."""
        path = self._placed(began.path)
        head = bytearray()
        async for piece in pieces:
            head += piece
            if len(head) > self.settings.max_document_bytes:
                await self._add(await self._large(path, began, _rest(bytes(head), pieces)))
                return
        row = await self._described(path, began, bytes(head))
        if row.data is not None and len(row.data) > self.settings.blob_chunk_bytes:
            row = await self._large(path, began, _rest(row.data, None))
        await self._add(row)

    async def flush(self) -> None:
        """Write what is held; nothing when nothing is."""
        rows, self._rows, self._held_bytes = self._rows, [], 0
        if not rows:
            return
        contents = {row.checksum: row.data for row in rows if row.checksum is not None and row.data is not None}
        blobs = await self.keeping.keep(contents)
        self.batches += 1
        async with self.db.acquire() as connection:
            await store.stage.run(connection, import_id=self.import_id, batch=self.batches, **_columns(rows, blobs))

    async def _add(self, row: Staged) -> None:
        self.files += 1
        self.size_bytes += row.size
        self._rows.append(row)
        self._held_bytes += row.size if row.blob_id is None else 0
        if len(self._rows) >= BATCH_ROWS or self._held_bytes >= BATCH_BYTES:
            await self.flush()

    async def _described(self, path: str, began: Began, data: bytes) -> Staged:
        if len(data) <= SHORT_BYTES:
            return _described(path, began, data)
        return await asyncio.to_thread(_described, path, began, data)

    async def _large(self, path: str, began: Began, pieces: AsyncIterator[bytes]) -> Staged:
        blob_id, checksum, size = await self.keeping.keep_large(_chunks(pieces, self.settings.blob_chunk_bytes))
        return Staged(
            path,
            blob_id=blob_id,
            size=size,
            checksum=checksum,
            mime_type=mime_type_of(path, is_binary=True),
            permissions=began.permissions,
            is_executable=began.is_executable,
        )

    def _placed(self, path: str) -> str:
        if not self.into:
            return path
        try:
            return check_path(f"{self.into}/{path}")
        except PathRefused as error:
            raise ArchiveRefused(f"{shown(path)} in {shown(self.into)}: {error}") from None


def _described(path: str, began: Began, data: bytes) -> Staged:
    text = text_of(data)
    return Staged(
        path,
        text=text,
        data=data if text is None else None,
        size=len(data),
        checksum=hashlib.sha256(data).digest(),
        lines=0 if text is None else line_count(unified(text)[0]),
        language=(language_of(path, text) if text is not None else None) or "",
        mime_type=mime_type_of(path, is_binary=text is None),
        permissions=began.permissions,
        is_executable=began.is_executable,
    )


def _columns(rows: list[Staged], blobs: dict[bytes, UUID]) -> dict[str, object]:
    return {
        "paths": [row.path for row in rows],
        "parent_paths": [row.path.rpartition("/")[0] for row in rows],
        "are_directories": [row.is_directory for row in rows],
        "are_texts": [row.text is not None for row in rows],
        "contents": [row.text or "" for row in rows],
        "blob_ids": [blobs.get(row.checksum) if row.data and row.checksum else row.blob_id for row in rows],
        "sizes": [row.size for row in rows],
        "checksums": [row.checksum for row in rows],
        "line_counts": [row.lines for row in rows],
        "languages": [row.language for row in rows],
        "mime_types": [row.mime_type for row in rows],
        "targets": [row.target for row in rows],
        "permissions": [row.permissions for row in rows],
        "are_executable": [row.is_executable for row in rows],
        "are_hidden": [is_hidden(row.path) for row in rows],
    }


async def _rest(head: bytes, pieces: AsyncIterator[bytes] | None) -> AsyncIterator[bytes]:
    yield head
    if pieces is not None:
        async for piece in pieces:
            yield piece


async def _chunks(pieces: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """The same bytes in pieces of `size`, the last one shorter."""
    gathered = bytearray()
    async for piece in pieces:
        gathered += piece
        while len(gathered) >= size:
            yield bytes(gathered[:size])
            del gathered[:size]
    if gathered:
        yield bytes(gathered)
