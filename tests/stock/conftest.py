"""One live server for all tests of this folder; each test works on files of its own."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.harness.live_server import LiveServer, live_server
from tests.harness.stock_clients import StockClients, stock_clients

HERE = Path(__file__).parent
OWNER = "demo@flashio.local"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.stock)


@pytest.fixture(scope="session")
def server() -> Iterator[LiveServer]:
    with asyncio.Runner() as runner:
        context = live_server()
        yield runner.run(context.__aenter__())
        runner.run(context.__aexit__(None, None, None))


@pytest.fixture
async def stock(server: LiveServer) -> AsyncIterator[StockClients]:
    async with stock_clients(server) as clients:
        yield clients


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture
def path(_numbers: Iterator[int]) -> str:
    """A path that nothing was ever at."""
    return f"notes/file {next(_numbers)}.md"


@pytest.fixture(scope="session")
def reader_token(server: LiveServer) -> str:
    """A token of the demo user that may only read."""
    return server.run("token", "create", OWNER, "--scope", "read").stdout.strip()


@pytest.fixture(scope="session")
def foreign_project(server: LiveServer) -> str:
    """A project of somebody else."""
    server.run("user", "create", "eve@example.org")
    return server.run("project", "create", "Hers", "--owner", "eve@example.org").stdout.strip()
