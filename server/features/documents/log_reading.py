"""Reading a document's history from PostgreSQL, page by page where it may be long."""

from collections.abc import Sequence
from typing import NamedTuple

from protocol.ids import DocumentId, Seq
from server.features.documents.replica import ReplicaBroken
from server.store import documents as store
from server.store.db import Connection

PAGE_ROWS = 5_000
NOT_VALID = "what it waited for shows that it is not valid"
MAX_REASON = 500  # characters of an explanation kept with a row that is set aside


async def tail(connection: Connection, document_id: DocumentId, after: Seq) -> list[tuple[Seq, bytes]]:
    """(number, update) of the log rows after a number, in order."""
    rows: list[tuple[Seq, bytes]] = []
    while True:
        page = await store.tail_since.all(connection, document_id=document_id, after_seq=after, limit=PAGE_ROWS)
        rows += [(Seq(row.seq), row.update_v1) for row in page]
        if len(page) < PAGE_ROWS:
            return rows
        after = rows[-1][0]


class News(NamedTuple):
    """What follows a number, in order. With `snapshot_seq`, the row of that number holds all that the others lack."""

    rows: list[tuple[Seq, bytes]]
    snapshot_seq: Seq | None = None


async def news(connection: Connection, document_id: DocumentId, after: Seq) -> News:
    """The log rows after a number, and between them the newest snapshot when that holds rows they lack."""
    snapshot = await store.find_snapshot_after.maybe(connection, document_id=document_id, after_seq=after)
    rows = await tail(connection, document_id, after)
    if snapshot is None:
        return News(rows)
    snapshot_seq = Seq(snapshot.seq)
    waiting = [row for row in rows if row[0] <= snapshot_seq]
    return News([*waiting, (snapshot_seq, snapshot.state_v1), *rows[len(waiting) :]], snapshot_seq)


async def client_owners(connection: Connection, document_id: DocumentId) -> dict[int, int]:
    """Author number by Yjs client id: whose edits they are."""
    owners: dict[int, int] = {}
    after = -1
    while True:
        page = await store.document_clients.all(
            connection, document_id=document_id, after_client_id=after, limit=PAGE_ROWS
        )
        owners.update((row.client_id, row.author_no) for row in page)
        if len(page) < PAGE_ROWS:
            return owners
        after = page[-1].client_id


def blamed_row(stored: store.LoadedDocument, seq: int, error: Exception) -> int:
    """The number of the row to set aside: the one just read, unless an earlier one waited for it and is to blame."""
    culprit = error.culprit if isinstance(error, ReplicaBroken) else None
    return next((row.seq for row in rows_that_hold(stored, [culprit])), seq)


def rows_that_hold(stored: store.LoadedDocument, updates: Sequence[bytes | None]) -> list[store.LogRow]:
    """The rows of the tail whose bytes are among these."""
    return [row for row in stored.tail if row.update_v1 in updates] if updates else []
