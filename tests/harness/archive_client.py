"""Imports and exports as somebody asks for them over HTTP, waited for until they are over."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

from server.store.db import Connection
from tests.harness.worker import Worker

TIMEOUT_S = 60.0
TASK = "import an archive"
LEFT_BEHIND = ("imports", "import_files", "blobs", "blob_chunks", "blob_bytes", "project_files", "projects")


@dataclass(frozen=True, slots=True)
class Archives:
    http: httpx.AsyncClient
    worker: Worker

    async def imported(self, data: bytes, into: str | None = None, **query: str) -> dict[str, Any]:
        """Bring an archive and return how the import ended."""
        named = query if into else {"name": "Imported"} | query
        sent = await self.http.post(f"/archives/{into}" if into else "/archives", params=named, content=data)
        assert sent.status_code == 202, sent.text
        return await self.ended(sent.json()["id"])

    async def ended(self, import_id: str) -> dict[str, Any]:
        """How an import is once the worker has no other under way."""
        await self.idle()
        reply = await self.http.post("/api/archives/progress", json={"id": import_id})
        assert reply.status_code == 200, reply.text
        progress: dict[str, Any] = reply.json()
        return progress

    async def idle(self) -> None:
        """Return when the worker imports nothing."""
        under_way = [task for task in self.worker.app.tasks.running() if task.get_name() == TASK]
        if under_way:
            await asyncio.wait(under_way, timeout=TIMEOUT_S)

    async def exported(self, project_id: str, kind: str = "zip") -> bytes:
        got = await self.http.get(f"/archives/{project_id}.{kind}")
        assert got.status_code == 200, got.text
        return got.content

    async def files(self, project_id: str) -> dict[str, dict[str, Any]]:
        """Every entry of a project by its path."""
        reply = await self.http.post("/api/files/list", json={"limit": 1000}, headers={"x-project": project_id})
        return {entry["path"]: entry for entry in reply.json()["files"]}

    async def content(self, project_id: str, path: str) -> bytes:
        got = await self.http.get(f"/files/{project_id}/{path}")
        assert got.status_code == 200, got.text
        return got.content


async def rows_left(connection: Connection) -> dict[str, int]:
    """How many rows the tables hold that an import writes; what it refused leaves one row that says why."""
    return {table: (await connection.fetch(f"select count(*) from {table}"))[0][0] for table in LEFT_BEHIND}
