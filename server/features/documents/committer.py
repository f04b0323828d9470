"""Group commit: the edits of all documents of the last few milliseconds become log rows in one statement.

An edit is handed over synchronously and numbered when it is committed, in order per document. A commit that fails is
retried for as long as it takes; one bad row or locked document never stalls the others: the batch is halved until it
stands alone.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

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
LOCK_TIMEOUT_MS = 200  # a compaction holds a document for milliseconds; longer is somebody who hangs
PARKED_S = 1.0
ROW_COST_BYTES = 600  # of memory that one row takes beside its update

_unwritten = Gauge("flashio_unwritten_bytes", "Bytes of memory held by edits that wait for their commit")
_parkings = Counter("flashio_parked_documents_total", "Documents whose edits had to wait for somebody's lock")
_rows = Counter("flashio_committed_rows_total", "Edits committed")
_refused = Counter("flashio_refused_rows_total", "Edits that the database would not take")
_seconds = Histogram("flashio_commit_seconds", "Time of one group commit")
_batch = Histogram("flashio_commit_rows", "Edits per group commit", buckets=(1, 2, 5, 10, 50, 100, 500, 1000, 5000))


class Row(NamedTuple):
    """One edit on its way to the log; `n` is the sender's own count, `new_clients` (client id, author number) pairs."""

    document_id: DocumentId
    author_no: int
    update: bytes
    sender: ConnectionId | None
    n: int
    new_clients: tuple[tuple[int, int], ...] = ()
    written: asyncio.Future[Seq] | None = None  # for who waits: the number, or Gone
    opening: int = 0  # of the sender

    @property
    def cost_bytes(self) -> int:
        """Of memory while it waits."""
        return len(self.update) + ROW_COST_BYTES


class Outcome(NamedTuple):
    """What became of one row: its number, or None when its document is gone or refuses it."""

    row: Row
    seq: Seq | None


