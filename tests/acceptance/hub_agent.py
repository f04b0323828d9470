"""An agent of a replay that speaks our own protocol, and knows exactly what was acknowledged to it.

It sends its edits once what their author had seen has arrived, goes on at a person's pace while it is disconnected,
and comes back with its replica until it has sent everything and seen everything.
"""

import asyncio
import base64
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from websockets.exceptions import InvalidHandshake, InvalidMessage

from runner.hub_client import Channel, Disconnected, ServerRefused, connected
from tests.acceptance.replica import Replica

OFFLINE_PAUSE_S = 0.05  # between two edits while disconnected, as in replay.mjs
PATIENCE_S = 120.0
AWAY = (OSError, Disconnected, ServerRefused, InvalidHandshake, InvalidMessage)


@dataclass(frozen=True, slots=True)
class AuthoredEdit:
    """`seen` counts, per agent, what its author had seen; `units` are as in contents.mjs."""

    agent: int
    seen: list[int]
    update: bytes
    units: list[str]

    @classmethod
    def of(cls, edit: dict[str, Any]) -> "AuthoredEdit":
        return cls(edit["agent"], edit["seen"], base64.b64decode(edit["update"]), edit["units"])


@dataclass(frozen=True, slots=True)
class Place:
    """Where an agent writes."""

    url: str
    project_id: UUID
    token: str
    path: str


class HubAgent:
    """`written` counts its edits in its replica, `acknowledged` those that the server called saved."""

    def __init__(self, number: int, edits: list[AuthoredEdit], place: Place) -> None:
        self.replica = Replica()
        self.written = 0
        self.acknowledged = 0
        self.online = asyncio.Event()
        self._place = place
        self._own = [edit for edit in edits if edit.agent == number]
        self._theirs: dict[int, list[AuthoredEdit]] = {}
        for edit in edits:
            if edit.agent != number:
                self._theirs.setdefault(edit.agent, []).append(edit)
        self._heard = dict.fromkeys(self._theirs, 0)
        self._asked: list[bytes] = []
        self._covered: dict[int, int] = {}  # edits of the channel -> own edits that they covered

    @property
    def acknowledged_units(self) -> list[str]:
        return [unit for edit in self._own[: self.acknowledged] for unit in edit.units]

    async def run(self) -> None:
        """Return when everything is sent, acknowledged and seen."""
        while not self._is_done:
            try:
                await self._visit()
            except AWAY:
                self.online.clear()
                self._write_next()
                await asyncio.sleep(OFFLINE_PAUSE_S)

    @property
    def _is_done(self) -> bool:
        return self.acknowledged == len(self._own) and all(
            self._has_heard(agent, len(edits)) for agent, edits in self._theirs.items()
        )

    async def _visit(self) -> None:
        """One connection, until all is done or it breaks."""
        self._asked.clear()
        self._covered.clear()
        place = self._place
        async with connected(place.url, place.project_id, token=place.token) as client:
            channel = await client.open(
                place.path,
                state_vector=self.replica.state_vector(),
                create=True,
                on_update=self.replica.apply,
                on_ask=self._asked.append,
            )
            try:
                await self._converse(channel)
            finally:
                self._take_acknowledgement(channel)

    async def _converse(self, channel: Channel) -> None:
        """Answer what is asked and send each edit when its time has come."""
        await channel.until(lambda: bool(self._asked), PATIENCE_S)
        while not self._is_done:
            if self._asked:
                await self._send(channel, self.replica.diff(self._asked.pop(0)))
                self.online.set()
            elif update := self._write_next():
                await self._send(channel, update)
                await asyncio.sleep(0)
            else:
                await channel.until(lambda: self._has_business(channel), PATIENCE_S)
            self._take_acknowledgement(channel)

    def _has_business(self, channel: Channel) -> bool:
        self._take_acknowledgement(channel)
        return bool(self._asked) or self._may_write or self._is_done

    def _take_acknowledgement(self, channel: Channel) -> None:
        self.acknowledged = max(self.acknowledged, self._covered.get(channel.saved, 0))

    async def _send(self, channel: Channel, update: bytes) -> None:
        self._covered[channel.sent + 1] = self.written
        await channel.edit(update)

    def _write_next(self) -> bytes | None:
        """Write the next edit into the replica and return it, if what its author had seen is here."""
        if not self._may_write:
            return None
        update = self._own[self.written].update
        self.replica.apply(update)
        self.written += 1
        return update

    @property
    def _may_write(self) -> bool:
        if self.written == len(self._own):
            return False
        seen = self._own[self.written].seen
        return all(self._has_heard(agent, seen[agent]) for agent in self._theirs)

    def _has_heard(self, agent: int, count: int) -> bool:
        heard, theirs = self._heard[agent], self._theirs[agent]
        while heard < count and self.replica.holds(theirs[heard].units):
            heard += 1
        self._heard[agent] = heard
        return heard >= count
