"""Deleting what is over: all of it in one run, in short transactions."""

from server.store.db import Database
from server.store.queries import Query

BATCH_ROWS = 1_000  # per transaction, so that locks are held for milliseconds


async def expire(db: Database, statement: Query[None], *, batch_rows: int = BATCH_ROWS, **params: object) -> int:
    """Run a statement that deletes up to `limit` rows until it finds fewer, and return how many went."""
    gone = 0
    while True:
        async with db.transaction() as tx:
            deleted = await statement.run(tx, limit=batch_rows, **params)
        gone += deleted
        if deleted < batch_rows:
            return gone
