"""Start, adopt and stop the embedded PostgreSQL of one data directory: one private socket, no TCP.

A postmaster outlives this process when this process is killed; the next start adopts it.
"""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import asyncpg

from server.store.embedded import postmaster
from server.store.embedded.folder import POLL_S, PORT, ROLE, DataFolder, becomes_true
from server.store.failures import EmbeddedFailed

DATABASE = "flashio"
START_TIMEOUT_S = 60.0  # crash recovery included
CONNECT_TIMEOUT_S = 5.0
FAST_STOP_S = 3.0  # then SIGKILL: the log is replayed at the next start
KILL_STOP_S = 0.8

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# What a start says while processes of a postmaster that was killed are still ending: worth waiting for.
ENDING_SIGNS = ("is still in use", "already exists", "could not be locked")


class EmbeddedPostgres:
    """A running server. Invariant: this object holds the data directory's lock until `stop` returns."""

    def __init__(
        self, folder: "DataFolder", pid: int, socket_dir: str, child: "subprocess.Popen[bytes] | None"
    ) -> None:
        self.pid = pid
        self._folder = folder
        self._socket_dir = socket_dir
        self._child = child  # None when the postmaster was adopted

    @property
    def dsn(self) -> str:
        """Return the address of the default database."""
        return self.dsn_for(DATABASE)

    def dsn_for(self, database: str) -> str:
        """Return the address of one database of this server."""
        return f"postgresql://{ROLE}@/{quote(database)}?host={quote(self._socket_dir, safe='')}&port={PORT}"

    def is_alive(self) -> bool:
        """Say whether the postmaster runs; false after a crash, when `stop` and `start` bring it back."""
        if self._child is not None:
            return self._child.poll() is None
        return postmaster.serves(self.pid, self._folder.cluster)

    async def stop(self) -> None:
        """End the server in under 4 s: cleanly if it can, else killed. Returns at once when it is not running."""
        try:
            for sign, patience_s in ((signal.SIGINT, FAST_STOP_S), (signal.SIGKILL, KILL_STOP_S)):
                if not self._signal(sign) or await becomes_true(lambda: not self.is_alive(), patience_s):
                    self._folder.discard_socket_dir()
                    return
            raise EmbeddedFailed(f"PostgreSQL (pid {self.pid}) did not end, not even by SIGKILL.")
        finally:
            self._folder.release()

    def _signal(self, sign: signal.Signals) -> bool:
        if not self.is_alive():
            return False
        try:
            os.kill(self.pid, sign)
        except ProcessLookupError:
            return False
        return True


async def start(data_dir: Path, settings: Mapping[str, str] | None = None) -> EmbeddedPostgres:
    """Start PostgreSQL on a data directory, creating it at first, or adopt the one that still serves it.

    `settings` are PostgreSQL's own, over the development defaults. The caller stops what this returns.
    Raises: EmbeddedFailed with one clear sentence and the end of the log.
    """
    folder = DataFolder.claim(data_dir)
    try:
        await folder.initialise()
        running = await _adopt(folder) or await _launch(folder, {**SETTINGS, **(settings or {})})
    except OSError as error:
        folder.release()
        raise EmbeddedFailed(f"The embedded PostgreSQL in {data_dir} could not be started: {error}.") from error
    except BaseException:
        folder.release()
        raise
    return running


async def _adopt(folder: DataFolder) -> EmbeddedPostgres | None:
    """Return the postmaster that a killed process left behind, once it is ready; None when there is none."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while (found := postmaster.find_live(folder.cluster)) is not None:
        if found.status is postmaster.Status.READY:
            running = EmbeddedPostgres(folder, found.pid, found.socket_dir, None)
            await _ensure_database(running)
            return running
        if time.monotonic() > deadline:
            raise EmbeddedFailed(
                f"PostgreSQL (pid {found.pid}) already serves {folder.cluster} but stays {found.status.value}."
            )
        await asyncio.sleep(POLL_S)
    return None


async def _launch(folder: DataFolder, settings: Mapping[str, str]) -> EmbeddedPostgres:
    folder.rotate_log()
    socket_dir = folder.socket_dir()
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        since = folder.log_size()
        child = folder.spawn("postgres", "-D", str(folder.cluster), "-k", socket_dir, *options)
        running = EmbeddedPostgres(folder, child.pid, socket_dir, child)
        try:
            if await _becomes_ready(folder, running, deadline - time.monotonic()):
                return running
        except BaseException:
            _reap(child)
            raise
        _reap(child)
        tail = folder.log_tail(since)
        if time.monotonic() > deadline or not any(sign in tail for sign in ENDING_SIGNS):
            raise EmbeddedFailed(f"PostgreSQL did not start in {folder.path}.{tail}")
        await asyncio.sleep(POLL_S)


async def _becomes_ready(folder: DataFolder, running: EmbeddedPostgres, patience_s: float) -> bool:
    await becomes_true(lambda: not running.is_alive() or _is_ready(folder, running.pid), patience_s)
    if not running.is_alive() or not _is_ready(folder, running.pid):
        return False
    await _ensure_database(running)
    return True


def _reap(child: "subprocess.Popen[bytes]") -> None:
    child.kill()
    child.wait()


def _is_ready(folder: DataFolder, pid: int) -> bool:
    found = postmaster.read_lock_file(folder.cluster)
    return found is not None and found.pid == pid and found.status is postmaster.Status.READY


async def _ensure_database(running: EmbeddedPostgres) -> None:
    """Prove that the server answers, and make the default database at the first start."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            try:
                connection = await asyncpg.connect(running.dsn)
            except asyncpg.InvalidCatalogNameError:
                connection = await asyncpg.connect(running.dsn_for("postgres"))
                await connection.execute(f'create database "{DATABASE}"')
            await connection.close()
    except (OSError, asyncpg.PostgresError) as error:
        raise EmbeddedFailed(f"PostgreSQL (pid {running.pid}) runs but does not answer: {error!r}.") from error
