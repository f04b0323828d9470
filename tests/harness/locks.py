"""Waiting for somebody to wait: how tests bring two transactions into an order that chance seldom makes."""

import asyncio

from server.store.db import Database


async def until_someone_waits_for_a_lock(db: Database) -> None:
    async with asyncio.timeout(5), db.acquire() as connection:
        while not await connection.fetch(
            "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        ):
            continue
