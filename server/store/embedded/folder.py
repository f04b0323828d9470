"""The data directory of an embedded PostgreSQL: claiming it, making the cluster, running programs in it."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from server.store.embedded.install import MAJOR_VERSION, Install, ServerUser, choose_user, find_install, open_paths
from server.store.failures import EmbeddedFailed

ROLE = "flashio"
PORT = 5432  # only part of the socket's name
SOCKET_NAME = f".s.PGSQL.{PORT}"
SOCKET_PATH_LIMIT_BYTES = 100  # the kernel's limit is 104 on macOS and 108 on Linux, with the final NUL
LOCK_NAME = "lock"  # marks the folder as ours, too
INITDB_TIMEOUT_S = 60.0
POLL_S = 0.02
LOG_LIMIT_BYTES = 1 << 20  # a longer log is put aside at the next start, replacing the one put aside before
LOG_TAIL_LINES = 15

INITDB_OPTIONS = (
    *("--username", ROLE),
    *("--auth", "trust"),  # whoever can open the socket is the owner of its private directory
    *("--encoding", "UTF8"),
    *("--locale", "C"),
    *("--locale-provider", "builtin"),
    *("--builtin-locale", "C.UTF-8"),
    "--no-instructions",
)


class DataFolder:
    """`cluster` (PostgreSQL's own), the log, the socket, and the lock that makes this process its only user."""

    def __init__(self, path: Path, install: Install, user: ServerUser, lock: IO[bytes]) -> None:
        self.path = path
        self.install = install
        self.user = user
        self.cluster = path / "cluster"
        self.log = path / "postgres.log"
        self._lock = lock
        self._socket_dir_record = path / "socket_dir"

    @classmethod
    def claim(cls, data_dir: Path) -> "DataFolder":
        """Make the directory private to the server's user and lock it against a second instance."""
        install = find_install()
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            path = data_dir.resolve()
            if not (path / LOCK_NAME).exists() and any(path.iterdir()):
                raise EmbeddedFailed(f"The data folder {data_dir} holds other files: name one that is empty or new.")
            user = choose_user(path)
            if user.is_someone_else:
                os.chown(path, user.uid, user.gid)
            path.chmod(0o700)
            lock = (path / LOCK_NAME).open("wb")
        except OSError as error:
            raise EmbeddedFailed(f"The data folder {data_dir} cannot be used: {error}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise EmbeddedFailed(f"Another server is using the data folder {data_dir}: stop it first.") from error
        open_paths(install, path, user)
        return cls(path, install, user, lock)

    async def initialise(self) -> None:
        """Make the cluster at the first start; refuse one of another major version."""
        version_file = self.cluster / "PG_VERSION"
        if version_file.exists():
            version = version_file.read_text().strip()
            if version != str(MAJOR_VERSION):
                raise EmbeddedFailed(_wrong_version(self.cluster, version))
            return
        # Made beside and renamed, so that a start that is cut short leaves nothing that looks like a cluster.
        unfinished = self.path / "cluster.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        since = self.log_size()
        made = self.spawn("initdb", "-D", str(unfinished), *INITDB_OPTIONS)
        try:
            is_done = await becomes_true(lambda: made.poll() is not None, INITDB_TIMEOUT_S)
        finally:
            if made.poll() is None:
                made.kill()
                made.wait()
        if not is_done or made.returncode != 0:
            raise EmbeddedFailed(f"PostgreSQL could not create its data in {self.path}.{self.log_tail(since)}")
        unfinished.rename(self.cluster)

    def spawn(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """Run one of the wheel's programs as the server's user, in a session of its own, writing to the log."""
        someone = (
            {"user": self.user.uid, "group": self.user.gid, "extra_groups": []} if self.user.is_someone_else else {}
        )
        with self.log.open("ab") as output:
            return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # noqa: S603 - the wheel's own programs
                [self.install.binary(program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.path,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
                **someone,
            )

    def socket_dir(self) -> str:
        """Return a private directory whose socket path fits the kernel's limit."""
        if len(os.fsencode(self.path / SOCKET_NAME)) <= SOCKET_PATH_LIMIT_BYTES:
            return str(self.path)
        self.discard_socket_dir()  # left by a postmaster that was killed
        made = Path(tempfile.mkdtemp(prefix="flashio-"))
        self._socket_dir_record.write_text(str(made))
        if self.user.is_someone_else:
            os.chown(made, self.user.uid, self.user.gid)
        return str(made)

    def discard_socket_dir(self) -> None:
        """Remove the temporary socket directory, if there is one, when no postmaster uses it."""
        if not self._socket_dir_record.exists():
            return
        directory = Path(self._socket_dir_record.read_text())
        for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
            (directory / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # gone already, or someone put something else there
            directory.rmdir()
        self._socket_dir_record.unlink()

    def log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def rotate_log(self) -> None:
        if self.log_size() > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))

    def log_tail(self, since: int) -> str:
        """Return the last lines written after an offset, ready to follow a sentence."""
        with self.log.open("rb") as written:
            written.seek(since)
            lines = written.read(LOG_LIMIT_BYTES).decode(errors="replace").splitlines()[-LOG_TAIL_LINES:]
        return f" The end of {self.log}:\n" + "\n".join(lines)

    def release(self) -> None:
        self._lock.close()


async def becomes_true(condition: Callable[[], bool], patience_s: float) -> bool:
    """Poll a condition; return False when it has not become true in time."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(POLL_S)
    return True


def _wrong_version(cluster: Path, version: str) -> str:
    return (
        f"The data in {cluster} was made by PostgreSQL {version}, and this release runs PostgreSQL {MAJOR_VERSION}. "
        "To keep it: start the release that made it, write it out with `pg_dump`, move the folder away, start this "
        "release, and read it in with `psql`. To begin empty: move the folder away."
    )
