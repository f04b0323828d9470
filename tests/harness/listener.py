"""What a client is told of a project, in the order of arrival."""

import asyncio
from typing import Any

from runner.hub_client import HubClient

SETTLE_TIMEOUT_S = 20


class Listener:
    """The numbered events that a client was told, in the order of arrival."""

    def __init__(self, client: HubClient) -> None:
        self.events: list[tuple[str, dict[str, Any], int | None]] = []
        self._changed = asyncio.Event()
        client.on_event = self._take

    def _take(self, name: str, body: dict[str, Any], seq: int | None) -> None:
        self.events.append((name, body, seq))
        self._changed.set()

    @property
    def seqs(self) -> list[int | None]:
        return [seq for _, _, seq in self.events]

    async def until(self, seq: int) -> "Listener":
        async with asyncio.timeout(SETTLE_TIMEOUT_S):
            while seq not in self.seqs:
                self._changed.clear()
                await self._changed.wait()
        return self

    async def until_named(self, name: str) -> "Listener":
        """Wait for an event of this name, numbered or not."""
        async with asyncio.timeout(SETTLE_TIMEOUT_S):
            while all(known != name for known, _, _ in self.events):
                self._changed.clear()
                await self._changed.wait()
        return self
