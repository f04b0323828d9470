"""Somebody who sends commands over HTTP, in a project or in none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID, uuid4

import httpx

from protocol.ids import ProjectId
from protocol.model import Command, WireModel
from runner.hub_client import ServerRefused, reply_type
from server.access.roles import Role
from server.store.projects import add_collaborator
from tests.harness.worker import Person, Worker

R = TypeVar("R", bound=WireModel)


@dataclass(frozen=True, slots=True)
class Commander:
    worker: Worker
    person: Person
    http: httpx.AsyncClient

    async def command(self, command: Command[R], project_id: UUID | None = None) -> R:
        """Run a command and return its reply.

        Raises:
            ServerRefused: the server answered with an error.
        """
        headers = {"content-type": "application/json"}
        if command.mutates:
            headers["idempotency-key"] = str(uuid4())
        if project_id is not None:
            headers["x-project"] = str(project_id)
        body = command.model_dump_json().encode()
        answer = await self.http.post(f"/api/{command.name}", content=body, headers=headers)
        if answer.status_code != 200:
            raise ServerRefused({**answer.json(), "message": answer.json()["detail"]})
        return reply_type(type(command)).model_validate_json(answer.content)


@asynccontextmanager
async def commander(worker: Worker, person: Person) -> AsyncIterator[Commander]:
    async with worker.http(person) as http:
        yield Commander(worker, person, http)


async def executed(worker: Worker, sql: str, *arguments: object) -> None:
    """Put the database into a state that no command makes, or not yet."""
    async with worker.app.db.transaction() as tx:
        await tx.execute(sql, arguments)


async def joins(worker: Worker, project_id: ProjectId, person: Person, role: str = Role.EDITOR) -> None:
    """Let somebody belong to a project."""
    async with worker.app.db.transaction() as tx:
        await add_collaborator.run(tx, project_id=project_id, user_id=person.id, role=role, invited_by=None)


async def becomes_guest(worker: Worker, person: Person) -> None:
    """Let somebody be known for an hour only."""
    await executed(worker, "update users set is_guest = true, expires_at = now() + '1 h' where id = $1", person.id)
