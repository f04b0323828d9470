"""The pool of PostgreSQL connections: every await is bounded, every loss of the server is StorageUnavailable.

Nothing here or above keeps state in a session (no LISTEN, no session locks, no SET), so that PgBouncer in transaction
mode can stand between: give `statement_cache_size=0` then.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Literal, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from server.store.failures import (
    ConstraintRefused,
    StatementFailed,
    StorageBusy,
    StorageFailure,
    StorageUnavailable,
    StorageUnsafe,
)
from server.store.text import encode_json

T = TypeVar("T")
Isolation = Literal["read committed", "repeatable read"]

RESERVED_CONNECTIONS = 1  # for the group commit, which never runs twice at once
NONE_FREE = "no connection to PostgreSQL became free in time"
RELEASE_TIMEOUT_S = 2.0  # to roll back and hand a connection back; past it the connection is cut instead
UNSAFE_COMMITS = ("off", "local")  # settings under which a commit that was reported may still be lost

UNREACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutdown, crash recovery, cancelled by a statement timeout
    asyncpg.InsufficientResourcesError,  # disk full, out of memory, too many connections
    asyncpg.ReadOnlySQLTransactionError,  # a standby after a failover
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,  # like a missing table: every statement fails until an operator mends it
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.InternalClientError,
)
REFUSED = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.DataError,  # a value that its column cannot hold
    asyncpg.ProgramLimitExceededError,  # a row or an index entry too large
)
BUSY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """How one process uses the database."""

    initial_connections: int = 1
    max_connections: int = 10
    connect_timeout_s: float = 5.0
    acquire_timeout_s: float = 5.0
    command_timeout_s: float = 10.0
    statement_cache_size: int = 256  # statements per connection; 0 behind PgBouncer in transaction mode


class Connection:
    """A borrowed connection, valid inside the `async with` that gave it; each statement commits by itself."""

    def __init__(self, raw: "PoolConnectionProxy[asyncpg.Record]", timeout_s: float) -> None:
        self._raw = raw
        self._timeout_s = timeout_s

    async def fetch(self, sql: str, arguments: Sequence[object] = ()) -> list[asyncpg.Record]:
        """Run one statement and return its rows."""
        return await self._bounded(self._raw.fetch(sql, *arguments))

    async def execute(self, sql: str, arguments: Sequence[object] = ()) -> str:
        """Run one statement and return its command tag, such as `UPDATE 3`."""
        return await self._bounded(self._raw.execute(sql, *arguments))

    async def prepare(self, sql: str) -> "asyncpg.prepared_stmt.PreparedStatement[asyncpg.Record]":
        """Let the server parse and plan a statement without running it."""
        return await self._bounded(self._raw.prepare(sql))

    async def _bounded(self, awaitable: Awaitable[T]) -> T:
        with failures_mapped():
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await awaitable
            except asyncpg.InterfaceError as error:
                if _is_lost(self._raw):
                    raise StorageUnavailable(f"the connection to PostgreSQL was lost: {error}") from error
                raise


class Transaction(Connection):
    """A connection inside a transaction: all of its statements take effect together, or none."""


class Database:
    """The pool of one process. Invariant: a connection is handed out only after its commits were seen to be durable."""

    def __init__(self, dsn: str, settings: PoolSettings | None = None, *, application_name: str = "flashio") -> None:
        self.dsn = dsn
        self.settings = settings or PoolSettings()
        self._application_name = application_name
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._shared = asyncio.Semaphore(max(1, self.settings.max_connections - RESERVED_CONNECTIONS))

    async def open(self) -> None:
        """Connect and check that commits are durable.

        Raises: StorageUnavailable if PostgreSQL cannot be reached, StorageUnsafe if it acknowledges early.
        """
        with failures_mapped():
            async with asyncio.timeout(self.settings.connect_timeout_s):
                self._pool = await asyncpg.create_pool(
                    self.dsn,
                    min_size=0,  # a floor is restored in the background, with a traceback for each try
                    init_size=self.settings.initial_connections,
                    max_size=self.settings.max_connections,
                    timeout=self.settings.connect_timeout_s,
                    statement_cache_size=self.settings.statement_cache_size,
                    server_settings={"application_name": self._application_name},
                    init=_prepare_connection,
                    reset=_keep_connection,
                )

    async def close(self) -> None:
        """Return every connection; those still busy after a moment are cut."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            async with asyncio.timeout(RELEASE_TIMEOUT_S):
                await pool.close()
        except TimeoutError:
            pool.terminate()

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        """Borrow a connection for statements that commit one by one."""
        async with self._shared_borrowed() as raw:
            yield Connection(raw, self.settings.command_timeout_s)

    @asynccontextmanager
    async def reserved(self) -> AsyncIterator[Connection]:
        """The same for the group commit: one connection is kept for it, however many commands wait for locks."""
        async with self._borrowed() as raw:
            yield Connection(raw, self.settings.command_timeout_s)

    @asynccontextmanager
    async def transaction(
        self, isolation: Isolation = "read committed", *, is_read_only: bool = False, lock_timeout_ms: int | None = None
    ) -> AsyncIterator[Transaction]:
        """Borrow a connection inside a transaction that commits when the block ends and rolls back when it raises.

        A statement that waits longer than `lock_timeout_ms` for somebody's lock raises StorageBusy.
        """
        begin = f"begin isolation level {isolation}{' read only' if is_read_only else ''}"
        if lock_timeout_ms is not None:
            begin += f"; set local lock_timeout = {lock_timeout_ms:d}"
        async with self._shared_borrowed() as raw:
            tx = Transaction(raw, self.settings.command_timeout_s)
            try:
                await tx.execute(begin)
                yield tx
                outcome = await tx.execute("commit")
            except BaseException:
                await _roll_back(raw)
                raise
            if outcome != "COMMIT":
                raise StorageFailure("a statement of the transaction had failed, so nothing of it was saved")

    async def ping(self) -> None:
        """Return when PostgreSQL answers. Raises: StorageUnavailable."""
        async with self.acquire() as connection:
            await connection.fetch("select 1")

    @asynccontextmanager
    async def _shared_borrowed(self) -> AsyncIterator["PoolConnectionProxy[asyncpg.Record]"]:
        with failures_mapped(NONE_FREE):
            async with asyncio.timeout(self.settings.acquire_timeout_s):
                await self._shared.acquire()
        try:
            async with self._borrowed() as raw:
                yield raw
        finally:
            self._shared.release()

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator["PoolConnectionProxy[asyncpg.Record]"]:
        pool = self._pool
        if pool is None:
            raise StorageUnavailable("the database is not open")
        with failures_mapped(NONE_FREE):
            async with asyncio.timeout(self.settings.acquire_timeout_s):
                raw = await pool.acquire()
        try:
            yield raw
        finally:
            await _give_back(pool, raw)


