"""`document repair`: bring a quarantined document back without what cannot be read."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated
from uuid import UUID, uuid4

import typer

from protocol.ids import DocumentId
from server.clock import SystemClock
from server.errors import Conflict, NotFound
from server.feature import CommandLine
from server.features.documents.compaction import ArchiveUnreadable, archive_of, rows_of
from server.features.documents.opening import new_seed_client
from server.features.documents.salvage import Base, Salvaged, base_of, salvage, snapshot_again
from server.features.documents.updates import seed_update
from server.settings import Settings
from server.store import documents
from server.store import repair as store
from server.store.compaction import put_archive, put_snapshot
from server.store.db import Database, Transaction

LISTED = 100
FIRST = UUID(int=0)
MAX_REASON = 500  # characters of an explanation kept with a row

documents_commands = typer.Typer(help="Documents.", no_args_is_help=True)


@documents_commands.callback()
def document_command() -> None:
    """Documents."""


@documents_commands.command("repair", epilog="Example: `python -m server document repair 0199d3f2-...`")
def repair_command(
    context: typer.Context,
    document_id: Annotated[UUID | None, typer.Argument(help="Without it, list the documents set aside.")] = None,
) -> None:
    """Bring a quarantined document back without its unreadable entries; they stay in the quarantine table."""

    async def repair(db: Database, settings: Settings) -> None:
        if document_id is None:
            await _list(db)
        else:
            print(await repair_document(db, DocumentId(document_id), settings.archive_days))

    CommandLine.of(context).run(repair)


async def _list(db: Database) -> None:
    async with db.acquire() as connection:
        rows = await store.list_broken_documents.all(connection, after_document_id=FIRST, limit=LISTED)
    for row in rows:
        print(f"{row.id}  {row.state.value:12} {row.quarantined_rows} rows set aside  {row.path}")
    if not rows:
        print("no document is set aside")


async def repair_document(db: Database, document_id: DocumentId, archive_days: int) -> str:
    """Open a document again with all that can be read of it, and say what was done.

    An edit that builds on a lost one can never be integrated, so then the text begins a new history.

    Raises:
        NotFound: there is no such document.
        Conflict: its text cannot be had whole, or it changed meanwhile; nothing was written.
    """
    remains = await store.load_remains(db, document_id)
    if remains is None:
        raise NotFound(f"There is no document {document_id}.")
    base = base_of(remains)
    state, is_made_again = await _state(db, remains, base)
    salvaged = salvage(remains, state)
    begins_anew = _begins_anew(remains, salvaged)
    async with db.transaction() as tx:
        await _check_unchanged(tx, remains)
        for seq, reason in base.unreadable.items():
            if not await store.quarantine_snapshot(tx, document_id, seq, reason[:MAX_REASON]):
                raise Conflict(f"Something with the number {seq} of an unreadable snapshot is set aside already.")
        if is_made_again:
            seq = remains.document.snapshot_seq
            await put_snapshot.run(tx, document_id=document_id, seq=seq, state=state, checked_by=None, checksum=None)
        for seq, reason in salvaged.unreadable.items():
            await store.quarantine_update(tx, document_id, seq, reason[:MAX_REASON])
        if begins_anew:
            await _begin_anew(tx, remains, salvaged, archive_days)
        await store.set_state(tx, document_id, documents.DocumentState.LIVE)
    return f"{document_id}: {_told(base, salvaged, begins_anew=begins_anew)}"


async def _state(db: Database, remains: store.Remains, base: Base) -> tuple[bytes | None, bool]:
    """The state of the newest snapshot, and whether it had to be made again."""
    if base.seq == remains.document.snapshot_seq:
        return None if base.snapshot is None else base.snapshot.state_v1, False
    archived: list[documents.LogRow] = []
    for archive in await store.archives_of(db, remains.document.id, base.seq):
        try:
            archived += rows_of(archive.body)
        except ArchiveUnreadable as error:
            raise Conflict(f"The archive from {archive.first_seq} cannot be read: {error}") from error
    return snapshot_again(remains, base, archived), True


def _begins_anew(remains: store.Remains, salvaged: Salvaged) -> bool:
    """Edits of a sound document may wait too: only beside a loss do they wait in vain."""
    is_lossy = bool(salvaged.unreadable or remains.set_aside)
    return salvaged.lost > 0 or (is_lossy and salvaged.replica.pending_bytes > 0)


async def _check_unchanged(tx: Transaction, remains: store.Remains) -> None:
    document = remains.document
    locked = await documents.lock_document.one(tx, document_id=document.id)
    known = (document.last_seq, document.snapshot_seq, document.epoch)
    if (locked.last_seq, locked.snapshot_seq, locked.epoch) != known:
        raise Conflict(f"Document {document.id} changed meanwhile. Run the command again.")


async def _begin_anew(tx: Transaction, remains: store.Remains, salvaged: Salvaged, archive_days: int) -> None:
    """Retire the lineage: replicas of it are told, and their text is kept (P7)."""
    document, lineage, seed_client = remains.document, uuid4(), new_seed_client()
    if salvaged.rows:
        expires_at = SystemClock().now() + timedelta(days=archive_days)
        await put_archive.run(tx, document_id=document.id, **asdict(archive_of(salvaged.rows, expires_at)))
    seed = seed_update(seed_client, str(lineage), document.root_name, salvaged.replica.text())
    await store.begin_lineage(tx, document.id, lineage=lineage, seed_client=seed_client, seed_update=seed)


def _told(base: Base, salvaged: Salvaged, *, begins_anew: bool) -> str:
    parts = [f"{len(salvaged.unreadable)} more entries set aside"]
    if base.unreadable:
        parts.append(f"{len(base.unreadable)} unreadable snapshots set aside")
    if salvaged.lost:
        parts.append(f"{salvaged.lost} entries are lost")
    if begins_anew:
        parts.append("edits that built on them could not be kept, so its text begins a new history")
    else:
        parts.append("its history goes on")
    return ", ".join(parts)
