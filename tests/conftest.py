"""Fixtures shared by all tests."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest

from server.store.db import Database
from tests.harness.postgres import TestServer, running_server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[TestServer]:
    """A PostgreSQL server: the one behind DATABASE_URL, else an embedded one."""
    with running_server(os.environ.get("DATABASE_URL")) as server:
        yield server


@pytest.fixture
async def database_url(postgres_server: TestServer) -> AsyncIterator[str]:
    """The address of a fresh, migrated database that this test has for itself."""
    dsn = await postgres_server.create_database()
    yield dsn
    await postgres_server.drop_database(dsn)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open pool on a fresh, migrated database."""
    opened = Database(database_url)
    await opened.open()
    yield opened
    await opened.close()
