"""A document with people in it, for every test of the documents feature."""

from collections.abc import AsyncIterator

import pytest

from server.store.db import Database
from tests.features.documents.room import Room, room_on


@pytest.fixture
async def room(database: Database) -> AsyncIterator[Room]:
    async with room_on(database) as room:
        yield room
