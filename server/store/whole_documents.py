"""A document read in one round trip, because people wait for it: one statement sees it as of one moment."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.db import Database
from server.store.documents import DocumentRow, LoadedDocument, LogRow, SnapshotRow, check_whole, load
from server.store.queries import query

TAIL_ROWS = 2_000  # twice the rows that make a snapshot due; longer and heavier logs are read page by page
TAIL_BYTES = 4 << 20
CLIENTS = 5_000
AUTHORS = 200  # the others are asked for when they come


@dataclass(frozen=True, slots=True)
class WholeRow(DocumentRow):
    """A document with its newest snapshot, the first log rows after that, and its first client ids and authors."""

    state_seq: int | None
    state_v1: bytes | None
    checked_by: int | None
    checksum: bytes | None
    tail_seqs: list[int]
    tail_author_nos: list[int]
    tail_updates: list[bytes]
    tail_times: list[datetime]
    quarantined: int
    client_ids: list[int]
    client_author_nos: list[int]
    user_ids: list[UUID]
    user_author_nos: list[int]

    @property
    def is_complete(self) -> bool:
        """Whether nothing else is in the log, such as rows under the snapshot's number that wait for others."""
        return self.log_rows == len(self.tail_seqs)

    @property
    def snapshot(self) -> SnapshotRow | None:
        if self.state_seq is None or self.state_v1 is None:
            return None
        return SnapshotRow(self.state_seq, self.state_v1, self.checked_by, self.checksum)

    @property
    def tail(self) -> list[LogRow]:
        rows = zip(self.tail_seqs, self.tail_author_nos, self.tail_updates, self.tail_times, strict=True)
        return [LogRow(*row) for row in rows]

    @property
    def owners(self) -> dict[int, int] | None:
        """Author number by client id; None when there are more than were read."""
        if len(self.client_ids) == CLIENTS:
            return None
        return dict(zip(self.client_ids, self.client_author_nos, strict=True))

    @property
    def authors(self) -> dict[UUID, int]:
        return dict(zip(self.user_ids, self.user_author_nos, strict=True))


read_whole = query("documents.read_whole", WholeRow)


async def load_at_once(db: Database, document_id: UUID) -> LoadedDocument | None:
    """Load as `documents.load` does, in one round trip where the log is not long, with the owners of client ids.

    This trusts the count of log rows, so who is going to delete rows uses `documents.load`.
    Raises: DocumentLogBroken when snapshot and log do not hold every number up to the newest.
    """
    async with db.acquire() as connection:
        whole = await read_whole.maybe(
            connection,
            document_id=document_id,
            tail_rows=TAIL_ROWS,
            tail_bytes=TAIL_BYTES,
            clients=CLIENTS,
            authors=AUTHORS,
        )
    if whole is None:
        return None
    if not whole.is_complete:
        return await load(db, document_id)
    tail = whole.tail
    check_whole(whole, whole.snapshot, tail, whole.quarantined)
    return LoadedDocument(whole, whole.snapshot, tail, whole.owners, whole.authors)
