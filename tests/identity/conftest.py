"""A provider that says what the test wants, and a server that knows it."""

from collections.abc import AsyncIterator

import pytest

from server.clock import ManualClock, SystemClock
from tests.harness.issuer import StatedIssuer, stated_issuer
from tests.identity.returning import Inn, inn_at


@pytest.fixture
async def issuer() -> AsyncIterator[StatedIssuer]:
    async with stated_issuer() as issuer:
        yield issuer


@pytest.fixture
async def inn(database_url: str, issuer: StatedIssuer) -> AsyncIterator[Inn]:
    async with inn_at(database_url, issuer, clock=ManualClock(SystemClock().now())) as inn:
        yield inn
