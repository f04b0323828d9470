"""Documents as rows: one seed, numbers without gaps, locks without circles, loads that are whole or fail."""

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from server.store import compaction, documents, files, repair
from server.store.compaction import NewArchive
from server.store.db import Database, PoolSettings
from server.store.documents import DocumentState, Edit, NewClient
from server.store.failures import ConstraintRefused, DocumentLogBroken, RowMissing, StorageBusy
from tests.harness.locks import until_someone_waits_for_a_lock
from tests.store.examples import LOCK_TIMEOUT_MS, SEED_CLIENT, add_document, add_file, add_project, add_user

EXPIRY = datetime(2030, 1, 1, tzinfo=UTC)


class Room:
    """A project with two documents and an author in each."""

    def __init__(self, db: Database, user_id: UUID, project_id: UUID, first: UUID, second: UUID) -> None:
        self.db = db
        self.user_id = user_id
        self.project_id = project_id
        self.first = first
        self.second = second

    def edit(self, document_id: UUID, text: str = "x") -> Edit:
        return Edit(document_id, 1, text.encode())

    async def commit(self, *edits: Edit, clients: tuple[NewClient, ...] = ()) -> list[int | None]:
        async with self.db.acquire() as connection:
            return await documents.commit(connection, edits, clients, lock_timeout_ms=LOCK_TIMEOUT_MS)

    async def head(self, document_id: UUID) -> documents.DocumentRow:
        async with self.db.acquire() as connection:
            return await documents.get_document.one(connection, document_id=document_id)


@pytest.fixture
async def room(database: Database) -> Room:
    async with database.transaction() as tx:
        user_id = await add_user(tx)
        project_id = await add_project(tx, user_id)
        made = [await add_document(tx, project_id, path) for path in ("a.txt", "b.txt")]
        for document_id in made:
            assert await documents.ensure_author(tx, document_id, user_id) == 1
    return Room(database, user_id, project_id, made[0], made[1])


async def test_a_document_is_seeded_once_however_many_try(database: Database) -> None:
    """P7."""
    async with database.transaction() as tx:
        file_id = await add_file(tx, await add_project(tx, await add_user(tx)), "main.py")

    async def seed(text: bytes) -> bool:
        async with database.acquire() as connection:
            return await documents.create(
                connection, file_id, lineage=uuid4(), seed_client=SEED_CLIENT, seed_update=text
            )

    made = await asyncio.gather(*(seed(b"seed %d" % number) for number in range(5)))
    loaded = await documents.load(database, file_id)
    assert loaded is not None
    assert made.count(True) == 1
    assert [row.update_v1 for row in loaded.tail] == [b"seed %d" % made.index(True)]
    assert loaded.tail[0].seq == loaded.document.last_seq == 1


async def test_a_directory_a_deleted_file_and_no_file_are_never_seeded(database: Database) -> None:
    async with database.transaction() as tx:
        project_id = await add_project(tx, await add_user(tx))
        folder = await add_file(tx, project_id, "src", is_directory=True)
        gone = await add_file(tx, project_id, "gone.txt")
        await files.delete_tree.all(tx, project_id=project_id, path="gone.txt", user_id=None)
        for file_id in (folder, gone, uuid4()):
            assert not await documents.create(
                tx, file_id, lineage=uuid4(), seed_client=SEED_CLIENT, seed_update=b"seed"
            )


async def test_loading_a_document_that_was_never_made_gives_none(database: Database) -> None:
    assert await documents.load(database, uuid4()) is None


async def test_a_batch_numbers_each_document_by_itself_in_the_order_given(room: Room) -> None:
    numbers = await room.commit(
        room.edit(room.second, "b2"),
        room.edit(room.first, "a2"),
        room.edit(room.first, "a3"),
        room.edit(room.second, "b3"),
    )
    assert numbers == [2, 2, 3, 3]
    loaded = await documents.load(room.db, room.first)
    assert loaded is not None
    assert [(row.seq, row.update_v1) for row in loaded.tail] == [(1, b"seed"), (2, b"a2"), (3, b"a3")]


async def test_the_counters_say_what_the_log_holds(room: Room) -> None:
    await room.commit(room.edit(room.first, "12345"), room.edit(room.first, "678"))
    head = await room.head(room.first)
    assert (head.last_seq, head.log_rows, head.log_bytes) == (3, 3, len(b"seed") + 8)


