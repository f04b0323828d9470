"""Compaction of rows on a real PostgreSQL: no edit is lost, and no document keeps another from its turn (P8, P10)."""

import pytest
from pydantic import ValidationError

from protocol.ids import Seq
from server.features.documents.compaction import BATCH, Compaction
from server.features.documents.log_reading import news
from server.features.documents.repair import repair_document
from server.settings import Settings
from server.store.db import Database
from tests.features.documents.history import History, history, services_on

ARCHIVE_DAYS = 90


async def with_hole(db: Database, path: str = "a.txt") -> tuple[History, bytes]:
    """A document where "c" waits for "b", which is not in the log yet."""
    made = await history(db, path)
    await made.type("a")
    missing = made.typed("b")
    await made.type("c")
    return made, missing


async def fill(made: History, rows: int) -> None:
    """Let the log be due by rows that all wait."""
    made.typed("lost")
    await made.commit(*(made.typed("x") for _ in range(rows)))


async def test_rows_after_one_that_waits_are_folded_and_it_stays_in_the_log(database: Database) -> None:
    made, missing = await with_hole(database)
    assert await made.compact()
    row = await made.row()
    assert (row.snapshot_seq, row.last_seq, row.log_rows) == (3, 3, 1)
    assert await made.text() == "a"
    await made.commit(missing)
    assert await made.text() == "cba"


async def test_a_row_that_waited_is_folded_once_it_is_whole(database: Database) -> None:
    made, missing = await with_hole(database)
    assert await made.compact()
    await made.commit(missing)
    assert await made.compact()
    row = await made.row()
    assert (await made.text(), row.log_rows, row.log_bytes) == ("cba", 0, 0)


async def test_a_worker_that_lags_behind_a_snapshot_is_given_the_rows_that_wait(database: Database) -> None:
    """P3."""
    made, missing = await with_hole(database)
    await made.commit(b"\0\0")
    assert await made.compact()
    await made.commit(missing)
    async with database.acquire() as connection:
        assert [seq for seq, _ in (await news(connection, made.document_id, Seq(1))).rows] == [3, 4, 5]
        assert [seq for seq, _ in (await news(connection, made.document_id, Seq(3))).rows] == [4, 5]


async def test_a_row_that_waited_across_a_snapshot_survives_a_repair(database: Database) -> None:
    """P7."""
    made, missing = await with_hole(database)
    assert await made.compact()
    await made.commit(missing)
    assert await made.compact()
    await made.execute("update document_snapshots set state_v1 = '\\xffff' where document_id = $1 and seq = 4")
    await repair_document(database, made.document_id, ARCHIVE_DAYS)
    assert await made.text() == "cba"


async def test_documents_that_give_nothing_keep_no_other_from_being_compacted(database: Database) -> None:
    """P8."""
    compaction = Compaction(services_on(database, snapshot_rows=64))
    stuck = [await history(database, f"{n}.txt") for n in range(BATCH)]
    for made in stuck:
        await made.compact()
        await fill(made, 200)
    due = await history(database, "due.txt")
    await due.commit(*(due.typed("y") for _ in range(70)))
    await compaction.run()
    await compaction.run()
    assert (await due.row()).log_rows == 0


async def test_a_document_that_gave_nothing_is_looked_at_again_when_its_log_has_grown(database: Database) -> None:
    compaction = Compaction(services_on(database, snapshot_rows=64))
    made = await history(database)
    await made.compact()
    await fill(made, 70)
    await compaction.run()
    other = await history(database, "other.txt")
    await made.commit(*(other.typed("y") for _ in range(7)))
    await compaction.run()
    assert (await made.row()).snapshot_seq > 1


@pytest.mark.parametrize("too_small", [{"snapshot_rows": 63}, {"snapshot_bytes": 16_383}])
def test_limits_below_what_the_index_sees_are_refused(too_small: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(too_small)


async def test_the_smallest_limits_make_a_snapshot(database: Database) -> None:
    made = await history(database)
    await made.commit(*(made.typed("y") for _ in range(63)))
    await Compaction(services_on(database, snapshot_rows=64)).run()
    assert (await made.row()).snapshot_seq == 64
