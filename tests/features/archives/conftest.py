"""Somebody who brings archives, and the worker that takes them."""

from collections.abc import AsyncIterator

import pytest

from tests.harness.archive_client import Archives
from tests.harness.worker import Person, Worker


@pytest.fixture
async def ada(worker: Worker) -> Person:
    return await worker.person()


@pytest.fixture
async def archives(worker: Worker, ada: Person) -> AsyncIterator[Archives]:
    async with worker.http(ada) as http:
        yield Archives(http, worker)
