"""Both adapters of the socket, one suite."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvloop

from tests.harness.wire_server import WireServer, wire_server


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Any]:
    """The loop that the server runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(params=["fast", "asgi"])
def adapter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def server(adapter: str) -> AsyncIterator[WireServer]:
    async with wire_server(adapter) as server:
        yield server
