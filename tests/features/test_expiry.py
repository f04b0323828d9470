"""What is over goes: by the worker's jobs, in one run however much it is (P10)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from protocol.ids import UserId
from server.access.credentials import Credentials
from server.access.tokens import end_token
from server.clock import ManualClock, SystemClock
from server.errors import Unauthenticated
from server.feature import Feature
from server.features import accounts, files
from server.features.files.tree import create_file, delete_tree
from server.store import accounts as account_store
from server.store import commands
from server.store.db import Database
from server.store.expiry import expire
from tests.features.documents.history import services_on
from tests.store.examples import add_project, add_session, add_user

START = datetime(2026, 1, 1, tzinfo=UTC)


async def count(db: Database, table: str) -> int:
    async with db.acquire() as connection:
        return int((await connection.fetch(f"select count(*) from {table}"))[0][0])


async def run_jobs(feature: Feature) -> None:
    for job in feature.jobs:
        await job.run()


def later(days: int) -> ManualClock:
    return ManualClock(datetime.now(UTC) + timedelta(days=days))


async def test_answers_of_old_commands_are_deleted_and_recent_ones_kept(database: Database) -> None:
    """P10, P12."""
    async with database.transaction() as tx:
        await commands.claim_command.one(tx, user_id=await add_user(tx), command_id=uuid4(), fingerprint=None)
    await run_jobs(accounts.build(services_on(database, later(6), command_id_days=7)))
    assert await count(database, "command_ids") == 1
    await run_jobs(accounts.build(services_on(database, later(8), command_id_days=7)))
    assert await count(database, "command_ids") == 0


async def test_tombstones_are_deleted_after_their_retention(database: Database) -> None:
    """P10."""
    async with database.transaction() as tx:
        user_id = await add_user(tx)
        project_id = await add_project(tx, user_id)
        for path in ("gone.txt", "kept.txt"):
            await create_file(tx, project_id, path, "text", user_id)
        await delete_tree(tx, project_id, "gone.txt", user_id)
    await run_jobs(files.build(services_on(database, later(29), tombstone_days=30)))
    assert await count(database, "project_files") == 2
    await run_jobs(files.build(services_on(database, later(31), tombstone_days=30)))
    assert await count(database, "project_files") == 1


async def test_one_run_deletes_more_than_one_batch(database: Database) -> None:
    """P10."""
    async with database.transaction() as tx:
        user_id = await add_user(tx)
        for n in range(7):
            await add_session(tx, user_id, str(n), START)
    assert await expire(database, account_store.expire_sessions, batch_rows=2, now=START) == 7
    assert await count(database, "sessions") == 0


async def test_the_use_of_a_token_shows_in_the_list(database: Database) -> None:
    clock = ManualClock(START)
    credentials = Credentials(database, clock)
    async with database.transaction() as tx:
        user_id = await add_user(tx)
    token = await credentials.make_token(user_id, "test", frozenset({"read"}))
    seen = [(await credentials.tokens_of(user_id))[0].last_used_at]
    for wait_s in (0, 59, 2):
        clock.advance(wait_s)
        await credentials.of_token(token)
        seen.append((await credentials.tokens_of(user_id))[0].last_used_at)
    assert seen == [None, START, START, START + timedelta(seconds=61)]


async def test_a_revoked_token_opens_nothing_and_leaves_the_list(database: Database) -> None:
    """P5."""
    credentials = Credentials(database, SystemClock())
    async with database.transaction() as tx:
        user_id, other = await add_user(tx), await add_user(tx, "Eve")
    token = await credentials.make_token(user_id, "test", frozenset({"read"}))
    token_id = (await credentials.tokens_of(user_id))[0].id
    async with database.transaction() as tx:
        assert not await end_token(tx, UserId(other), token_id, START, by=None)
        assert await end_token(tx, UserId(user_id), token_id, START, by=None)
    assert await credentials.tokens_of(user_id) == []
    with pytest.raises(Unauthenticated):
        await credentials.of_token(token)
