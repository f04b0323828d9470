"""The pool: losses become StorageUnavailable in bounded time, transactions are all or nothing."""

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from server.store import embedded
from server.store.db import Database, PoolSettings
from server.store.failures import ConstraintRefused, StorageBusy, StorageFailure, StorageUnavailable, StorageUnsafe
from tests.harness.postgres import TestServer

HASTY = PoolSettings(
    max_connections=1, connect_timeout_s=1.0, acquire_timeout_s=0.2, command_timeout_s=0.3, statement_cache_size=0
)


@pytest.fixture
async def hasty(database_url: str):
    """A pool of one connection that waits for nothing long."""
    db = Database(database_url, HASTY)
    await db.open()
    yield db
    await db.close()


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    db = Database(f"postgresql://flashio@/flashio?host={tmp_path}", HASTY)
    with pytest.raises(StorageUnavailable):
        await db.open()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


async def test_a_server_that_accepts_and_says_nothing_is_unavailable_in_time(silent_port: int) -> None:
    """P10: no await that leaves the process waits for ever."""
    began = time.monotonic()
    with pytest.raises(StorageUnavailable, match="in time"):
        await Database(f"postgresql://u@127.0.0.1:{silent_port}/d?sslmode=disable", HASTY).open()
    assert time.monotonic() - began < 3


async def test_a_database_that_does_not_exist_is_unavailable(postgres_server: TestServer) -> None:
    with pytest.raises(StorageUnavailable, match="does not exist"):
        await Database(postgres_server.dsn_for("nowhere"), HASTY).open()


async def test_a_pool_that_was_never_opened_is_unavailable(database_url: str) -> None:
    with pytest.raises(StorageUnavailable, match="not open"):
        await Database(database_url).ping()


async def test_a_server_that_reports_commits_early_is_refused(database_url: str, database: Database) -> None:
    """P1."""
    async with database.acquire() as connection:
        await connection.execute(
            "do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$"
        )
    with pytest.raises(StorageUnsafe, match="synchronous_commit is off"):
        await Database(database_url).open()


async def test_a_statement_that_takes_too_long_is_unavailable_and_the_next_one_works(hasty: Database) -> None:
    with pytest.raises(StorageUnavailable, match="in time"):
        async with hasty.acquire() as connection:
            await connection.fetch("select pg_sleep(30)")
    await hasty.ping()


async def test_a_pool_without_a_free_connection_is_unavailable_in_time(hasty: Database) -> None:
    async with hasty.acquire():
        with pytest.raises(StorageUnavailable, match="became free"):
            await hasty.ping()
    await hasty.ping()


async def test_a_lost_connection_is_unavailable_and_replaced(hasty: Database, postgres_server: TestServer) -> None:
    with pytest.raises(StorageUnavailable):
        async with hasty.acquire() as connection:
            await connection.fetch("select pg_terminate_backend(pg_backend_pid())")
    await hasty.ping()


async def test_a_transaction_commits_whole_or_not_at_all(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute("insert into users (name) values ('kept')")

    async def fail_midway() -> None:
        async with database.transaction() as tx:
            await tx.execute("insert into users (name) values ('dropped')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_midway()
    async with database.acquire() as connection:
        assert [row[0] for row in await connection.fetch("select name from users")] == ["kept"]


async def test_a_transaction_with_a_failed_statement_never_looks_committed(database: Database) -> None:
    """P1: PostgreSQL answers such a commit with a rollback, and no error."""

    async def ignore_a_failure() -> None:
        async with database.transaction() as tx:
            await tx.execute("insert into users (name) values ('dropped')")
            with pytest.raises(ConstraintRefused):
                await tx.execute("insert into users (name, color) values ('bad', 'red')")

    with pytest.raises(StorageFailure, match="nothing of it was saved"):
        await ignore_a_failure()


async def test_a_cancelled_transaction_rolls_back_and_gives_its_connection_back(hasty: Database) -> None:
    has_begun = asyncio.Event()

    async def linger() -> None:
        async with hasty.transaction() as tx:
            await tx.execute("insert into users (name) values ('dropped')")
            has_begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(linger())
    await has_begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with hasty.acquire() as connection:
        assert await connection.fetch("select name from users") == []


async def test_a_rule_of_the_schema_that_is_broken_is_named(database: Database) -> None:
    async with database.acquire() as connection:
        with pytest.raises(ConstraintRefused) as refused:
            await connection.execute("insert into users (expires_at) values (now())")
    assert refused.value.constraint == "users_only_guests_expire"


async def test_a_row_that_is_locked_is_busy(database: Database) -> None:
    async with database.transaction() as holder, database.transaction() as other:
        await holder.execute("lock table users")
        await other.execute("set local lock_timeout = '50ms'")
        with pytest.raises(StorageBusy):
            await other.fetch("select 1 from users")
        await other.execute("rollback")
        await other.execute("begin")


async def test_a_restarted_postgresql_is_used_again_without_a_new_pool(tmp_path: Path) -> None:
    """P2."""
    data_dir = tmp_path / "pg"
    postgres = await embedded.start(data_dir, {"fsync": "off"})
    db = Database(postgres.dsn, HASTY)
    await db.open()
    try:
        await postgres.stop()
        with pytest.raises(StorageUnavailable):
            await db.ping()
        postgres = await embedded.start(data_dir, {"fsync": "off"})
        await db.ping()
    finally:
        await db.close()
        await postgres.stop()


async def test_json_goes_in_and_out_as_python_objects(database: Database) -> None:
    value = {"text": "naïve 😀", "list": [1, None, True], "deep": {"key": str(uuid4())}}
    async with database.acquire() as connection:
        [row] = await connection.fetch("select $1::jsonb", [value])
    assert row[0] == value


async def test_closing_does_not_wait_for_a_connection_that_is_never_given_back(database_url: str) -> None:
    db = Database(database_url, HASTY)
    await db.open()
    async with db.acquire():
        began = time.monotonic()
        await db.close()
        assert time.monotonic() - began < 4


async def test_a_statement_that_runs_while_the_pool_is_closed_is_unavailable(database_url: str) -> None:
    db = Database(database_url)
    await db.open()
    async with db.acquire() as connection:
        closing = asyncio.create_task(db.close())
        with pytest.raises(StorageUnavailable):
            await connection.fetch("select pg_sleep(8)")
        await closing


async def test_a_connection_is_kept_for_the_group_commit_whatever_commands_wait_for(database_url: str) -> None:
    """P8."""
    small = Database(database_url, PoolSettings(max_connections=2, acquire_timeout_s=0.5))
    await small.open()
    async with small.transaction() as tx:
        with pytest.raises(StorageUnavailable):
            async with small.acquire():
                pass
        async with small.reserved() as connection:
            assert len(await connection.fetch("select 1")) == 1
        await tx.execute("select 1")
    async with small.acquire() as connection:
        await connection.fetch("select 1")
    await small.close()


async def test_a_transaction_waits_no_longer_for_a_lock_than_it_was_told(database: Database) -> None:
    async with database.acquire() as connection:
        await connection.execute("create table things (id integer)")
    async with database.transaction() as holder:
        await holder.execute("lock table things")
        with pytest.raises(StorageBusy):
            async with database.transaction(lock_timeout_ms=50) as tx:
                await tx.execute("select id from things")
