"""`document repair`: what can be read comes back whole, and a part of a text is never taken for all of it (P7)."""

import pytest

from server.errors import Conflict
from server.features.documents.repair import repair_document
from server.store import repair
from server.store.db import Database
from server.store.documents import DocumentState
from tests.features.documents.history import History, history

ARCHIVE_DAYS = 90
BAD_STATE = b"\xff\xff\xff"


async def compacted_twice(db: Database) -> History:
    """Two snapshots with the archive between them, and a tail."""
    made = await history(db)
    for text in ("a", "b"):
        await made.type(text)
    assert await made.compact()
    for text in ("c", "d"):
        await made.type(text)
    assert await made.compact()
    await made.type("e")
    return made


async def spoil_snapshots(made: History, *, all_of_them: bool = False) -> None:
    await made.execute(
        "update document_snapshots set state_v1 = $2 where document_id = $1 and (seq > 3 or $3)", BAD_STATE, all_of_them
    )
    await set_aside(made)


async def set_aside(made: History) -> None:
    async with made.db.acquire() as connection:
        await repair.set_state(connection, made.document_id, DocumentState.QUARANTINED)


async def test_an_unreadable_snapshot_is_made_again_from_the_older_one_and_the_archive(database: Database) -> None:
    """P7."""
    made = await compacted_twice(database)
    await spoil_snapshots(made)
    before = await made.row()
    assert "its history goes on" in await repair_document(database, made.document_id, ARCHIVE_DAYS)
    after = await made.row()
    assert await made.text() == "edcba"
    assert (after.lineage, after.last_seq) == (before.lineage, before.last_seq)
    assert await made.count("document_quarantine") == 1


async def test_when_no_snapshot_can_be_read_the_archives_alone_are_enough(database: Database) -> None:
    """P7."""
    made = await compacted_twice(database)
    await spoil_snapshots(made, all_of_them=True)
    await repair_document(database, made.document_id, ARCHIVE_DAYS)
    assert await made.text() == "edcba"


async def test_without_the_archive_the_repair_is_refused_and_changes_nothing(database: Database) -> None:
    """P7."""
    made = await compacted_twice(database)
    await spoil_snapshots(made, all_of_them=True)
    await made.execute("delete from document_archives where document_id = $1 and first_seq = 1")
    with pytest.raises(Conflict, match="not in the archive"):
        await repair_document(database, made.document_id, ARCHIVE_DAYS)
    assert (await made.row()).state is DocumentState.QUARANTINED
    assert await made.count("document_snapshots") == 2
    assert await made.count("document_quarantine") == 0


async def test_a_damaged_archive_refuses_the_repair(database: Database) -> None:
    """P7."""
    made = await compacted_twice(database)
    await spoil_snapshots(made)
    await made.execute("update document_archives set body = '\\x00' where document_id = $1")
    with pytest.raises(Conflict, match="cannot be read"):
        await repair_document(database, made.document_id, ARCHIVE_DAYS)


async def test_a_log_with_a_lost_row_begins_anew_from_what_is_whole(database: Database) -> None:
    made = await history(database)
    for text in ("a", "b", "c"):
        await made.type(text)
    await made.execute("delete from document_updates where document_id = $1 and seq = 3")
    await set_aside(made)
    before = await made.row()
    assert "1 entries are lost" in await repair_document(database, made.document_id, ARCHIVE_DAYS)
    assert await made.text() == "a"
    assert (await made.row()).lineage != before.lineage


async def test_a_log_that_lost_its_beginning_is_not_replaced_by_an_empty_text(database: Database) -> None:
    """P7."""
    made = await history(database)
    await made.type("a")
    await made.execute("delete from document_updates where document_id = $1 and seq = 1")
    await set_aside(made)
    with pytest.raises(Conflict, match="beginning"):
        await repair_document(database, made.document_id, ARCHIVE_DAYS)


async def test_a_new_history_keeps_the_snapshots_of_the_old_one(database: Database) -> None:
    """P7."""
    made = await compacted_twice(database)
    await made.type("f")
    await made.execute("delete from document_updates where document_id = $1 and seq = 6")
    await set_aside(made)
    await repair_document(database, made.document_id, ARCHIVE_DAYS)
    assert await made.text() == "dcba"
    assert await made.count("document_snapshots") == 3


async def test_an_unreadable_row_is_set_aside_and_the_others_stay(database: Database) -> None:
    made = await history(database)
    await made.type("a")
    await made.commit(b"\x09")
    await made.type("b")
    await set_aside(made)
    assert "1 more entries set aside" in await repair_document(database, made.document_id, ARCHIVE_DAYS)
    assert await made.text() == "ba"


async def test_edits_that_wait_in_a_sound_document_are_no_reason_to_begin_anew(database: Database) -> None:
    made = await history(database)
    await made.type("a")
    made.typed("b")
    await made.type("c")
    before = await made.row()
    await repair_document(database, made.document_id, ARCHIVE_DAYS)
    assert (await made.row()).lineage == before.lineage
