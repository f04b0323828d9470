"""The machine and the work of its processes: who runs on which core, how busy each was, and what it is all made of."""

import fcntl
import json
import os
import platform
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import gettempdir
from time import perf_counter

import psutil  # type: ignore[import-untyped]

from server.store.embedded.install import find_install

MEASURED = ("server", "protocol", "sql", "requirements", "bench/*.py", "bench/peers")


@dataclass(frozen=True, slots=True)
class Cores:
    """Whose core is which; None leaves a process to the system, because there is only one core."""

    server: int | None
    generator: int | None
    database: int | None  # the generator's when there are only two: in production it is another machine's

    @classmethod
    def of_this_machine(cls) -> "Cores":
        usable = sorted(os.sched_getaffinity(0))
        if len(usable) < 2:
            return cls(None, None, None)
        return cls(usable[0], usable[1], usable[2] if len(usable) > 2 else usable[1])


@contextmanager
def one_benchmark_at_a_time() -> Iterator[None]:
    """Wait until no other benchmark runs on this machine: two would measure each other."""
    lock = os.open(Path(gettempdir()) / "flashio-bench.lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another benchmark on this machine to end", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def starting_on(core: int | None) -> Iterator[None]:
    """Processes that are started meanwhile run on this core."""
    before = os.sched_getaffinity(0)
    move([os.getpid()], core)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def move(pids: Iterable[int], core: int | None) -> None:
    """Put running processes, and those they start later, on a core."""
    for pid in pids if core is not None else ():
        for task in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), {core or 0})


def family(pid: int) -> list[int]:
    """A process and everything it started."""
    process = psutil.Process(pid)
    return [pid, *(child.pid for child in process.children(recursive=True))]


@dataclass(frozen=True, slots=True)
class Busy:
    """Shares of one core, 1.0 being all of it. `others` is what the rest of the machine took from the cores in use."""

    server: float
    database: float
    generator: float
    others: float


class Watch:
    """Measures CPU time from the beginning to the end of a block; `busy` tells it afterwards."""

    busy: Busy

    def __init__(self, server: list[int], database: list[int]) -> None:
        self._groups = (server, database, [os.getpid()])

    def __enter__(self) -> "Watch":
        self._began, self._machine_before_s = perf_counter(), _machine_cpu_s()
        self._before = [_cpu_s(group) for group in self._groups]
        return self

    def __exit__(self, *_: object) -> None:
        took_s = perf_counter() - self._began
        ours = [_cpu_s(group) - then for group, then in zip(self._groups, self._before, strict=True)]
        others_s = max(_machine_cpu_s() - self._machine_before_s - sum(ours), 0.0)
        self.busy = Busy(*(seconds / took_s for seconds in (*ours, others_s)))


def _cpu_s(pids: list[int]) -> float:
    total = 0.0
    for pid in pids:
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def _machine_cpu_s() -> float:
    """Time that all cores were not idle, stolen time included."""
    times = psutil.cpu_times()
    return float(sum(times[:8]) - times.idle - times.iowait)


def described() -> dict[str, str]:
    """What the figures depend on, as name and value."""
    return {
        "CPU": _cpu_model(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{psutil.virtual_memory().total / (1 << 30):.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Node": _first_line("node", "--version"),
        "PostgreSQL": _first_line(find_install().binary("postgres"), "--version"),
        "measured code": _revision(),
        **_versions(),
        "load before": " ".join(f"{load:.1f}" for load in os.getloadavg()),
    }


def _revision() -> str:
    """Of what runs; the figures themselves, and what is written about them, may differ from it."""
    changed = _first_line("git", "status", "--porcelain", "--", *MEASURED)
    return _first_line("git", "describe", "--always") + ("-dirty" if changed not in ("", "none") else "")


def _versions() -> dict[str, str]:
    """Of what was measured and what it stands on."""
    found = {name: version(name) for name in ("uvicorn", "uvloop", "pycrdt", "pycrdt-websocket")}
    for lock in sorted(Path(__file__).parent.glob("peers/*/package-lock.json")):
        root = json.loads(lock.read_text(encoding="utf-8"))["packages"]
        for name in root[""]["dependencies"]:
            found[name] = root[f"node_modules/{name}"]["version"]
    return {"packages": ", ".join(f"`{name}` {number}" for name, number in found.items())}


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _first_line(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n", 1)[0]
    except (OSError, subprocess.CalledProcessError):
        return "none"
