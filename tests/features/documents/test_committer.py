"""Group commit on a real PostgreSQL: order, retries, one bad row alone, and a bound on what waits (P1, P8, P10)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from protocol.ids import ConnectionId, DocumentId
from server.clock import SystemClock
from server.features.documents.committer import Committer, Outcome, Row
from server.settings import Settings
from server.store import documents, files
from server.store.db import Database, PoolSettings
from server.tasks import Tasks
from tests.harness.proxy import Proxy, proxy_to
from tests.store.examples import add_document, add_project, add_user

SETTLE_TIMEOUT_S = 20
QUICK = PoolSettings(connect_timeout_s=2, acquire_timeout_s=2, command_timeout_s=2)


@dataclass
class Desk:
    """A committer at work, and what came of what it was given."""

    db: Database
    documents: list[DocumentId]
    committer: Committer
    groups: list[list[Outcome]] = field(default_factory=list)
    storage: list[bool] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.committer.on_outcomes = self._on_outcomes
        self.committer.on_storage = self._on_storage

    def submit(self, document: int, update: bytes, author_no: int = 1) -> None:
        row = Row(self.documents[document], author_no, update, ConnectionId(1), 1)
        self.committer.expect(row)
        self.committer.submit([row])

    @property
    def outcomes(self) -> list[tuple[bytes, int | None]]:
        return [(outcome.row.update, outcome.seq) for group in self.groups for outcome in group]

    def of(self, document: int) -> list[tuple[bytes, int | None]]:
        chosen = self.documents[document]
        return [
            (outcome.row.update, outcome.seq)
            for group in self.groups
            for outcome in group
            if outcome.row.document_id == chosen
        ]

    async def until(self, holds: Callable[["Desk"], bool]) -> "Desk":
        async with asyncio.timeout(SETTLE_TIMEOUT_S):
            while not holds(self):
                self._changed.clear()
                await self._changed.wait()
        return self

    async def logged(self, document: int) -> list[tuple[int, bytes]]:
        async with self.db.acquire() as connection:
            rows = await documents.tail_since.all(
                connection, document_id=self.documents[document], after_seq=1, limit=10_000
            )
        return [(row.seq, row.update_v1) for row in rows]

    def _on_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        self.groups.append(list(outcomes))
        self._changed.set()

    def _on_storage(self, reachable: bool) -> None:
        self.storage.append(reachable)
        self._changed.set()


@asynccontextmanager
async def desk_on(database: Database, used: Database | None = None, **settings: Any) -> AsyncIterator[Desk]:
    """Three documents with an author each; the committer reaches them through `used`."""
    async with database.transaction() as tx:
        user_id = await add_user(tx)
        project_id = await add_project(tx, user_id)
        made = [DocumentId(await add_document(tx, project_id, f"{n}.txt")) for n in range(3)]
        for document_id in made:
            await documents.ensure_author(tx, document_id, user_id)
    committer = Committer(used or database, SystemClock(), Settings(**settings))
    desk = Desk(database, made, committer)
    async with Tasks(SystemClock()) as tasks:
        tasks.serve("commit edits", committer.run)
        yield desk


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    async with desk_on(database) as desk:
        yield desk


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    async with proxy_to(database_url) as proxy:
        yield proxy


@pytest.fixture
async def remote_desk(database: Database, proxy: Proxy) -> AsyncIterator[Desk]:
    remote = Database(proxy.dsn, QUICK)
    await remote.open()
    async with desk_on(database, remote) as desk:
        yield desk
    await remote.close()


async def test_the_edits_of_a_moment_are_one_commit_whatever_their_documents(desk: Desk) -> None:
    for n in range(90):
        desk.submit(n % 3, b"%d" % n)
    await desk.until(lambda desk: len(desk.outcomes) == 90)
    assert len(desk.groups) == 1


async def test_numbers_follow_the_order_of_the_edits_without_gaps(desk: Desk) -> None:
    for n in range(300):
        desk.submit(n % 3, b"%d" % n)
        if n % 50 == 0:
            await desk.until(lambda desk, n=n: len(desk.outcomes) > n // 2)
    await desk.until(lambda desk: len(desk.outcomes) == 300)
    for document in range(3):
        expected = [(b"%d" % n, seq) for seq, n in enumerate(range(document, 300, 3), start=2)]
        assert desk.of(document) == expected
        assert await desk.logged(document) == [(seq, update) for update, seq in expected]


async def test_what_is_reported_is_in_the_database(desk: Desk) -> None:
    """P1."""
    found: list[tuple[int, bytes]] = []
    seen = asyncio.Event()

    async def look() -> None:
        found.extend(await desk.logged(0))
        seen.set()

    async with Tasks(SystemClock()) as tasks:
        desk.committer.on_outcomes = lambda _: tasks.start("look", look()) and None
        desk.submit(0, b"edit")
        async with asyncio.timeout(SETTLE_TIMEOUT_S):
            await seen.wait()
    assert found == [(2, b"edit")]


async def test_a_batch_is_bounded_in_rows_and_in_bytes(database: Database) -> None:
    """P10."""
    async with desk_on(database, commit_batch_rows=10, commit_batch_bytes=1024) as desk:
        for n in range(25):
            desk.submit(0, b"%d" % n)
        for _ in range(5):
            desk.submit(1, b"x" * 600)
        await desk.until(lambda desk: len(desk.outcomes) == 30)
        assert max(len(group) for group in desk.groups) == 10
        assert max(sum(len(outcome.row.update) for outcome in group) for group in desk.groups) <= 1024


async def test_an_edit_larger_than_a_batch_is_committed_alone(database: Database) -> None:
    async with desk_on(database, commit_batch_bytes=1024) as desk:
        desk.submit(0, b"x" * 5_000)
        await desk.until(lambda desk: [len(update) for update, _ in desk.outcomes] == [5_000])


async def test_one_row_that_the_database_refuses_falls_alone(desk: Desk) -> None:
    """P8."""
    for n in range(20):
        desk.submit(n % 2, b"%d" % n, author_no=999 if n == 7 else 1)
    await desk.until(lambda desk: len(desk.outcomes) == 20)
    assert [update for update, seq in desk.outcomes if seq is None] == [b"7"]
    assert [update for _, update in await desk.logged(0)] == [b"%d" % n for n in range(0, 20, 2)]
    assert [update for _, update in await desk.logged(1)] == [b"%d" % n for n in range(1, 20, 2) if n != 7]


async def test_values_that_no_column_holds_fall_alone_too(desk: Desk) -> None:
    """P8."""
    desk.submit(0, b"good")
    desk.submit(1, b"bad", author_no=1 << 40)
    desk.submit(0, b"good too")
    await desk.until(lambda desk: len(desk.outcomes) == 3)
    assert desk.of(0) == [(b"good", 2), (b"good too", 3)]
    assert desk.of(1) == [(b"bad", None)]


async def test_a_row_that_postgresql_fails_at_for_a_reason_of_its_own_falls_alone(desk: Desk) -> None:
    """P8, P1: as with a damaged page, which no retry mends."""
    async with desk.db.acquire() as connection:
        await connection.execute(
            "create function damaged() returns trigger language plpgsql as "
            "$$ begin raise exception 'unreadable' using errcode = 'XX002'; end $$"
        )
        await connection.execute(
            "create trigger damaged before insert on document_updates for each row "
            f"when (new.document_id = '{desk.documents[1]}') execute function damaged()"
        )
    for document in (0, 1, 2, 0):
        desk.submit(document, b"edit")
    await desk.committer.flushed()
    assert [[seq for _, seq in desk.of(document)] for document in range(3)] == [[2, 3], [None], [2]]
    assert (desk.storage, desk.committer.unwritten_bytes) == ([], 0)


async def test_edits_wait_while_the_table_of_the_log_is_out_of_reach(desk: Desk) -> None:
    """P1: that fails for all rows alike, so none is refused."""
    async with desk.db.acquire() as connection:
        await connection.execute("alter table document_updates rename to hidden")
        desk.submit(0, b"edit")
        await desk.until(lambda desk: desk.storage == [False])
        await connection.execute("alter table hidden rename to document_updates")
    await desk.committer.flushed()
    assert (desk.of(0), desk.storage) == ([(b"edit", 2)], [False, True])


async def test_a_deleted_document_s_edits_are_refused_and_the_others_saved(desk: Desk, database: Database) -> None:
    """P8."""
    async with database.transaction() as tx:
        row = await documents.get_document.one(tx, document_id=desk.documents[1])
        await files.delete_tree.all(tx, project_id=row.project_id, path="1.txt", user_id=None)
    for document in range(3):
        desk.submit(document, b"edit")
    await desk.until(lambda desk: len(desk.outcomes) == 3)
    assert [desk.of(document) for document in range(3)] == [[(b"edit", 2)], [(b"edit", None)], [(b"edit", 2)]]


async def test_a_document_that_somebody_holds_locked_keeps_no_other_waiting(desk: Desk, database: Database) -> None:
    """P8."""
    async with database.transaction() as tx:
        await documents.lock_document.one(tx, document_id=desk.documents[1])
        for n in range(3):
            for document in range(3):
                desk.submit(document, b"%d" % n)
            await desk.until(lambda desk, n=n: len(desk.of(0)) == len(desk.of(2)) == n + 1)
        assert desk.of(1) == []
        assert desk.storage == []
    await desk.until(lambda desk: len(desk.of(1)) == 3)
    assert desk.of(1) == [(b"0", 2), (b"1", 3), (b"2", 4)]
    await desk.committer.flushed()


async def test_a_long_queue_of_a_locked_document_keeps_its_order(database: Database) -> None:
    """P1, P8."""
    async with desk_on(database, commit_batch_rows=5) as desk:
        async with database.transaction() as tx:
            await documents.lock_document.one(tx, document_id=desk.documents[1])
            for n in range(40):
                desk.submit(1, b"%d" % n, author_no=999 if n == 17 else 1)
            desk.submit(0, b"other")
            await desk.until(lambda desk: len(desk.of(0)) == 1)
        await desk.until(lambda desk: len(desk.of(1)) == 40)
        saved = [n for n in range(40) if n != 17]
        assert await desk.logged(1) == [(seq, b"%d" % n) for seq, n in enumerate(saved, start=2)]


async def test_edits_wait_while_storage_is_away_and_are_saved_in_order(remote_desk: Desk, proxy: Proxy) -> None:
    """P1."""
    desk = remote_desk
    desk.submit(0, b"before")
    await desk.until(lambda desk: len(desk.outcomes) == 1)
    proxy.cut()
    desk.submit(0, b"one")
    await desk.until(lambda desk: desk.storage == [False])
    desk.submit(0, b"two")
    desk.submit(1, b"three")
    assert (len(desk.outcomes), desk.committer.is_reachable) == (1, False)
    proxy.mend()
    await desk.until(lambda desk: len(desk.outcomes) == 4)
    assert desk.storage == [False, True]
    assert (desk.of(0), desk.of(1)) == ([(b"before", 2), (b"one", 3), (b"two", 4)], [(b"three", 2)])


async def test_a_commit_whose_answer_was_lost_is_not_taken_for_done(remote_desk: Desk, proxy: Proxy) -> None:
    """P1, P2."""
    desk = remote_desk
    desk.submit(0, b"before")
    await desk.until(lambda desk: len(desk.outcomes) == 1)
    proxy.loses_answers = True
    desk.submit(0, b"edit")
    await desk.until(lambda desk: desk.storage == [False])
    assert len(desk.outcomes) == 1
    proxy.cut()
    proxy.mend()
    await desk.until(lambda desk: len(desk.outcomes) == 2)
    logged = await desk.logged(0)
    assert {update for _, update in logged} == {b"before", b"edit"}
    assert dict(logged)[desk.outcomes[1][1] or 0] == b"edit"


async def test_a_frozen_database_is_noticed(remote_desk: Desk, proxy: Proxy) -> None:
    """P1."""
    desk = remote_desk
    proxy.hang()
    desk.submit(0, b"edit")
    await desk.until(lambda desk: desk.storage == [False])
    proxy.resume()
    await desk.until(lambda desk: len(desk.outcomes) == 1)


async def test_memory_for_edits_that_wait_is_counted_with_what_they_cost(database: Database, proxy: Proxy) -> None:
    """P10."""
    remote = Database(proxy.dsn, QUICK)
    await remote.open()
    async with desk_on(database, remote, unwritten_limit_bytes=100_000) as desk:
        proxy.cut()
        taken = 0
        while not desk.committer.is_full:
            desk.submit(0, b"x")
            taken += 1
        assert taken < 1_000
        assert not desk.committer.has_room
        proxy.mend()
        await desk.committer.flushed()
        assert (desk.committer.unwritten_bytes, desk.committer.has_room) == (0, True)
        assert len(await desk.logged(0)) == taken
    await remote.close()


async def test_flushed_returns_when_everything_is_decided(desk: Desk) -> None:
    await desk.committer.flushed()
    for n in range(50):
        desk.submit(n % 3, b"%d" % n)
    await desk.committer.flushed()
    assert len(desk.outcomes) == 50


async def test_an_outcome_that_nobody_can_handle_is_not_committed_twice(desk: Desk) -> None:
    """P2."""
    handle, first = desk.committer.on_outcomes, True

    def fails_once(outcomes: Sequence[Outcome]) -> None:
        nonlocal first
        handle(outcomes)
        if first:
            first = False
            raise ValueError("a defect above the committer")

    desk.committer.on_outcomes = fails_once
    desk.submit(0, b"one")
    await desk.until(lambda desk: len(desk.outcomes) == 1)
    desk.submit(0, b"two")
    await desk.until(lambda desk: len(desk.outcomes) == 2)
    assert await desk.logged(0) == [(2, b"one"), (3, b"two")]


async def test_flushing_waits_for_edits_that_are_expected_at_the_end_of_the_turn(desk: Desk) -> None:
    """P1: a worker that ends must not forget what it has just taken."""
    row = Row(desk.documents[0], 1, b"edit", None, 1)
    desk.committer.expect(row)
    flushed = asyncio.ensure_future(desk.committer.flushed())
    await asyncio.wait([flushed], timeout=0.05)
    assert not flushed.done()
    desk.committer.submit([row])
    await flushed
    assert desk.committer.unwritten_bytes == 0


async def test_flushing_does_not_wait_for_edits_that_were_dropped(desk: Desk) -> None:
    row = Row(desk.documents[0], 1, b"edit", None, 1)
    desk.committer.expect(row)
    desk.committer.drop([row])
    await desk.committer.flushed()
    assert desk.committer.unwritten_bytes == 0
