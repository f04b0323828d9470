"""Documents as rows: seed, load, the group commit, authors, and the quarantine. Knows no Yjs: updates are bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from server.store.db import Connection, Database, Transaction
from server.store.failures import DocumentLogBroken, RowMissing, StorageBusy
from server.store.queries import query

SERVER_AUTHOR_NO = 0
SEED_SEQ = 1
LOAD_PAGE_ROWS = 1_000
COMMIT_LOCK_TIMEOUT_MS = 2_000  # a document held longer than this is left to a later batch
AUTHOR_ATTEMPTS = 5


class DocumentState(StrEnum):
    """Whether a document may be edited."""

    LIVE = "live"
    QUARANTINED = "quarantined"


class LineEnding(StrEnum):
    """What a document's file has on disk; inside a document it is always LF."""

    LF = "lf"
    CRLF = "crlf"


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document and where its file is now; the file row shows the text as of `content_seq`."""

    id: UUID
    project_id: UUID
    path: str
    deleted_at: datetime | None
    lineage: UUID
    seed_client: int
    epoch: int
    root_name: str
    last_seq: int
    snapshot_seq: int
    line_ending: LineEnding
    has_bom: bool
    state: DocumentState
    log_rows: int
    log_bytes: int
    content_seq: int

    @property
    def is_behind(self) -> bool:
        """Whether the file row shows an older text; the seed, number 1, is the file's own."""
        return self.last_seq > max(self.content_seq, SEED_SEQ)


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """All log rows up to `seq`, merged; the gate of version `checked_by` accepted what has this SHA-256."""

    seq: int
    state_v1: bytes
    checked_by: int | None = None
    checksum: bytes | None = None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One committed update and who sent it."""

    seq: int
    author_no: int
    update_v1: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LoadedDocument:
    """Everything needed to build a replica: the snapshot, then the tail in order.

    The tail may begin with rows that the snapshot's number has passed: they wait for others and are not in it.
    `owners`: author number by client id; `authors`: those known of people's; where they were read too.
    """

    document: DocumentRow
    snapshot: SnapshotRow | None
    tail: list[LogRow]
    owners: dict[int, int] | None = None
    authors: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeadRow:
    """Where a document is, and how far."""

    id: UUID
    path: str
    last_seq: int
    state: DocumentState
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class RetiredLineageRow:
    """A history that the document no longer continues; a replica that names its seed is foreign (P7)."""

    seed_client: int
    lineage: UUID
    retired_at: datetime


@dataclass(frozen=True, slots=True)
class ClientRow:
    """Who owns a Yjs client id."""

    client_id: int
    author_no: int


@dataclass(frozen=True, slots=True)
class AuthorRow:
    """Who is behind an author number; nobody when it is the server or a deleted person."""

    author_no: int
    user_id: UUID | None


@dataclass(frozen=True, slots=True)
class LockedDocumentRow:
    """A document's boundaries, which nobody else changes while the transaction lasts."""

    last_seq: int
    snapshot_seq: int
    epoch: int
    lineage: UUID
    seed_client: int


class Edit(NamedTuple):
    """An update to be committed."""

    document_id: UUID
    author_no: int
    update_v1: bytes


class NewClient(NamedTuple):
    """A Yjs client id seen for the first time; the first author who brings it owns it."""

    document_id: UUID
    client_id: int
    author_no: int


create_document = query("documents.create", UUID)
get_document = query("documents.get", DocumentRow)
newest_snapshot = query("documents.newest_snapshot", SnapshotRow)
find_snapshot_after = query("documents.find_snapshot_after", SnapshotRow)
tail_since = query("documents.tail_since", LogRow)
count_quarantined = query("documents.count_quarantined", int)
heads = query("documents.heads", HeadRow)
documents_behind = query("documents.behind", UUID)
find_page_end = query("documents.find_page_end", UUID)
retired_lineages = query("documents.retired_lineages", RetiredLineageRow)
document_clients = query("documents.clients", ClientRow)
document_authors = query("documents.authors", AuthorRow)
find_or_add_author = query("documents.ensure_author", int)
commit_updates = query("documents.commit_updates", list[int | None])
lock_document = query("documents.lock", LockedDocumentRow)
claim_client = query("documents.claim_client")


