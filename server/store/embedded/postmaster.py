"""Which postmaster serves a data directory: its lock file, and whether the process it names is really that one."""

import os
import subprocess
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

LOCK_FILE = "postmaster.pid"
PROC = Path("/proc")
PS_TIMEOUT_S = 2.0


class Status(Enum):
    """What the postmaster last wrote about itself, in the eighth line of its lock file."""

    STARTING = "starting"
    STOPPING = "stopping"
    READY = "ready"
    STANDBY = "standby"


@dataclass(frozen=True, slots=True)
class Postmaster:
    """One reading of a lock file; the process may be dead or another by now."""

    pid: int
    socket_dir: str
    status: Status


def read_lock_file(cluster: Path) -> Postmaster | None:
    """Return what the lock file says, or None while it is absent or not yet complete."""
    try:
        lines = [line.strip() for line in (cluster / LOCK_FILE).read_text().splitlines()]
        return Postmaster(pid=int(lines[0]), socket_dir=lines[4], status=Status(lines[7]))
    except (FileNotFoundError, IndexError, ValueError):
        return None


def find_live(cluster: Path) -> Postmaster | None:
    """Return the postmaster that serves the cluster; clear a lock file that was left by one that is gone.

    PostgreSQL itself ignores a stale file unless its number now belongs to another process of the same user, which
    is common after a container restart: such a file is removed here.
    """
    path = cluster / LOCK_FILE
    if not path.exists():
        return None
    pid = _first_number(path)
    if pid is not None and serves(pid, cluster):
        return read_lock_file(cluster) or Postmaster(pid, "", Status.STARTING)
    path.unlink(missing_ok=True)
    return None


def serves(pid: int, cluster: Path) -> bool:
    """Say whether the process lives and is the postmaster of this cluster."""
    if (PROC / "self").exists():
        try:
            # The postmaster works in its data directory, and keeps it when the directory is renamed.
            return (PROC / str(pid) / "cwd").samefile(cluster)
        except OSError:
            return False
    return str(cluster) in _command_line(pid)


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text().partition("\n")[0])
    except ValueError:
        return None


def _command_line(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except OSError:
        return ""
    shown = subprocess.run(  # noqa: S603 - a fixed command and a number
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        timeout=PS_TIMEOUT_S,
        check=False,
    )
    return shown.stdout
