"""A whole worker in this process: every part of it real, its doors reached without a network."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from starlette.applications import Starlette

import protocol
from protocol.ids import ProjectId, UserId
from protocol.session import Hello, ResumeFrom
from runner.hub_client import HubClient
from server.access.people import make_user
from server.access.principal import EVERY_SCOPE
from server.app import App, running_app
from server.bus.port import Bus
from server.clock import Clock
from server.feature import Home
from server.features.files.tree import create_file
from server.features.projects import make_project
from server.settings import Settings
from tests.harness.asgi import AsgiConnection, websocket


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a bearer token."""

    id: UserId
    token: str


@dataclass(frozen=True, slots=True)
class Worker:
    app: App
    asgi: Starlette

    async def person(self, name: str = "ada", scopes: frozenset[str] = EVERY_SCOPE) -> Person:
        user_id = await make_user(self.app.db, f"{name}@example.org", name.title())
        return Person(user_id, await self.token(user_id, scopes))

    async def token(self, user_id: UserId, scopes: frozenset[str] = EVERY_SCOPE) -> str:
        return await self.app.door.credentials.make_token(user_id, "test", scopes)

    async def project(self, owner: Person, files: dict[str, str] | None = None) -> ProjectId:
        """A project of somebody, with text files by path."""
        project_id = await make_project(self.app.db, "Sketch", owner.id)
        async with self.app.db.transaction() as tx:
            for path, content in (files or {}).items():
                await create_file(tx, project_id, path, content, owner.id)
        return project_id

    @asynccontextmanager
    async def client(
        self,
        person: Person,
        project_id: UUID,
        *,
        resume: ResumeFrom | None = None,
        token: str | None = None,
        **options: Any,
    ) -> AsyncIterator[HubClient]:
        """A signed-in client on `/ws`."""
        async with websocket(self.asgi, "/ws", subprotocols=(protocol.SUBPROTOCOL,), **options) as connection:
            client = HubClient(connection)  # type: ignore[arg-type]
            await client.greet(
                Hello(
                    minor=protocol.VERSION[1],
                    client="test",
                    project_id=ProjectId(project_id),
                    token=token or person.token,
                    resume=resume,
                )
            )
            reading = asyncio.ensure_future(client.read())
            try:
                yield client
            finally:
                reading.cancel()
                await asyncio.wait((reading,))

    @asynccontextmanager
    async def yjs(self, token: str, project_id: UUID, path: str, **options: Any) -> AsyncIterator[AsgiConnection]:
        """A socket as a stock provider opens it."""
        async with websocket(self.asgi, f"/yjs/{project_id}/{path}?token={token}", **options) as connection:
            yield connection

    def http(self, person: Person, project_id: UUID | None = None) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {person.token}"}
        if project_id is not None:
            headers["x-project"] = str(project_id)
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.asgi), base_url="http://127.0.0.1:8000", headers=headers
        )


@asynccontextmanager
async def running_worker(
    database_url: str, *, bus: Bus | None = None, clock: Clock | None = None, **settings: Any
) -> AsyncIterator[Worker]:
    """Run a worker; those whose buses share an exchange hear one another. `settings` are fields of `Settings`."""
    made = Settings(database_url=database_url, **settings)
    homes = (Home.WEB,)
    async with running_app(made, database_url, homes=homes, bus=bus, clock=clock) as app:
        yield Worker(app, app.asgi())
