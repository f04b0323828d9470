"""A project as an archive, streamed: the newest committed text of every document, a batch of texts in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge

from protocol.ids import DocumentId, ProjectId
from protocol.text_form import TextForm, restored
from protocol.yjs.update import UpdateRefused
from server.archive.links import leads_out
from server.archive.packing import ArchiveFormat, Packer, packer_of
from server.archive.plan import PLAIN_MODE, unix_mode
from server.clock import Clock
from server.errors import LimitReached, NotFound
from server.features.documents.laggards import replayed
from server.features.documents.replica import ReplicaBroken, UpdateUnreadable
from server.settings import Settings
from server.store import archives as store
from server.store import documents, projects
from server.store.blobs.blobs import Blobs, get_blob
from server.store.db import Database
from server.store.failures import BytesMissing, DocumentLogBroken

BATCH_ROWS = 200
BATCH_BYTES = 4 << 20
PIECE_BYTES = 256 * 1024  # deflated on a thread at once

log = structlog.get_logger(__name__)

_exports = Counter("flashio_exports_total", "Exports of projects that were begun", ["format"])
_running = Gauge("flashio_exports_running", "Exports of projects under way")
_older = Counter("flashio_export_older_texts_total", "Texts that an export gave as the file row shows them")


@dataclass(frozen=True, slots=True)
class Export:
    """What there was at one moment. `left_out`: symbolic links that lead out of the project."""

    name: str
    rows: list[store.PackedRow]
    left_out: list[str]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(row.size for row in self.rows)


@dataclass(slots=True)
class Exporter:
    """Invariant: at most `max_exports` of one process are streamed at the same time."""

    db: Database
    clock: Clock
    settings: Settings
    blobs: Blobs
    _under_way: int = 0

    async def begin(self, project_id: ProjectId, may_read: Callable[[str], bool]) -> Export:
        """What there is to export now, of what may be read.

        Raises:
            NotFound: the project is gone.
        """
        async with self.db.transaction("repeatable read", is_read_only=True) as tx:
            project = await projects.get_project(tx, project_id)
            found = await store.manifest.all(tx, project_id=project_id, limit=2 * self.settings.max_project_files)
        if project is None or project.deleted_at is not None:
            raise NotFound("There is no such project.")
        rows = [row for row in found if may_read(row.path)]
        targets = {row.path: row.symlink_target for row in rows if row.symlink_target is not None}
        left_out = {path for path in targets if leads_out(path, targets)}
        return Export(project.name, [row for row in rows if row.path not in left_out], sorted(left_out))

    async def stream(self, export: Export, kind: ArchiveFormat) -> AsyncIterator[bytes]:
        """The archive's bytes.

        Raises:
            LimitReached, before the first: too many exports are under way.
            BytesMissing: bytes of a file are gone, so that the archive cannot be whole.
        """
        if self._under_way >= self.settings.max_exports:
            raise LimitReached("Other projects are being exported. Try again in a minute.")
        self._under_way += 1
        _running.set(self._under_way)
        _exports.labels(kind.value).inc()
        try:
            packer = packer_of(kind)
            for batch in _batches(export.rows):
                texts = await self._texts(batch)
                for row in batch:
                    async for packed in self._packed(packer, row, texts):
                        yield packed
            yield packer.finish()
        finally:
            self._under_way -= 1
            _running.set(self._under_way)

    async def _packed(self, packer: Packer, row: store.PackedRow, texts: dict[UUID, bytes]) -> AsyncIterator[bytes]:
        if row.is_directory:
            yield packer.directory(row.path)
        elif row.symlink_target is not None:
            yield packer.link(row.path, row.symlink_target)
        elif row.is_binary:
            yield packer.begin(row.path, row.size, _mode_of(row))
            async for chunk in self._bytes(row):
                for at in range(0, len(chunk), PIECE_BYTES):
                    yield await asyncio.to_thread(packer.write, chunk[at : at + PIECE_BYTES])
        elif row.id in texts:
            text = texts[row.id]
            yield packer.begin(row.path, len(text), _mode_of(row))
            for at in range(0, len(text), PIECE_BYTES):
                yield await _written(packer, text[at : at + PIECE_BYTES])

    async def _bytes(self, row: store.PackedRow) -> AsyncIterator[bytes]:
        async with self.db.acquire() as connection:
            blob = await get_blob.maybe(connection, blob_id=row.blob_id)
        if blob is None or blob.size != row.size:
            raise BytesMissing(f"the bytes of {row.path} are gone")
        async for piece in self.blobs.read(blob):
            yield piece

    async def _texts(self, batch: list[store.PackedRow]) -> dict[UUID, bytes]:
        ids = [row.id for row in batch if not (row.is_directory or row.is_binary or row.symlink_target is not None)]
        async with self.db.acquire() as connection:
            rows = await store.list_texts.all(connection, file_ids=ids, limit=len(ids))
        return {row.id: await self._newest(row) if row.is_behind else restored(row.shown, TextForm()) for row in rows}

    async def _newest(self, row: store.TextRow) -> bytes:
        """The text that the document's log holds; one that cannot be read is given as its file row shows it."""
        try:
            stored = await documents.load(self.db, DocumentId(row.id))
            if stored is not None and stored.document.state is documents.DocumentState.LIVE:
                form = TextForm(stored.document.line_ending.value, stored.document.has_bom)
                updates = [logged.update_v1 for logged in stored.tail]
                replica = await replayed(stored.document.root_name, stored.snapshot, updates, self.clock)
                return restored(replica.text(), form)
        except (DocumentLogBroken, UpdateRefused, UpdateUnreadable, ReplicaBroken) as error:
            log.warning("exported as the file row shows it", document=str(row.id), reason=str(error))
        _older.inc()
        return restored(row.shown, TextForm())


def _batches(rows: list[store.PackedRow]) -> Iterator[list[store.PackedRow]]:
    """In the same order, each with few texts and few bytes of text."""
    batch: list[store.PackedRow] = []
    held_bytes = 0
    for row in rows:
        batch.append(row)
        held_bytes += 0 if row.is_binary else row.size
        if len(batch) >= BATCH_ROWS or held_bytes >= BATCH_BYTES:
            yield batch
            batch, held_bytes = [], 0
    yield batch


async def _written(packer: Packer, piece: bytes) -> bytes:
    """Short pieces are deflated faster than a thread is reached."""
    if len(piece) < PIECE_BYTES // 16:
        return packer.write(piece)
    return await asyncio.to_thread(packer.write, piece)


def _mode_of(row: store.PackedRow) -> int:
    permissions = PLAIN_MODE if row.permissions is None else row.permissions
    return unix_mode(permissions, is_executable=row.is_executable)