async def create(
    connection: Connection,
    document_id: UUID,
    *,
    lineage: UUID,
    seed_client: int,
    seed_update: bytes,
    line_ending: LineEnding = LineEnding.LF,
    has_bom: bool = False,
) -> bool:
    """Make the document of a file with its seed as log row 1, all or nothing.

    False when it exists already or the file is gone: load then, and use what is there instead of this seed.
    """
    made = await create_document.maybe(
        connection,
        document_id=document_id,
        lineage=lineage,
        seed_client=seed_client,
        seed_update=seed_update,
        line_ending=line_ending,
        has_bom=has_bom,
    )
    return made is not None


async def load(db: Database, document_id: UUID) -> LoadedDocument | None:
    """Read a document as of one moment, or None when it was never made.

    Raises: DocumentLogBroken when snapshot and log do not hold every number up to the newest.
    """
    async with db.transaction("repeatable read", is_read_only=True) as tx:
        document = await get_document.maybe(tx, document_id=document_id)
        if document is None:
            return None
        snapshot = await newest_snapshot.maybe(tx, document_id=document_id) if document.snapshot_seq else None
        tail = await whole_tail(tx, document_id, 0)
        quarantined = await count_quarantined.one(tx, document_id=document_id, after_seq=document.snapshot_seq)
    check_whole(document, snapshot, tail, quarantined)
    return LoadedDocument(document, snapshot, tail)


def check_whole(document: DocumentRow, snapshot: SnapshotRow | None, tail: Sequence[LogRow], quarantined: int) -> None:
    """See that every number up to the newest is there.

    Raises: DocumentLogBroken when one is not.
    """
    logged = sum(row.seq > document.snapshot_seq for row in tail)
    held = document.snapshot_seq + logged + quarantined
    snapshot_seq = snapshot.seq if snapshot else 0
    if snapshot_seq != document.snapshot_seq or held != document.last_seq:
        raise DocumentLogBroken(
            f"document {document.id} ends at {document.last_seq}, but its snapshot is at {snapshot_seq} (expected "
            f"{document.snapshot_seq}) with {logged} updates and {quarantined} quarantined ones after it"
        )


async def whole_tail(tx: Transaction, document_id: UUID, after_seq: int) -> list[LogRow]:
    """Read the log rows after a number, page by page."""
    tail: list[LogRow] = []
    while True:
        page = await tail_since.all(tx, document_id=document_id, after_seq=after_seq, limit=LOAD_PAGE_ROWS)
        tail += page
        if len(page) < LOAD_PAGE_ROWS:
            return tail
        after_seq = page[-1].seq


async def commit(
    connection: Connection,
    edits: Sequence[Edit],
    clients: Sequence[NewClient] = (),
    *,
    lock_timeout_ms: int = COMMIT_LOCK_TIMEOUT_MS,
) -> list[int | None]:
    """Append updates of any documents in one statement; durable when this returns.

    Returns the number of each edit, in the order given; None where the document is deleted or quarantined. Numbers of
    one document are contiguous and follow the order given.
    Raises: StorageBusy when a document stays locked; nothing was written, so a part of the batch may be tried alone.
    """
    return await commit_updates.one(
        connection,
        document_ids=[edit.document_id for edit in edits],
        author_nos=[edit.author_no for edit in edits],
        updates=[edit.update_v1 for edit in edits],
        client_document_ids=[client.document_id for client in clients],
        client_ids=[client.client_id for client in clients],
        client_author_nos=[client.author_no for client in clients],
        lock_timeout=f"{lock_timeout_ms}ms",
    )


async def ensure_author(connection: Connection, document_id: UUID, user_id: UUID) -> int:
    """Return the person's number in this document, giving the next one at the first time.

    Raises: RowMissing when the document is gone.
    """
    for _ in range(AUTHOR_ATTEMPTS):
        author_no = await find_or_add_author.maybe(connection, document_id=document_id, user_id=user_id)
        if author_no is not None:
            return author_no
        if await get_document.maybe(connection, document_id=document_id) is None:
            raise RowMissing(f"document {document_id} is gone")
    raise StorageBusy(f"no author number for {user_id} in document {document_id} after {AUTHOR_ATTEMPTS} attempts")