@dataclass(slots=True)
class Committer:
    """`on_outcomes` is called after each commit, in row order; `on_storage` when commits begin or cease to fail.

    Invariant: the rows of a document are decided in the order in which they were handed over.
    """

    db: Database
    clock: Clock
    settings: Settings
    on_outcomes: Callable[[Sequence[Outcome]], None] = lambda _outcomes: None
    on_storage: Callable[[bool], None] = lambda _reachable: None
    unwritten_bytes: int = 0  # of memory
    is_reachable: bool = True
    _queue: deque[Row] = field(default_factory=deque)
    _batches: deque[list[Row]] = field(default_factory=deque)  # under way; older than the queue
    _parked: dict[DocumentId, list[Row]] = field(default_factory=dict)  # of documents that others hold locked
    _parked_until: float = 0.0
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_full(self) -> bool:
        return self.unwritten_bytes >= self.settings.unwritten_limit_bytes

    @property
    def has_room(self) -> bool:
        """Whether those who were stopped because memory was full may go on."""
        return self.unwritten_bytes < self.settings.unwritten_limit_bytes // 2

    def expect(self, row: Row) -> None:
        """Count an edit that will be handed over, or dropped, at the end of this loop turn."""
        self.unwritten_bytes += row.cost_bytes
        self._idle.clear()

    def submit(self, rows: Sequence[Row]) -> None:
        """Take over edits that were expected."""
        self._queue.extend(rows)
        self._count(0)
        self._wanted.set()

    def drop(self, rows: Sequence[Row]) -> None:
        """Forget edits that were expected."""
        self._count(-sum(row.cost_bytes for row in rows))
        self._wanted.set()

    async def flushed(self) -> None:
        """Return when nothing waits any more."""
        if self.unwritten_bytes:
            await self._idle.wait()

    async def run(self) -> None:
        """Commit until cancelled; a service of the supervisor, which after a failure goes on where it was."""
        while True:
            await self._wanted.wait()
            await self.clock.sleep(self._linger_s())
            self._gather()
            while self._batches:
                await self._commit(self._batches[0])
            if not self._queue and not self._parked:
                self._wanted.clear()
                if not self.unwritten_bytes:  # edits may be expected at the end of this turn
                    self._idle.set()

    def _linger_s(self) -> float:
        if self._queue or self._batches:
            return self.settings.commit_linger_ms / 1000
        return max(0.0, self._parked_until - self.clock.monotonic())

    def _gather(self) -> None:
        """Make batches of what waits: what was parked is tried again by itself, so that it delays nobody."""
        if not self._batches and (batch := self._next_batch(self._queue)):
            self._batches.append(batch)
        if self._parked and self.clock.monotonic() >= self._parked_until:
            parked, self._parked = self._parked, {}
            for rows in map(deque, parked.values()):
                while rows:
                    self._batches.append(self._next_batch(rows))

    def _next_batch(self, rows: deque[Row]) -> list[Row]:
        batch: list[Row] = []
        size = 0
        while rows and len(batch) < self.settings.commit_batch_rows:
            size += len(rows[0].update)
            if batch and size > self.settings.commit_batch_bytes:
                break
            row = rows.popleft()
            self._parked.get(row.document_id, batch).append(row)
        return batch

    async def _commit(self, batch: list[Row]) -> None:
        """Decide the first batch, split it, or find that storage is away and wait a little."""
        delay_s = RETRY_FIRST_S
        while True:
            try:
                with _seconds.time():
                    seqs = await self._write(batch)
            except StorageUnavailable as error:
                self._storage(reachable=False, reason=str(error))
                await self.clock.sleep(delay_s)
                delay_s = min(delay_s * 2, RETRY_LONGEST_S)
            except StorageBusy:
                self._step_aside(batch)
                return
            except StorageFailure as error:
                self._bisect(batch, error)
                return
            else:
                break
        self._storage(reachable=True, reason="")
        _batch.observe(len(batch))
        self._settle([Outcome(row, seq) for row, seq in zip(batch, seqs, strict=True)])

    async def _write(self, batch: list[Row]) -> list[Seq | None]:
        edits = [store.Edit(row.document_id, row.author_no, row.update) for row in batch]
        clients = [store.NewClient(row.document_id, *pair) for row in batch for pair in row.new_clients]
        async with self.db.reserved() as connection:
            seqs = await store.commit(connection, edits, clients, lock_timeout_ms=LOCK_TIMEOUT_MS)
        return [None if seq is None else Seq(seq) for seq in seqs]

    def _step_aside(self, batch: list[Row]) -> None:
        """Somebody holds one of the documents: find it by halves, and try it again after a while."""
        documents = list(dict.fromkeys(row.document_id for row in batch))
        if len(documents) == 1:
            self._park(documents[0])
            return
        self._batches.popleft()
        first = set(documents[: len(documents) // 2])
        self._batches.appendleft([row for row in batch if row.document_id not in first])
        self._batches.appendleft([row for row in batch if row.document_id in first])

    def _park(self, document_id: DocumentId) -> None:
        _parkings.inc()
        self._parked[document_id] = [row for batch in self._batches for row in batch if row.document_id == document_id]
        others = ([row for row in batch if row.document_id != document_id] for batch in self._batches)
        self._batches = deque(batch for batch in others if batch)
        self._parked_until = self.clock.monotonic() + PARKED_S

    def _bisect(self, batch: list[Row], error: StorageFailure) -> None:
        if len(batch) == 1:
            log.error("edit refused by the database", document=str(batch[0].document_id), reason=str(error))
            self._settle([Outcome(batch[0], None)])
            return
        self._batches.popleft()
        middle = len(batch) // 2
        self._batches.appendleft(batch[middle:])
        self._batches.appendleft(batch[:middle])

    def _settle(self, outcomes: list[Outcome]) -> None:
        """The first batch is decided; whatever goes wrong from here on, it is not committed again."""
        self._batches.popleft()
        self._count(-sum(outcome.row.cost_bytes for outcome in outcomes))
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
