"""Unmodified npm clients in Node, steered from Python: what a user of y-websocket sees."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.harness.live_server import LiveServer
from tests.harness.node_process import ANSWER_TIMEOUT_S, NodeProcess, node_process


@dataclass(frozen=True, slots=True)
class State:
    """What a client shows at one moment: `others` are names, `denials` reasons told in-band, `closes` close codes."""

    text: str
    synced: bool
    connected: bool
    retrying: bool
    unsaved: int
    others: list[str]
    denials: list[str]
    closes: list[int]
    syncs: int
    awarenessMessages: int  # noqa: N815 - as the client says it


class NeverHappened(AssertionError):
    """What a test waited for did not come; the message shows the client as it is."""


@dataclass(frozen=True, slots=True)
class StockClient:
    """One provider and its document."""

    name: str
    node: NodeProcess

    async def insert(self, at: int, text: str) -> None:
        await self._do("insert", at=at, text=text)

    async def delete(self, at: int, length: int) -> None:
        await self._do("delete", at=at, length=length)

    async def set_user(self, **user: str) -> None:
        await self._do("setUser", user=user)

    async def disconnect(self) -> None:
        await self._do("disconnect")

    async def reconnect(self) -> None:
        await self._do("reconnect")

    async def cut(self) -> None:
        """Break its connection as a lost network does; the provider comes back by itself."""
        await self._do("cut")

    async def destroy(self) -> None:
        await self._do("destroy")

    async def state(self) -> State:
        return State(**await self._do("state"))

    async def until(self, what: str, value: object = None, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        """Return when the condition `what` of robot.mjs holds.

        Raises:
            NeverHappened: it did not in time.
        """
        try:
            await self._do("until", timeout_s=timeout_s, what=what, value=value)
        except TimeoutError:
            raise NeverHappened(f"{self.name} waited for {what} {value!r}: {await self.state()}") from None

    async def _do(self, action: str, **request: Any) -> Any:
        return await self.node.ask(action, client=self.name, **request)


class StockClients:
    """A Node process full of clients. Use `stock_clients`."""

    def __init__(self, node: NodeProcess, server: LiveServer) -> None:
        self._node = node
        self._server = server
        self._numbers = itertools.count(1)

    async def connect(
        self, path: str, *, version: int = 3, token: str | None = "", project: str | None = None
    ) -> StockClient:
        """A new client at a path of a project; by default with the demo user's token in the demo project."""
        name = f"client {next(self._numbers)} (v{version})"
        await self._node.ask(
            "connect",
            client=name,
            version=version,
            server=self._server.url.replace("http", "ws", 1) + "/yjs/" + (project or self._server.project_id),
            room=path,
            token=self._server.token if token == "" else token,
        )
        return StockClient(name, self._node)

    async def synced(self, path: str, *, version: int = 3, **where: Any) -> StockClient:
        """A new client that has what the server has."""
        client = await self.connect(path, version=version, **where)
        await client.until("synced", value=True)
        return client


@asynccontextmanager
async def stock_clients(server: LiveServer) -> AsyncIterator[StockClients]:
    """Clients of one server; all go when the block ends."""
    async with node_process("robot.mjs") as node:
        yield StockClients(node, server)
