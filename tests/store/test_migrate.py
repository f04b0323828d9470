"""The migration runner on a real PostgreSQL."""

import asyncio

import pytest

from server.store.db import Database
from server.store.failures import MigrationRefused
from server.store.migrate import Migration, MigrationState, State, at_head, discover, migrate, status
from tests.harness.postgres import TestServer

FIRST = Migration(1, "0001_first.sql", "create table first (id integer primary key);")
SECOND = Migration(2, "0002_second.sql", "create table second (id integer primary key);")


@pytest.fixture
async def empty_url(postgres_server: TestServer):
    dsn = await postgres_server.create_database("template0")
    yield dsn
    await postgres_server.drop_database(dsn)


async def test_applies_each_file_once_in_order(empty_url: str) -> None:
    assert await migrate(empty_url, [FIRST]) == ["0001_first.sql"]
    assert await migrate(empty_url, [FIRST, SECOND]) == ["0002_second.sql"]
    assert await migrate(empty_url, [FIRST, SECOND]) == []


async def test_a_dry_run_names_what_is_pending_and_changes_nothing(empty_url: str) -> None:
    assert await migrate(empty_url, [FIRST, SECOND], is_dry_run=True) == ["0001_first.sql", "0002_second.sql"]
    assert await status(empty_url, [FIRST]) == [MigrationState("0001_first.sql", State.PENDING)]


async def test_an_edited_file_is_refused_by_name(empty_url: str) -> None:
    await migrate(empty_url, [FIRST])
    edited = Migration(1, "0001_first.sql", FIRST.sql + " -- and more")
    with pytest.raises(MigrationRefused, match=r"0001_first\.sql was edited"):
        await migrate(empty_url, [edited, SECOND])
    assert await status(empty_url, [edited]) == [MigrationState("0001_first.sql", State.EDITED)]


async def test_two_migrators_at_once_apply_each_file_once(empty_url: str) -> None:
    slow = Migration(2, "0002_slow.sql", "select pg_sleep(0.3); create table slow (id integer);")
    done = await asyncio.gather(*(migrate(empty_url, [FIRST, slow]) for _ in range(3)))
    assert sorted(done) == [[], [], ["0001_first.sql", "0002_slow.sql"]]


async def test_a_concurrent_index_does_not_wait_for_a_second_migrator(empty_url: str) -> None:
    index = Migration(
        2,
        "0002_index.sql",
        "-- migrate: no-transaction\ncreate index concurrently if not exists first_by_id on first (id);",
    )
    async with asyncio.timeout(20):
        done = await asyncio.gather(*(migrate(empty_url, [FIRST, index]) for _ in range(2)))
    assert sorted(done) == [[], ["0001_first.sql", "0002_index.sql"]]


async def test_every_file_runs_under_a_lock_timeout(empty_url: str) -> None:
    """A migration that waits for a busy table must give up rather than stall every writer behind it."""
    curious = Migration(1, "0001_curious.sql", "create table seen as select current_setting('lock_timeout') as value")
    await migrate(empty_url, [curious])
    db = Database(empty_url)
    await db.open()
    try:
        async with db.acquire() as connection:
            assert [tuple(row) for row in await connection.fetch("select value from seen")] == [("5s",)]
    finally:
        await db.close()


async def test_a_failing_file_changes_nothing_and_is_named(empty_url: str) -> None:
    broken = Migration(2, "0002_broken.sql", "create table half (id integer); select 1 / 0;")
    with pytest.raises(MigrationRefused, match=r"0002_broken\.sql failed"):
        await migrate(empty_url, [FIRST, broken])
    repaired = Migration(2, "0002_broken.sql", "create table half (id integer);")
    assert await migrate(empty_url, [FIRST, repaired]) == ["0002_broken.sql"]


async def test_a_failing_file_outside_a_transaction_says_what_may_be_left(empty_url: str) -> None:
    broken = Migration(1, "0001_broken.sql", "-- migrate: no-transaction\ncreate index concurrently i on nowhere (id)")
    with pytest.raises(MigrationRefused, match=r"0001_broken\.sql failed and may have left an invalid index"):
        await migrate(empty_url, [broken])


async def test_a_file_numbered_before_an_applied_one_is_refused(empty_url: str) -> None:
    await migrate(empty_url, [SECOND])
    with pytest.raises(MigrationRefused, match=r"0001_first\.sql comes before 0002_second\.sql"):
        await migrate(empty_url, [FIRST, SECOND])


async def test_at_head_is_false_until_everything_this_release_needs_is_applied(empty_url: str) -> None:
    db = Database(empty_url)
    await db.open()
    try:
        assert not await at_head(db, [FIRST])
        await migrate(empty_url, [FIRST])
        assert await at_head(db, [FIRST])
        assert not await at_head(db, [FIRST, SECOND])
    finally:
        await db.close()


async def test_what_a_newer_release_applied_is_shown_and_does_not_hinder_an_old_one(empty_url: str) -> None:
    await migrate(empty_url, [FIRST, SECOND])
    assert await migrate(empty_url, [FIRST]) == []
    assert (await status(empty_url, [FIRST]))[1] == MigrationState("0002_second.sql", State.UNKNOWN)


def test_two_files_with_one_number_are_refused(tmp_path) -> None:
    (tmp_path / "0001_a.sql").write_text("select 1")
    (tmp_path / "0001_b.sql").write_text("select 1")
    with pytest.raises(MigrationRefused, match="same number"):
        discover(tmp_path)
