"""How many statements a worker sends to PostgreSQL, as its driver sends them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.harness.worker import Worker


@asynccontextmanager
async def counted_statements(worker: Worker) -> AsyncIterator[list[str]]:
    """The statements of all connections that are open now, while the block runs.

    Who asks and what they may do is looked up in it, too: nothing of that is remembered from before.
    """
    seen: list[str] = []

    def note(record: Any) -> None:
        seen.append(record.query)

    worker.app.door.sign_ins.forget(None)
    worker.app.door.grants.forget(None, None)
    pool = worker.app.db._pool
    assert pool is not None
    raw = [holder._con for holder in pool._holders if holder._con is not None]
    for connection in raw:
        connection.add_query_logger(note)
    try:
        yield seen
    finally:
        for connection in raw:
            connection.remove_query_logger(note)
