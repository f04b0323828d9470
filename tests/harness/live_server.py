"""A real server process, `python -m server dev` on a free port: started, stopped and killed as tests please."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil

from runner.hub_client import HubClient, connected

ROOT = Path(__file__).resolve().parents[2]
READY_TIMEOUT_S = 60.0
END_TIMEOUT_S = 10.0
POLL_S = 0.02


@dataclass(slots=True)
class LiveServer:
    """`start` may be called again after `kill` or `stop`: the port and the data stay."""

    data: Path
    port: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    url: str = ""
    sign_in_url: str = ""
    project_id: str = ""
    token: str = ""
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def pid(self) -> int:
        if self.process is None:
            raise RuntimeError("the server is not running")
        return self.process.pid

    @property
    def postgres_pid(self) -> int:
        """The postmaster's, from its lock file."""
        return int(next(self.data.glob("postgres/**/postmaster.pid")).read_text().split("\n", 1)[0])

    @property
    def log(self) -> str:
        return (self.data.parent / "server.log").read_text(errors="replace")

    async def start(self) -> None:
        """Return when the server is ready.

        Raises:
            RuntimeError: it ended or was not ready in time; the message holds its log.
        """
        ready_file = self.data.parent / "ready.json"
        ready_file.unlink(missing_ok=True)
        self.process = self._spawned(ready_file)
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not ready_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not get ready:\n{self.log[-4000:]}")
            await asyncio.sleep(POLL_S)
        ready = json.loads(ready_file.read_text())
        self.port, self.url, self.sign_in_url = ready["port"], ready["url"], ready["signInUrl"]
        self.project_id, self.token = ready["projectId"], ready["token"]

    def _spawned(self, ready_file: Path) -> "subprocess.Popen[bytes]":
        options = ["--port", str(self.port), "--data", str(self.data), "--ready-file", str(ready_file)]
        with (self.data.parent / "server.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "server", "dev", *options],
                cwd=ROOT,
                env=os.environ | self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    async def stop(self) -> int:
        """End it as an operator does, and return its exit code."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """End it as a crash does: PostgreSQL goes on."""
        await self._end(signal.SIGKILL)

    def kill_postgres(self) -> None:
        os.kill(self.postgres_pid, signal.SIGKILL)

    @contextmanager
    def postgres_stopped(self) -> Iterator[None]:
        """PostgreSQL does not answer while the block runs; nothing of it is lost."""
        postmaster = psutil.Process(self.postgres_pid)
        stopped = [postmaster, *postmaster.children(recursive=True)]
        for process in stopped:
            process.suspend()
        try:
            yield
        finally:
            for process in stopped:
                process.resume()

    @asynccontextmanager
    async def client(self, token: str | None = None, **options: Any) -> AsyncIterator[HubClient]:
        """A signed-in client of the demo project; `options` are websockets.connect's."""
        async with connected(self.url, UUID(self.project_id), token=token or self.token, **options) as client:
            yield client

    def run(self, *command: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run another command of `python -m server` against this server's database."""
        environment = os.environ | self.environment | {"DATABASE_URL": self.database_url}
        return subprocess.run(
            [sys.executable, "-m", "server", *command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=check,
            timeout=READY_TIMEOUT_S,
        )

    @property
    def database_url(self) -> str:
        """The embedded PostgreSQL's address, from its lock file (line 5 is the socket directory)."""
        socket_dir = next(self.data.glob("postgres/**/postmaster.pid")).read_text().split("\n")[4]
        return f"postgresql://flashio@/flashio?host={socket_dir}&port=5432"

    async def _end(self, number: signal.Signals) -> int:
        process = self.process
        if process is None:
            raise RuntimeError("the server is not running")
        process.send_signal(number)
        deadline = time.monotonic() + END_TIMEOUT_S
        while process.poll() is None:
            if time.monotonic() > deadline:
                process.kill()
                raise RuntimeError(f"the server did not end within {END_TIMEOUT_S} s:\n{self.log[-4000:]}")
            await asyncio.sleep(POLL_S)
        self.process = None
        return process.wait()


@asynccontextmanager
async def live_server(*, port: int = 0, **environment: str) -> AsyncIterator[LiveServer]:
    """A server of its own, ended with its PostgreSQL whatever happened to it.

    Its folder is not pytest's: every pytest that starts takes back the search permission there that PostgreSQL,
    which does not run as root, needs.
    """
    with tempfile.TemporaryDirectory(prefix="flashio-live-", ignore_cleanup_errors=True) as folder:
        server = LiveServer(Path(folder) / "data", port, environment)
        await server.start()
        try:
            yield server
        finally:
            if server.process is None:
                await server.start()
            await server.stop()
