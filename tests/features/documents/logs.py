"""Looking into a document's log, and harming it, behind the server's back."""

from typing import Any
from uuid import UUID

from protocol.ids import DocumentId
from server.clock import Clock, SystemClock
from server.feature import Services
from server.features.documents.compaction import Compaction
from server.settings import Settings
from server.store import documents, files
from server.store.compaction import list_archives
from server.store.db import Database
from server.tasks import Tasks
from tests.protocol.mutations import any_item, update

BOMB = update(any_item(b"\x75\x01" * 60_000 + b"\x7e"), client=4_000_000)  # arrays in arrays: kills what recurses
SHORT = b"\x01\x01\x01\x00\x04\x01"


async def document_id_of(db: Database, project_id: UUID, path: str) -> UUID:
    async with db.acquire() as connection:
        traced = await files.trace_path.one(connection, project_id=project_id, path=path)
    return traced.file_id


async def rows(db: Database, document_id: UUID) -> list[documents.LogRow]:
    async with db.acquire() as connection:
        return await documents.tail_since.all(connection, document_id=document_id, after_seq=0, limit=100_000)


async def head(db: Database, document_id: UUID) -> documents.DocumentRow:
    async with db.acquire() as connection:
        return await documents.get_document.one(connection, document_id=document_id)


async def archives(db: Database, document_id: UUID) -> list[bytes]:
    async with db.acquire() as connection:
        found = await list_archives.all(connection, document_id=document_id, after_first_seq=0, limit=1_000)
    return [row.body for row in found]


async def poison(db: Database, document_id: UUID, seq: int, data: bytes) -> None:
    """Overwrite a row of the log, as a failing disk or an older release might have."""
    async with db.acquire() as connection:
        sql = "update document_updates set update_v1 = $3 where document_id = $1 and seq = $2"
        assert await connection.execute(sql, [document_id, seq, data]) == "UPDATE 1"


async def compact(db: Database, document_id: UUID, *, clock: Clock | None = None, **settings: Any) -> bool:
    """Fold a document's log as the worker process does; whether anything was done."""
    async with Tasks(SystemClock()) as tasks:
        services = Services(Settings(**settings), clock or SystemClock(), db, tasks, lambda _: None, "test")
        return await Compaction(services).compact(DocumentId(document_id))
