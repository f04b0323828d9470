"""`python -m bench.idle`: what a signed-in connection costs that does nothing, and how fast they come."""

import argparse
import asyncio
import os
import resource
from dataclasses import dataclass
from time import perf_counter

import psutil  # type: ignore[import-untyped]
import uvloop

from bench.generator import connected
from bench.listener import Listener
from bench.machine import Cores, described, move, one_benchmark_at_a_time, watching
from bench.messages import Kind
from bench.targets import Target, running

ROOMS = 100  # so that no room is large: what grows with a room is another measurement
WARM_UP = 200  # connections before the first look: pools, caches and lazily loaded code are not the connection's
CONNECTING_AT_ONCE = 64
SPARE_FILES = 256


@dataclass(frozen=True, slots=True)
class Idle:
    connections: int
    per_s: float
    kib_each: float
    server_cpu: float  # share of a core while they came


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.idle", description=__doc__)
    parser.add_argument("--connections", type=int, default=5_000)
    given = parser.parse_args()
    files = given.connections + WARM_UP + SPARE_FILES
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(files, hard), hard))
    print("\n".join(f"{name:12} {value}" for name, value in described().items()))
    with one_benchmark_at_a_time(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(measured(given.connections))
    print(
        f"\n{found.connections} connections, {found.per_s:,.0f}/s with {found.server_cpu:.0%} of a core, "
        f"{found.kib_each:.1f} KiB each"
    )


async def measured(connections: int) -> Idle:
    cores = Cores.of_this_machine()
    async with running("flashio", cores) as target:
        move([os.getpid()], cores.generator)
        server = psutil.Process(target.server_pids[0])
        clients = await _join(target, WARM_UP)
        before = server.memory_info().rss
        start = perf_counter()
        with watching(target.server_pids, target.database_pids) as busy:
            clients += await _join(target, connections)
            took = perf_counter() - start
        after = server.memory_info().rss
        if lost := [client.closed for client in clients if client.closed is not None]:
            raise ConnectionError(f"{len(lost)} connections were lost, the first because: {lost[0]}")
        for client in clients:
            client.close()
    return Idle(connections, connections / took, (after - before) / connections / 1024, busy().server)


async def _join(target: Target, count: int) -> list[Listener]:
    at_once = asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def join(number: int) -> Listener:
        async with at_once:
            return await connected(target.room(f"idle/{number % ROOMS}"), Kind.CURSORS)

    async with asyncio.TaskGroup() as group:
        joining = [group.create_task(join(number)) for number in range(count)]
    return [task.result() for task in joining]


if __name__ == "__main__":
    main()
