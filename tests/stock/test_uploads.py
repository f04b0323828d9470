"""Unmodified tus-js-client: uploads that break off go on, and the server's memory does not grow with the file."""

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.harness.live_server import LiveServer
from tests.harness.node_process import NodeProcess, node_process

log = logging.getLogger(__name__)

MIB = 1 << 20
GROWTH_LIMIT_BYTES = 48 * MIB  # chunks under way, buffers of both sockets, what the allocator keeps
SAMPLE_S = 0.02
UPLOAD_TIMEOUT_S = 500


@dataclass(frozen=True, slots=True)
class Client:
    node: NodeProcess
    server: LiveServer

    async def upload(self, file: Path, path: str, **options: Any) -> dict[str, Any]:
        endpoint = f"{self.server.url}/uploads/{self.server.project_id}"
        return await self.node.ask(
            "upload",
            timeout_s=UPLOAD_TIMEOUT_S,
            file=str(file),
            path=path,
            endpoint=endpoint,
            token=self.server.token,
            **options,
        )

    async def digest(self, path: str) -> str:
        """SHA-256 of what a download brings."""
        sha = hashlib.sha256()
        url = f"{self.server.url}/files/{self.server.project_id}/{path}"
        headers = {"authorization": f"Bearer {self.server.token}"}
        async with httpx.AsyncClient(timeout=60) as http, http.stream("GET", url, headers=headers) as got:
            assert got.status_code == 200
            async for piece in got.aiter_bytes():
                sha.update(piece)
        return sha.hexdigest()


@pytest.fixture
async def client(server: LiveServer) -> AsyncIterator[Client]:
    async with node_process("upload.mjs") as node:
        yield Client(node, server)


@pytest.fixture
def large(tmp_path: Path) -> tuple[Path, str]:
    """A file of 64 MiB that nothing compresses, and its SHA-256."""
    return written(tmp_path / "large.bin", 64)


def written(path: Path, size_mib: int) -> tuple[Path, str]:
    sha = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(size_mib):
            piece = os.urandom(MIB)
            sha.update(piece)
            file.write(piece)
    return path, sha.hexdigest()


async def peak_growth(server: LiveServer, work: Any) -> tuple[Any, int]:
    """The result of the work, and by how many bytes the server's memory grew at most while it ran."""
    process = psutil.Process(server.pid)
    before = peak = process.memory_info().rss
    working = asyncio.ensure_future(work)
    while not working.done():
        peak = max(peak, process.memory_info().rss)
        await asyncio.wait((working,), timeout=SAMPLE_S)
    return await working, peak - before


async def test_one_request_carries_a_file_and_memory_stays_flat(client: Client, large: tuple[Path, str]) -> None:
    file, digest = large
    result, growth = await peak_growth(client.server, client.upload(file, "up/whole.bin"))
    assert result["done"]
    assert await client.digest("up/whole.bin") == digest
    assert growth < GROWTH_LIMIT_BYTES


async def test_an_upload_that_broke_off_goes_on_where_it_was(client: Client, large: tuple[Path, str]) -> None:
    file, digest = large
    size = file.stat().st_size
    first = await client.upload(file, "up/resumed.bin", chunkBytes=8 * MIB, stopAt=size * 4 // 10)
    assert not first["done"]
    second = await client.upload(file, "up/resumed.bin", chunkBytes=8 * MIB, url=first["url"])
    assert second["done"]
    assert second["requests"] <= 1 + 6  # HEAD, then the rest in pieces
    assert await client.digest("up/resumed.bin") == digest


async def test_an_upload_survives_a_crash_of_the_server(
    client: Client, large: tuple[Path, str], server: LiveServer
) -> None:
    """P2."""
    file, digest = large
    first = await client.upload(file, "up/crash.bin", chunkBytes=8 * MIB, stopAt=file.stat().st_size // 2)
    await server.kill()
    await server.start()
    second = await client.upload(file, "up/crash.bin", chunkBytes=8 * MIB, url=first["url"])
    assert second["done"]
    assert await client.digest("up/crash.bin") == digest


async def test_an_ended_upload_cannot_go_on(client: Client, large: tuple[Path, str]) -> None:
    file, _ = large
    first = await client.upload(file, "up/ended.bin", chunkBytes=8 * MIB, stopAt=16 * MIB)
    await client.node.ask("terminate", url=first["url"], token=client.server.token)
    headers = {"authorization": f"Bearer {client.server.token}", "tus-resumable": "1.0.0"}
    async with httpx.AsyncClient() as http:
        assert (await http.head(first["url"], headers=headers)).status_code == 404


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_gibibyte_interrupted_at_forty_percent_resumes_in_flat_memory(client: Client, tmp_path: Path) -> None:
    file, digest = written(tmp_path / "huge.bin", 1024)
    size = file.stat().st_size

    async def interrupted() -> dict[str, Any]:
        first = await client.upload(file, "up/huge.bin", stopAt=size * 4 // 10)
        assert not first["done"]
        return await client.upload(file, "up/huge.bin", url=first["url"])

    result, growth = await peak_growth(client.server, interrupted())
    assert result["done"]
    downloaded, download_growth = await peak_growth(client.server, client.digest("up/huge.bin"))
    assert downloaded == digest
    log.info("memory grew by %d bytes while uploading, %d while downloading", growth, download_growth)
    assert growth < GROWTH_LIMIT_BYTES
    assert download_growth < GROWTH_LIMIT_BYTES