@contextmanager
def failures_mapped(on_timeout: str = "PostgreSQL did not answer in time") -> Iterator[None]:
    """Turn the driver's exceptions into ours; only a wrong use of the driver keeps its own type."""
    try:
        yield
    except TimeoutError as error:
        raise StorageUnavailable(on_timeout) from error
    except UNREACHABLE as error:
        raise StorageUnavailable(f"PostgreSQL cannot be used now: {error}") from error
    except BUSY as error:
        raise StorageBusy(str(error)) from error
    except REFUSED as error:
        raise ConstraintRefused(str(error), getattr(error, "constraint_name", None)) from error
    except asyncpg.PostgresError as error:
        raise StatementFailed(f"{type(error).__name__}: {error}") from error


async def _prepare_connection(raw: "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]") -> None:
    await raw.set_type_codec("jsonb", schema="pg_catalog", encoder=encode_json, decoder=json.loads, format="text")
    setting = await raw.fetchval("select current_setting('synchronous_commit')")
    if setting in UNSAFE_COMMITS:
        raise StorageUnsafe(
            f"synchronous_commit is {setting}: PostgreSQL would report commits that a crash loses. "
            "Set it to on for this role and database, then start again."
        )


async def _keep_connection(_raw: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Skip the driver's reset query: nothing here leaves state in a session, and it costs a round trip each time."""


def _is_lost(raw: "PoolConnectionProxy[asyncpg.Record]") -> bool:
    try:
        return raw.is_closed()
    except asyncpg.InterfaceError:  # the pool was closed and took the connection back
        return True


async def _roll_back(raw: "PoolConnectionProxy[asyncpg.Record]") -> None:
    try:
        async with asyncio.timeout(RELEASE_TIMEOUT_S):
            await raw.execute("rollback")
    except (*UNREACHABLE, asyncpg.InterfaceError):
        _cut(raw)


async def _give_back(pool: "asyncpg.Pool[asyncpg.Record]", raw: "PoolConnectionProxy[asyncpg.Record]") -> None:
    try:
        async with asyncio.timeout(RELEASE_TIMEOUT_S):
            await pool.release(raw)
    except (*UNREACHABLE, asyncpg.InterfaceError):
        _cut(raw)


def _cut(raw: "PoolConnectionProxy[asyncpg.Record]") -> None:
    """End a connection at once; one that broke may have left the pool by itself already."""
    with suppress(asyncpg.InterfaceError):
        raw.terminate()
