"""A large upload by the stock tus-js-client, broken off and gone on with, and the server's memory while it ran.

Examples:
    python -m tests.acceptance.upload
    python -m tests.acceptance.upload --size-mib 64 --interrupt-percent 40 --growth-limit-mib 48
"""

import argparse
import asyncio
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from tests.harness.live_server import LiveServer, live_server
from tests.harness.node_process import NodeProcess, node_process

MIB = 1 << 20
SAMPLE_S = 0.1
UPLOAD_TIMEOUT_S = 500.0
PATH = "up/large.bin"


@dataclass(slots=True)
class Memory:
    """Resident bytes of the server, sampled while something runs; `rows` are (seconds, phase, bytes)."""

    process: psutil.Process
    began: float = field(default_factory=time.monotonic)
    phase: str = "idle"
    rows: list[tuple[float, str, int]] = field(default_factory=list)

    async def watch(self) -> None:
        while True:
            self.rows.append((time.monotonic() - self.began, self.phase, self.process.memory_info().rss))
            await asyncio.sleep(SAMPLE_S)

    def peak(self, *phases: str) -> int:
        return max(size for _, phase, size in self.rows if phase in phases)

    def table(self, lines: int = 24) -> str:
        step = max(1, len(self.rows) // lines)
        return "\n".join(f"{at:7.1f} s  {phase:12} {size / MIB:7.1f} MiB" for at, phase, size in self.rows[::step])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.upload", description=__doc__)
    parser.add_argument("--size-mib", type=int, default=1024, help="size of the file")
    parser.add_argument("--interrupt-percent", type=int, default=40, help="where the upload breaks off")
    parser.add_argument("--growth-limit-mib", type=int, default=48, help="what the server's memory may grow by")
    chosen = parser.parse_args(arguments)
    return asyncio.run(measured(chosen.size_mib, chosen.interrupt_percent, chosen.growth_limit_mib))


async def measured(size_mib: int, interrupt_percent: int, limit_mib: int) -> int:
    """Print the figures; 0 when the bytes are right and the memory stayed flat."""
    with tempfile.TemporaryDirectory(prefix="flashio-upload-") as folder:
        file, digest = _written(Path(folder) / "large.bin", size_mib)
        async with live_server() as server, node_process("upload.mjs") as node:
            memory = Memory(psutil.Process(server.pid))
            async with _watched(memory):
                await asyncio.sleep(10 * SAMPLE_S)
                resumed_at = await _upload(server, node, file, memory, size_mib * MIB * interrupt_percent // 100)
                memory.phase = "download"
                downloaded = await _downloaded(server)
    idle = memory.peak("idle")
    growth = {name: memory.peak(*phases) - idle for name, phases in PHASES.items()}
    print(memory.table())
    print(f"size {size_mib} MiB, broken off and gone on with at {resumed_at / MIB:.0f} MiB, idle {idle / MIB:.1f} MiB")
    for name, size in growth.items():
        print(f"{name}: memory grew by {size / MIB:.1f} MiB (limit {limit_mib})")
    print(f"SHA-256 of the download: {'right' if downloaded == digest else 'WRONG'}")
    return 0 if downloaded == digest and max(growth.values()) < limit_mib * MIB else 1


PHASES = {"upload": ("first part", "second part"), "download": ("download",)}


async def _upload(server: LiveServer, node: NodeProcess, file: Path, memory: Memory, stop_at: int) -> int:
    """Break the upload off, ask the server where it is, go on; returns where that was."""
    request = {
        "file": str(file),
        "path": PATH,
        "endpoint": f"{server.url}/uploads/{server.project_id}",
        "token": server.token,
    }
    memory.phase = "first part"
    first = await node.ask("upload", timeout_s=UPLOAD_TIMEOUT_S, stopAt=stop_at, **request)
    headers = {"authorization": f"Bearer {server.token}", "tus-resumable": "1.0.0"}
    async with httpx.AsyncClient() as http:
        told = await http.head(first["url"], headers=headers)
    memory.phase = "second part"
    second = await node.ask("upload", timeout_s=UPLOAD_TIMEOUT_S, url=first["url"], **request)
    if first["done"] or not second["done"]:
        raise RuntimeError(f"the upload was not broken off, or did not go on: {first} {second}")
    return int(told.headers["upload-offset"])


async def _downloaded(server: LiveServer) -> str:
    sha = hashlib.sha256()
    url = f"{server.url}/files/{server.project_id}/{PATH}"
    headers = {"authorization": f"Bearer {server.token}"}
    async with (
        httpx.AsyncClient(timeout=60, follow_redirects=True) as http,
        http.stream("GET", url, headers=headers) as got,
    ):
        got.raise_for_status()
        async for piece in got.aiter_bytes():
            sha.update(piece)
    return sha.hexdigest()


@asynccontextmanager
async def _watched(memory: Memory) -> AsyncIterator[None]:
    watching = asyncio.ensure_future(memory.watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait((watching,))


def _written(path: Path, size_mib: int) -> tuple[Path, str]:
    sha = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(size_mib):
            piece = os.urandom(MIB)
            sha.update(piece)
            file.write(piece)
    return path, sha.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
