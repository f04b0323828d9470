"""A worker of its own for each test of a feature."""

from collections.abc import AsyncIterator

import pytest

from tests.harness.worker import Worker, running_worker


@pytest.fixture
async def worker(database_url: str) -> AsyncIterator[Worker]:
    async with running_worker(database_url) as worker:
        yield worker
