"""Group commit: the edits of all documents of the last few milliseconds become log rows in one statement.

An edit is handed over synchronously and numbered when it is committed, in order per document. A commit that fails is
retried for as long as it takes; one bad row never stalls the others: the batch is halved until the row stands alone.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter, Gauge, Histogram

from protocol.ids import ConnectionId, DocumentId, Seq
from server.clock import Clock
from server.settings import Settings
from server.store import documents as store
from server.store.db import Database
from server.store.failures import StorageBusy, StorageFailure, StorageUnavailable

log = structlog.get_logger(__name__)

RETRY_FIRST_S = 0.05
RETRY_LONGEST_S = 2.0

_unwritten = Gauge("flashio_unwritten_bytes", "Bytes of edits that wait for their commit")
_rows = Counter("flashio_committed_rows_total", "Edits committed")
_refused = Counter("flashio_refused_rows_total", "Edits that the database would not take")
_seconds = Histogram("flashio_commit_seconds", "Time of one group commit")
_batch = Histogram("flashio_commit_rows", "Edits per group commit", buckets=(1, 2, 5, 10, 50, 100, 500, 1000, 5000))


@dataclass(frozen=True, slots=True)
class Row:
    """One edit on its way to the log; `n` is the sender's own count, `new_clients` (client id, author number) pairs."""

    document_id: DocumentId
    author_no: int
    update: bytes
    sender: ConnectionId | None
    n: int
    new_clients: tuple[tuple[int, int], ...] = ()
    written: asyncio.Future[Seq] | None = None  # for who waits: the number, or Gone


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: its number, or None when its document is gone or refuses it."""

    row: Row
    seq: Seq | None


@dataclass(slots=True)
class Committer:
    """`on_outcomes` is called after each commit, in row order; `on_storage` when commits begin or cease to fail."""

    db: Database
    clock: Clock
    settings: Settings
    on_outcomes: Callable[[Sequence[Outcome]], None] = lambda _outcomes: None
    on_storage: Callable[[bool], None] = lambda _reachable: None
    unwritten_bytes: int = 0
    is_reachable: bool = True
    _queue: deque[Row] = field(default_factory=deque)
    _under_way: list[Row] = field(default_factory=list)
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_full(self) -> bool:
        return self.unwritten_bytes >= self.settings.unwritten_limit_bytes

    @property
    def has_room(self) -> bool:
        """Whether those who were stopped because memory was full may go on."""
        return self.unwritten_bytes < self.settings.unwritten_limit_bytes // 2

    def submit(self, row: Row) -> None:
        self._queue.append(row)
        self._count(len(row.update))
        self._wanted.set()
        self._idle.clear()

    async def flushed(self) -> None:
        """Return when nothing waits any more."""
        if self._queue or self.unwritten_bytes:
            await self._idle.wait()

    async def run(self) -> None:
        """Commit until cancelled; a service of the supervisor, which after a failure begins with the same batch."""
        while True:
            await self._wanted.wait()
            await self.clock.sleep(self.settings.commit_linger_ms / 1000)
            self._under_way = self._under_way or self._next_batch()
            await self._commit(self._under_way)
            self._under_way = []
            if not self._queue:
                self._wanted.clear()
                self._idle.set()

    def _next_batch(self) -> list[Row]:
        batch: list[Row] = []
        size = 0
        while self._queue and len(batch) < self.settings.commit_batch_rows:
            size += len(self._queue[0].update)
            if batch and size > self.settings.commit_batch_bytes:
                break
            batch.append(self._queue.popleft())
        return batch

    async def _commit(self, batch: list[Row]) -> None:
        delay_s = RETRY_FIRST_S
        while True:
            try:
                with _seconds.time():
                    seqs = await self._write(batch)
                break
            except (StorageUnavailable, StorageBusy) as error:
                self._storage(reachable=isinstance(error, StorageBusy) and self.is_reachable, reason=str(error))
                await self.clock.sleep(delay_s)
                delay_s = min(delay_s * 2, RETRY_LONGEST_S)
            except StorageFailure as error:
                await self._bisect(batch, error)
                return
        self._storage(reachable=True, reason="")
        _batch.observe(len(batch))
        self._settle([Outcome(row, seq) for row, seq in zip(batch, seqs, strict=True)])

    async def _write(self, batch: list[Row]) -> list[Seq | None]:
        edits = [store.Edit(row.document_id, row.author_no, row.update) for row in batch]
        clients = [store.NewClient(row.document_id, *pair) for row in batch for pair in row.new_clients]
        async with self.db.acquire() as connection:
            seqs = await store.commit(connection, edits, clients)
        return [None if seq is None else Seq(seq) for seq in seqs]

    async def _bisect(self, batch: list[Row], error: StorageFailure) -> None:
        if len(batch) == 1:
            log.error("edit refused by the database", document=str(batch[0].document_id), reason=str(error))
            self._settle([Outcome(batch[0], None)])
            return
        middle = len(batch) // 2
        await self._commit(batch[:middle])
        await self._commit(batch[middle:])

    def _settle(self, outcomes: list[Outcome]) -> None:
        self._count(-sum(len(outcome.row.update) for outcome in outcomes))
        committed = sum(outcome.seq is not None for outcome in outcomes)
        _rows.inc(committed)
        _refused.inc(len(outcomes) - committed)
        self.on_outcomes(outcomes)

    def _storage(self, *, reachable: bool, reason: str) -> None:
        if reachable != self.is_reachable:
            self.is_reachable = reachable
            log.log(20 if reachable else 40, "commits work again" if reachable else "commits fail", reason=reason)
            self.on_storage(reachable)

    def _count(self, size: int) -> None:
        self.unwritten_bytes += size
        _unwritten.set(self.unwritten_bytes)
