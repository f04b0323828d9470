"""`document repair`: bring a quarantined document back without what cannot be read."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID, uuid4

import typer

from protocol.ids import DocumentId
from protocol.yjs.update import STORED_LIMITS, UpdateRefused, check_update
from server.clock import SystemClock
from server.errors import Conflict, NotFound
from server.feature import CommandLine
from server.features.documents.compaction import archive_of
from server.features.documents.log_reading import MAX_REASON, NOT_VALID, blamed_row, rows_that_hold
from server.features.documents.opening import new_seed_client
from server.features.documents.replica import Replica, ReplicaBroken, UpdateUnreadable, seed_update
from server.settings import Settings
from server.store import documents
from server.store import repair as store
from server.store.compaction import put_archive
from server.store.db import Database, Transaction

LISTED = 100
FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Readable:
    """What can be read of a log. `unreadable`: why not, by number. `has_holes`: edits wait for one of those."""

    replica: Replica
    unreadable: dict[int, str]

    @property
    def has_holes(self) -> bool:
        return self.replica.pending_bytes > 0


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
            await _repair(db, DocumentId(document_id), settings.archive_days)

    CommandLine.of(context).run(repair)


async def _list(db: Database) -> None:
    async with db.acquire() as connection:
        rows = await store.list_broken_documents.all(connection, after_document_id=FIRST, limit=LISTED)
    for row in rows:
        print(f"{row.id}  {row.state.value:12} {row.quarantined_rows} rows set aside  {row.path}")
    if not rows:
        print("no document is set aside")


async def _repair(db: Database, document_id: DocumentId, archive_days: int) -> None:
    """An edit that builds on a lost one can never be integrated, so then the text begins a new history."""
    stored = await documents.load(db, document_id)
    if stored is None:
        raise NotFound(f"There is no document {document_id}.")
    readable = _read(stored)
    async with db.transaction() as tx:
        for seq, reason in readable.unreadable.items():
            await store.quarantine_update(tx, document_id, seq, reason[:MAX_REASON])
        if readable.has_holes:
            await _begin_anew(tx, stored, readable.replica.text(), archive_days)
        await store.set_state(tx, document_id, documents.DocumentState.LIVE)
    print(f"{document_id}: {len(readable.unreadable)} more entries set aside, {_told(readable)}")


def _read(stored: documents.LoadedDocument) -> Readable:
    unreadable: dict[int, str] = {}
    while (replica := _rebuilt(stored, unreadable)) is None:
        continue
    return Readable(replica, unreadable)


def _rebuilt(stored: documents.LoadedDocument, unreadable: dict[int, str]) -> Replica | None:
    """A replica of all but the unreadable rows; None when another one broke it, which is known from then on.

    Raises:
        Conflict: the snapshot itself cannot be read; without it the text would be lost.
    """
    replica = Replica(stored.document.root_name)
    try:
        if stored.snapshot is not None:
            replica.apply(
                stored.snapshot.state_v1, check_update(stored.snapshot.state_v1, STORED_LIMITS), is_stored=True
            )
    except (UpdateRefused, UpdateUnreadable, ReplicaBroken) as error:
        raise Conflict(
            f"The snapshot at number {stored.document.snapshot_seq} cannot be read ({error}). Nothing was changed; "
            "restore this document from a backup of the database."
        ) from error
    for row in stored.tail:
        try:
            if row.seq not in unreadable:
                applied = replica.apply(row.update_v1, check_update(row.update_v1, STORED_LIMITS), is_stored=True)
                unreadable |= {rejected.seq: NOT_VALID for rejected in rows_that_hold(stored, applied.rejected)}
        except (UpdateRefused, UpdateUnreadable) as error:
            unreadable[row.seq] = str(error)
        except ReplicaBroken as error:
            unreadable[blamed_row(stored, row.seq, error)] = str(error)
            return None
    return replica


async def _begin_anew(tx: Transaction, stored: documents.LoadedDocument, text: str, archive_days: int) -> None:
    """Retire the lineage: replicas of it are told, and their text is kept (P7)."""
    document_id, lineage, seed_client = stored.document.id, uuid4(), new_seed_client()
    if stored.tail:
        expires_at = SystemClock().now() + timedelta(days=archive_days)
        rows = archive_of(stored.tail, expires_at)
        await put_archive.run(tx, document_id=document_id, **asdict(rows))
    seed = seed_update(seed_client, str(lineage), stored.document.root_name, text)
    await store.begin_lineage(tx, document_id, lineage=lineage, seed_client=seed_client, seed_update=seed)


def _told(readable: Readable) -> str:
    if readable.has_holes:
        return "edits that built on them could not be kept, so its text begins a new history"
    return "its history goes on"