async def test_numbers_have_no_gaps_when_many_connections_commit_at_once(room: Room) -> None:
    """P2: every acknowledged number is in the log, once."""
    source = random.Random(7)
    settings = PoolSettings(max_connections=6)
    db = Database(room.db.dsn, settings)
    await db.open()

    async def committer() -> list[tuple[UUID, int]]:
        given: list[tuple[UUID, int]] = []
        for _ in range(15):
            edits = [room.edit(source.choice([room.first, room.second])) for _ in range(source.randint(1, 6))]
            async with db.acquire() as connection:
                numbers = await documents.commit(connection, edits)
            given += [(edit.document_id, seq) for edit, seq in zip(edits, numbers, strict=True) if seq is not None]
        return given

    try:
        given = [pair for part in await asyncio.gather(*(committer() for _ in range(6))) for pair in part]
    finally:
        await db.close()
    for document_id in (room.first, room.second):
        seqs = sorted(seq for owner, seq in given if owner == document_id)
        assert seqs == list(range(2, len(seqs) + 2))
        loaded = await documents.load(room.db, document_id)
        assert loaded is not None
        assert [row.seq for row in loaded.tail] == [1, *seqs]


async def test_committers_over_the_same_documents_in_opposite_order_do_not_deadlock(room: Room) -> None:
    async def committer(*order: UUID) -> None:
        for _ in range(25):
            assert None not in await room.commit(*(room.edit(document_id) for document_id in order))

    async with asyncio.timeout(30):
        await asyncio.gather(committer(room.first, room.second), committer(room.second, room.first))
    assert (await room.head(room.first)).last_seq == 51


async def test_a_deleted_document_is_skipped_and_the_others_are_written(room: Room) -> None:
    """P8."""
    async with room.db.acquire() as connection:
        await files.delete_tree.all(connection, project_id=room.project_id, path="a.txt", user_id=None)
    numbers = await room.commit(room.edit(room.first), room.edit(room.second), room.edit(uuid4()))
    assert numbers == [None, 2, None]


async def test_a_quarantined_document_is_skipped_until_it_is_opened_again(room: Room) -> None:
    async with room.db.acquire() as connection:
        assert await repair.set_state(connection, room.first, DocumentState.QUARANTINED)
        assert await room.commit(room.edit(room.first), room.edit(room.second)) == [None, 2]
        assert await repair.set_state(connection, room.first, DocumentState.LIVE)
    assert await room.commit(room.edit(room.first)) == [2]


async def test_a_document_that_someone_holds_costs_its_batch_a_bounded_wait_and_leaves_nothing(room: Room) -> None:
    async with room.db.transaction() as holder:
        await documents.lock_document.one(holder, document_id=room.first)
        with pytest.raises(StorageBusy):
            await room.commit(room.edit(room.second), room.edit(room.first))
        assert await room.commit(room.edit(room.second)) == [2]
    assert (await room.head(room.first)).last_seq == 1


async def test_an_author_that_the_document_does_not_know_fails_the_batch(room: Room) -> None:
    with pytest.raises(ConstraintRefused) as refused:
        await room.commit(Edit(room.first, 99, b"x"))
    assert refused.value.constraint == "document_updates_author"


async def test_a_client_id_belongs_to_the_first_author_who_brings_it(room: Room) -> None:
    """P6."""
    async with room.db.acquire() as connection:
        other = await documents.ensure_author(connection, room.first, await add_user(connection, "Bob"))
        await room.commit(room.edit(room.first), clients=(NewClient(room.first, 42, 1),))
        await room.commit(room.edit(room.first), clients=(NewClient(room.first, 42, other),))
        owners = await documents.document_clients.all(connection, document_id=room.first, after_client_id=-1, limit=10)
    assert owners == [documents.ClientRow(42, 1), documents.ClientRow(SEED_CLIENT, documents.SERVER_AUTHOR_NO)]


async def test_a_person_keeps_one_author_number_even_when_numbered_at_once(room: Room) -> None:
    async def ensure(user_id: UUID) -> int:
        async with room.db.acquire() as connection:
            return await documents.ensure_author(connection, room.first, user_id)

    async with room.db.acquire() as connection:
        people = [await add_user(connection, f"P{number}") for number in range(3)]
    numbers = await asyncio.gather(*(ensure(user_id) for user_id in people * 3))
    assert numbers[:3] == numbers[3:6] == numbers[6:]
    assert len(set(numbers)) == 3


async def test_no_author_number_is_given_in_a_document_that_is_gone(database: Database) -> None:
    async with database.acquire() as connection:
        with pytest.raises(RowMissing):
            await documents.ensure_author(connection, uuid4(), await add_user(connection))


