"""Apply the hand-written files of sql/migrations in order, each once, forward only.

One transaction a file, unless its first line says `-- migrate: no-transaction`; such a file holds one statement that
can be run again (CREATE INDEX CONCURRENTLY IF NOT EXISTS), because its effect and its record cannot be made at once.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeVar

import asyncpg

from server.store.db import Database, failures_mapped
from server.store.failures import MigrationRefused, StorageBusy, StorageUnavailable

MIGRATIONS_DIR = Path(__file__).resolve().parents[2] / "sql" / "migrations"
FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
NO_TRANSACTION = "-- migrate: no-transaction"

T = TypeVar("T")

ADVISORY_LOCK = 0x666C617368696F  # "flashio": any constant that other programs on the database do not use
LOCK_POLL_S = 0.1
LOCK_WAIT_S = 300.0  # another process may be applying a long file
STATEMENT_TIMEOUT_S = 10.0  # for the runner's own small statements
FILE_TIMEOUT_S = 3600.0
TABLE_LOCK_TIMEOUT = "5s"  # a migration that waits longer would stall every writer queued behind it

TABLE = """
create table if not exists schema_migrations (
  number integer primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now(),
  duration_ms integer not null check (duration_ms >= 0)
)
"""


class State(Enum):
    """Where one migration stands."""

    APPLIED = "applied"
    PENDING = "pending"
    EDITED = "edited after it was applied"
    UNKNOWN = "applied by a newer release"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Return the SHA-256 of the file, in hexadecimal."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def is_transactional(self) -> bool:
        return self.sql.partition("\n")[0].strip() != NO_TRANSACTION


@dataclass(frozen=True, slots=True)
class MigrationState:
    """One line of the status, files and applied records together."""

    name: str
    state: State


def discover(directory: Path = MIGRATIONS_DIR) -> list[Migration]:
    """Read the migrations in order. Raises: MigrationRefused for a name that does not fit or a number used twice."""
    found: dict[int, Migration] = {}
    for path in sorted(directory.glob("*.sql")):
        match = FILE_NAME.fullmatch(path.name)
        if match is None:
            raise MigrationRefused(f"{path.name} is not named like 0001_slug.sql")
        number = int(match[1])
        if number in found:
            raise MigrationRefused(f"{path.name} and {found[number].name} have the same number: rename the newer one")
        found[number] = Migration(number, path.name, path.read_text(encoding="utf-8"))
    return list(found.values())


async def migrate(
    dsn: str,
    migrations: Sequence[Migration] | None = None,
    *,
    is_dry_run: bool = False,
    lock_wait_s: float = LOCK_WAIT_S,
) -> list[str]:
    """Apply what is pending and return the names of those files; a dry run only names them.

    Safe to run in several processes at once: one applies, the others wait and find nothing to do.
    Raises: MigrationRefused, StorageUnavailable, StorageBusy when another process holds the lock for too long.
    """
    wanted = discover() if migrations is None else migrations
    async with _connected(dsn) as guard, _connected(dsn) as worker, _exclusively(guard, lock_wait_s):
        if not is_dry_run:
            await _bounded(worker.execute(TABLE))
        pending = _pending(wanted, await _applied(worker))
        if not is_dry_run:
            for migration in pending:
                await _apply(worker, migration)
        return [migration.name for migration in pending]


async def status(dsn: str, migrations: Sequence[Migration] | None = None) -> list[MigrationState]:
    """Return every migration, on disk or applied, with its state, by number."""
    wanted = discover() if migrations is None else migrations
    async with _connected(dsn) as connection:
        applied = await _applied(connection)
    states = {migration.number: MigrationState(migration.name, _state(migration, applied)) for migration in wanted}
    for number, (name, _) in applied.items():
        states.setdefault(number, MigrationState(name, State.UNKNOWN))
    return [states[number] for number in sorted(states)]


async def at_head(db: Database, migrations: Sequence[Migration] | None = None) -> bool:
    """Say whether everything this release needs is applied; what a newer release added does not matter."""
    wanted = discover() if migrations is None else migrations
    async with db.acquire() as connection:
        if not (await connection.fetch("select to_regclass('schema_migrations') is not null"))[0][0]:
            return False
        records = await connection.fetch("select number, checksum from schema_migrations order by number")
    applied = {record[0]: record[1] for record in records}
    return all(applied.get(migration.number) == migration.checksum for migration in wanted)


def _state(migration: Migration, applied: dict[int, tuple[str, str]]) -> State:
    if migration.number not in applied:
        return State.PENDING
    return State.APPLIED if applied[migration.number][1] == migration.checksum else State.EDITED


def _pending(wanted: Sequence[Migration], applied: dict[int, tuple[str, str]]) -> list[Migration]:
    edited = [migration.name for migration in wanted if _state(migration, applied) is State.EDITED]
    if edited:
        raise MigrationRefused(
            f"{', '.join(edited)} was edited after it was applied: restore the file and write the change as a new one"
        )
    pending = [migration for migration in wanted if migration.number not in applied]
    newest = max((number for number in applied if number in {m.number for m in wanted}), default=0)
    late = [migration.name for migration in pending if migration.number < newest]
    if late:
        raise MigrationRefused(f"{', '.join(late)} comes before {applied[newest][0]}, which is applied: renumber it")
    return pending


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", migration: Migration) -> None:
    started = time.monotonic()
    is_local = "local " if migration.is_transactional else ""
    try:
        # An exception leaves the transaction open: the connection is cut then, which rolls it back.
        if migration.is_transactional:
            await _bounded(connection.execute("begin"))
        await _bounded(connection.execute(f"set {is_local}lock_timeout = '{TABLE_LOCK_TIMEOUT}'"))
        await _bounded(connection.execute(migration.sql), FILE_TIMEOUT_S)
        await _record(connection, migration, started)
        if migration.is_transactional:
            await _bounded(connection.execute("commit"))
    except asyncpg.PostgresConnectionError:
        raise
    except asyncpg.PostgresError as error:
        left = "changed nothing" if migration.is_transactional else "may have left an invalid index to drop"
        raise MigrationRefused(f"{migration.name} failed and {left}: {error}") from error


async def _record(connection: "asyncpg.Connection[asyncpg.Record]", migration: Migration, started: float) -> None:
    await _bounded(
        connection.execute(
            "insert into schema_migrations (number, name, checksum, duration_ms) values ($1, $2, $3, $4)",
            migration.number,
            migration.name,
            migration.checksum,
            round((time.monotonic() - started) * 1000),
        )
    )


async def _applied(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[int, tuple[str, str]]:
    if not await _bounded(connection.fetchval("select to_regclass('schema_migrations') is not null")):
        return {}
    records = await _bounded(connection.fetch("select number, name, checksum from schema_migrations order by number"))
    return {record[0]: (record[1], record[2]) for record in records}


@asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    with failures_mapped():
        connection = await _bounded(asyncpg.connect(dsn, statement_cache_size=0))
        try:
            yield connection
        finally:
            connection.terminate()


@asynccontextmanager
async def _exclusively(guard: "asyncpg.Connection[asyncpg.Record]", wait_s: float) -> AsyncIterator[None]:
    """Hold the migration lock in an open transaction of its own connection.

    A transaction's lock, because a session's would not survive PgBouncer. Asked for again and again rather than waited
    for: a statement that waits keeps a snapshot, for which another process's CREATE INDEX CONCURRENTLY would wait.
    """
    deadline = time.monotonic() + wait_s
    while True:
        await _bounded(guard.execute("begin"))
        if await _bounded(guard.fetchval("select pg_try_advisory_xact_lock($1)", ADVISORY_LOCK)):
            # Invariant: what runs last on the guard is a simple statement. It ends the portal of the one above, whose
            # snapshot CREATE INDEX CONCURRENTLY would wait for until its timeout.
            await _bounded(guard.execute("set local idle_in_transaction_session_timeout = 0"))
            break
        await _bounded(guard.execute("rollback"))
        if time.monotonic() > deadline:
            raise StorageBusy(f"another process has been migrating this database for {wait_s:.0f} s")
        await asyncio.sleep(LOCK_POLL_S)
    yield
    try:
        await _bounded(guard.execute("rollback"))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StorageUnavailable(f"the migration lock was lost: {error}") from error


async def _bounded(awaitable: Awaitable[T], timeout_s: float = STATEMENT_TIMEOUT_S) -> T:
    async with asyncio.timeout(timeout_s):
        return await awaitable
