"""A whole worker behind uvicorn in this process, on either adapter: the doors as raw sockets see them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol import frame
from protocol.frame import Value
from protocol.ids import ProjectId
from protocol.message import Type
from protocol.session import Hello
from server.cli.serving import uvicorn_config
from tests.harness.listening import listening
from tests.harness.raw_client import BINARY, RawClient, framed
from tests.harness.worker import Person, Worker, running_worker


@dataclass(frozen=True, slots=True)
class Doors:
    """`ada` owns the project, which holds the file `a.txt`."""

    worker: Worker
    port: int
    ada: Person
    project_id: ProjectId

    def hello(self, token: str | None = None) -> bytes:
        """The frame of Hello, with Ada's token unless another is given."""
        body = Hello(minor=0, client="raw", project_id=self.project_id, token=token or self.ada.token)
        return said([Type.HELLO, body.model_dump(mode="json")])

    async def welcomed(self, client: RawClient) -> None:
        """Sign Ada in."""
        client.send(self.hello())
        assert (await heard(client))[0] == Type.HELLO

    @property
    def yjs(self) -> str:
        """The path of the other door."""
        return f"/yjs/{self.project_id}/a.txt?token={self.ada.token}"


def said(fields: list[Value]) -> bytes:
    """A message as a client frames it."""
    return framed(BINARY, frame.encode(fields))


async def heard(client: RawClient) -> list[Any]:
    return frame.decode(await client.message())


@asynccontextmanager
async def doors(
    database_url: str, adapter: str, *, certificate: Path | None = None, **settings: Any
) -> AsyncIterator[Doors]:
    """Open for as long as the block runs, under TLS with a certificate. `settings` are fields of `Settings`."""
    settings["socket_adapter"] = adapter
    async with running_worker(database_url, **settings) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": ""})
        config = uvicorn_config(worker.app.settings, worker.asgi)
        config.ssl_certfile = certificate
        async with listening(config) as port:
            yield Doors(worker, port, ada, project_id)