async def compact(
    room: Room, document_id: UUID, *, base_seq: int, through_seq: int, waiting_seqs: Sequence[int] = ()
) -> bool:
    archive = NewArchive(base_seq + 1, through_seq, through_seq - base_seq, b"zlib", EXPIRY)
    async with room.db.transaction() as tx:
        assert await compaction.try_lock.one(tx, document_id=document_id)
        return await compaction.write_compaction(
            tx,
            document_id,
            base_seq=base_seq,
            through_seq=through_seq,
            state_v1=b"state",
            archive=archive,
            waiting_seqs=waiting_seqs,
        )


async def test_a_compacted_document_loads_as_snapshot_and_tail(room: Room) -> None:
    await room.commit(room.edit(room.first, "two"), room.edit(room.first, "three"))
    assert await compact(room, room.first, base_seq=0, through_seq=2)
    loaded = await documents.load(room.db, room.first)
    assert loaded is not None
    assert loaded.snapshot == documents.SnapshotRow(2, b"state")
    assert [row.seq for row in loaded.tail] == [3]
    assert (loaded.document.log_rows, loaded.document.log_bytes) == (1, len(b"three"))


async def test_compacting_from_a_snapshot_that_is_no_longer_the_newest_changes_nothing(room: Room) -> None:
    await room.commit(room.edit(room.first), room.edit(room.first))
    assert await compact(room, room.first, base_seq=0, through_seq=2)
    assert not await compact(room, room.first, base_seq=0, through_seq=3)
    assert not await compact(room, room.first, base_seq=2, through_seq=9)
    assert (await room.head(room.first)).snapshot_seq == 2


async def test_the_newest_two_snapshots_and_every_archive_are_kept(room: Room) -> None:
    for seq in range(1, 4):
        assert await compact(room, room.first, base_seq=seq - 1, through_seq=seq)
        await room.commit(room.edit(room.first))
    async with room.db.acquire() as connection:
        kept = await connection.fetch("select seq from document_snapshots order by seq")
        archives = await compaction.list_archives.all(connection, document_id=room.first, after_first_seq=0, limit=10)
        assert [row[0] for row in kept] == [2, 3]
        assert [archive.first_seq for archive in archives] == [1, 2, 3]
        before, after = EXPIRY - timedelta(days=1), EXPIRY + timedelta(days=1)
        assert await compaction.expire_archives.run(connection, now=before, limit=10) == 0
        assert await compaction.expire_archives.run(connection, now=after, limit=2) == 2


async def test_edits_that_arrive_while_a_compaction_is_written_are_kept_and_counted(room: Room) -> None:
    await room.commit(room.edit(room.first), room.edit(room.first))
    archive = NewArchive(1, 3, 3, b"zlib", EXPIRY)
    async with room.db.transaction() as tx:
        assert await compaction.write_compaction(
            tx, room.first, base_seq=0, through_seq=3, state_v1=b"state", archive=archive
        )
        async with room.db.acquire() as other:
            late = asyncio.ensure_future(documents.commit(other, [room.edit(room.first, "late")]))
            await until_someone_waits_for_a_lock(room.db)
            await tx.execute("commit")
            await tx.execute("begin")
            assert await late == [4]
    head = await room.head(room.first)
    assert (head.last_seq, head.snapshot_seq, head.log_rows, head.log_bytes) == (4, 3, 1, len(b"late"))


async def test_one_worker_compacts_a_document_at_a_time(room: Room) -> None:
    async with room.db.transaction() as first, room.db.transaction() as second:
        assert await compaction.try_lock.one(first, document_id=room.first)
        assert not await compaction.try_lock.one(second, document_id=room.first)
        assert await compaction.try_lock.one(second, document_id=room.second)


async def test_compaction_finds_the_heaviest_logs_first_and_light_ones_not_at_all(room: Room) -> None:
    await room.commit(room.edit(room.second, "x" * 300_000), *(room.edit(room.first) for _ in range(100)))
    async with room.db.acquire() as connection:
        light = await add_document(connection, room.project_id, "light.txt")
        work = await compaction.pick_work.all(
            connection, min_rows=50, min_bytes=100_000, tried_ids=[], retry_seqs=[], limit=10
        )
    assert [row.id for row in work] == [room.second, room.first]
    assert light not in [row.id for row in work]


