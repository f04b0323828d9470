"""A document read in one round trip is the document that is read step by step."""

from uuid import uuid4

import pytest

from server.store import documents, repair
from server.store.db import Database
from server.store.documents import LoadedDocument, NewClient
from server.store.failures import DocumentLogBroken
from server.store.whole_documents import AUTHORS, CLIENTS, TAIL_BYTES, TAIL_ROWS, load_at_once, read_whole
from tests.store.examples import SEED_CLIENT, add_document, add_project, add_user
from tests.store.test_documents import Room, compact, room

__all__ = ["room"]  # a fixture


def log_of(loaded: LoadedDocument | None) -> tuple[object, ...]:
    assert loaded is not None
    return loaded.document.id, loaded.document.last_seq, loaded.snapshot, loaded.tail


async def both(room: Room) -> tuple[LoadedDocument, LoadedDocument]:
    at_once, step_by_step = await load_at_once(room.db, room.first), await documents.load(room.db, room.first)
    assert at_once is not None
    assert step_by_step is not None
    assert log_of(at_once) == log_of(step_by_step)
    return at_once, step_by_step


async def test_a_log_without_a_snapshot_is_read_whole(room: Room) -> None:
    await room.commit(room.edit(room.first, "a"), room.edit(room.second, "b"), room.edit(room.first, "c"))
    at_once, _ = await both(room)
    assert [row.update_v1 for row in at_once.tail] == [b"seed", b"a", b"c"]
    assert at_once.snapshot is None


async def test_a_snapshot_is_read_with_what_follows_it(room: Room) -> None:
    await room.commit(room.edit(room.first, "a"))
    assert await compact(room, room.first, base_seq=0, through_seq=2)
    await room.commit(room.edit(room.first, "b"))
    at_once, _ = await both(room)
    assert at_once.snapshot is not None
    assert at_once.snapshot.seq == 2
    assert [row.update_v1 for row in at_once.tail] == [b"b"]


async def test_owners_and_authors_are_read_with_the_document(room: Room) -> None:
    await room.commit(room.edit(room.first), clients=(NewClient(room.first, 77, 1), NewClient(room.second, 78, 1)))
    at_once, _ = await both(room)
    assert at_once.owners == {77: 1, SEED_CLIENT: 0}
    assert dict(at_once.authors) == {room.user_id: 1}


async def test_rows_that_wait_under_the_number_of_the_snapshot_are_read_too(room: Room) -> None:
    """P2: compaction leaves them in the log."""
    await room.commit(room.edit(room.first, "waits"), room.edit(room.first, "a"))
    assert await compact(room, room.first, base_seq=0, through_seq=3, waiting_seqs=[2])
    at_once, _ = await both(room)
    assert [row.update_v1 for row in at_once.tail] == [b"waits"]


@pytest.mark.parametrize("bound", ["tail_rows", "tail_bytes"])
async def test_a_log_beyond_the_bounds_is_seen_not_to_be_whole(room: Room, bound: str) -> None:
    """P10: it is then read page by page."""
    await room.commit(*[room.edit(room.first, "a")] * 5)
    bounds = {"tail_rows": TAIL_ROWS, "tail_bytes": TAIL_BYTES, "clients": CLIENTS, "authors": AUTHORS}
    async with room.db.acquire() as connection:
        whole = await read_whole.one(connection, document_id=room.first, **bounds)
        assert whole.is_complete
        cut = await read_whole.one(connection, document_id=room.first, **(bounds | {bound: 5}))
    assert not cut.is_complete


async def test_a_log_that_lacks_a_row_is_an_error_and_never_a_shorter_document(room: Room) -> None:
    """P7: whether the count of rows knows of it or not."""
    await room.commit(room.edit(room.first), room.edit(room.first))
    async with room.db.acquire() as connection:
        await connection.execute("delete from document_updates where document_id = $1 and seq = 2", [room.first])
    with pytest.raises(DocumentLogBroken, match="ends at 3"):
        await load_at_once(room.db, room.first)
    async with room.db.acquire() as connection:
        await connection.execute("update documents set log_rows = 2 where id = $1", [room.first])
    with pytest.raises(DocumentLogBroken, match="ends at 3"):
        await load_at_once(room.db, room.first)


async def test_a_row_that_was_set_aside_is_accounted_for(room: Room) -> None:
    """P8."""
    await room.commit(room.edit(room.first, "bad"), room.edit(room.first, "good"))
    async with room.db.acquire() as connection:
        await repair.quarantine_update(connection, room.first, 2, "does not apply")
    at_once, _ = await both(room)
    assert [row.update_v1 for row in at_once.tail] == [b"seed", b"good"]


async def test_a_document_that_was_never_made_is_none(database: Database) -> None:
    assert await load_at_once(database, uuid4()) is None


async def test_a_document_without_writers_has_no_authors_of_its_own(database: Database) -> None:
    async with database.transaction() as tx:
        document_id = await add_document(tx, await add_project(tx, await add_user(tx)), "a.txt")
    loaded = await load_at_once(database, document_id)
    assert loaded is not None
    assert not loaded.authors