async def test_a_quarantined_row_leaves_the_log_and_the_rest_still_loads(room: Room) -> None:
    """P8."""
    await room.commit(room.edit(room.first, "bad"), room.edit(room.first, "good"))
    async with room.db.acquire() as connection:
        assert await repair.quarantine_update(connection, room.first, 2, "does not apply")
        assert not await repair.quarantine_update(connection, room.first, 2, "again")
        broken = await repair.list_broken_documents.all(connection, after_document_id=UUID(int=0), limit=10)
        held = await repair.list_quarantined_updates.all(connection, document_id=room.first, after_seq=0, limit=10)
    loaded = await documents.load(room.db, room.first)
    assert loaded is not None
    assert [row.update_v1 for row in loaded.tail] == [b"seed", b"good"]
    assert loaded.document.log_rows == 2
    assert [(row.id, row.quarantined_rows) for row in broken] == [(room.first, 1)]
    assert [(row.seq, row.author_no, row.reason, row.update_v1) for row in held] == [(2, 1, "does not apply", b"bad")]


async def test_a_released_row_is_back_where_it_was(room: Room) -> None:
    await room.commit(room.edit(room.first, "bad"), room.edit(room.first, "good"))
    async with room.db.acquire() as connection:
        await repair.quarantine_update(connection, room.first, 2, "does not apply")
        assert await repair.release_update(connection, room.first, 2)
    loaded = await documents.load(room.db, room.first)
    assert loaded is not None
    assert [row.update_v1 for row in loaded.tail] == [b"seed", b"bad", b"good"]


async def test_a_row_is_not_released_behind_a_snapshot(room: Room) -> None:
    await room.commit(room.edit(room.first, "bad"), room.edit(room.first, "good"))
    async with room.db.acquire() as connection:
        await repair.quarantine_update(connection, room.first, 2, "does not apply")
        assert await compact(room, room.first, base_seq=0, through_seq=3)
        assert not await repair.release_update(connection, room.first, 2)


async def test_a_log_that_lacks_a_row_is_an_error_and_never_a_shorter_document(room: Room) -> None:
    """P7."""
    await room.commit(room.edit(room.first), room.edit(room.first))
    async with room.db.acquire() as connection:
        await connection.execute("delete from document_updates where document_id = $1 and seq = 2", [room.first])
    with pytest.raises(DocumentLogBroken, match="ends at 3"):
        await documents.load(room.db, room.first)


async def test_a_snapshot_that_is_missing_is_an_error(room: Room) -> None:
    assert await compact(room, room.first, base_seq=0, through_seq=1)
    async with room.db.acquire() as connection:
        await connection.execute("delete from document_snapshots where document_id = $1", [room.first])
    with pytest.raises(DocumentLogBroken, match="snapshot"):
        await documents.load(room.db, room.first)


async def test_a_new_lineage_begins_from_its_seed_and_remembers_the_old_one(room: Room) -> None:
    """P7."""
    old = await room.head(room.first)
    await room.commit(room.edit(room.first))
    lineage = uuid4()
    async with room.db.transaction() as tx:
        seq = await repair.begin_lineage(
            tx, room.first, lineage=lineage, seed_client=SEED_CLIENT + 1, seed_update=b"anew"
        )
        retired = await documents.retired_lineages.all(tx, document_id=room.first, limit=10)
    loaded = await documents.load(room.db, room.first)
    assert loaded is not None
    assert (loaded.document.lineage, loaded.document.epoch, loaded.tail) == (lineage, 2, [])
    assert loaded.snapshot == documents.SnapshotRow(seq, b"anew")
    assert seq == 3
    assert [(row.seed_client, row.lineage) for row in retired] == [(SEED_CLIENT, old.lineage)]
    assert await room.commit(room.edit(room.first)) == [4]


async def test_a_seed_outside_the_reserved_range_is_refused(database: Database) -> None:
    async with database.transaction() as tx:
        file_id = await add_file(tx, await add_project(tx, await add_user(tx)), "main.py")
    async with database.acquire() as connection:
        with pytest.raises(ConstraintRefused):
            await documents.create(connection, file_id, lineage=uuid4(), seed_client=7, seed_update=b"seed")


async def test_heads_tell_deleted_from_live_and_leave_out_what_is_gone(room: Room) -> None:
    async with room.db.acquire() as connection:
        await files.delete_tree.all(connection, project_id=room.project_id, path="a.txt", user_id=None)
        found = await documents.heads.all(connection, document_ids=[room.first, room.second, uuid4()])
    assert {row.id: row.is_deleted for row in found} == {room.first: True, room.second: False}
