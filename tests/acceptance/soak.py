"""Acceptance: rooms come and go, sockets come and go, and the server's memory stays what it was (P10).

A room cycle joins a fresh document, edits it, shows a cursor and leaves; the server then drops the document. A connect
ends in one of many ways, most of them rude. Memory is looked at when everybody has left and every document is gone, and
the line through what it was after the warm-up must be flat.

    python -m tests.acceptance.soak                                     # 10,000 rooms, 100,000 connects
    python -m tests.acceptance.soak --rooms 500 --connects 0            # rooms alone, in half a minute
    python -m tests.acceptance.soak --rooms 0 --connects 5000 --adapter asgi
"""

import argparse
import asyncio
import itertools
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import uvloop

from tests.acceptance.server_figures import MIB, Figures, figures
from tests.acceptance.visits import ENDINGS, room_worker
from tests.harness.live_server import LiveServer, live_server

WARM_UP = 0.3  # of the cycles: caches and pools fill, the allocator finds its size
SAMPLES = 20
SPARE_FILES = 10  # a pool's connections come and go
ROOMS_AT_ONCE, CONNECTS_AT_ONCE = 16, 64
SETTLE_TIMEOUT_S = 60.0
POLL_S = 0.1
GROWTH_MIB = 8.0  # allocators keep some; of 100,000 connects it is 80 bytes each
BRISK = {
    "UNLOAD_AFTER_S": "0",
    "CONTENT_QUIET_S": "0.1",
    "CONTENT_LATEST_S": "0.2",
    "COMMANDS_PER_S": "100000",
    "CLOSE_GRACE_S": "1",
    "HELLO_TIMEOUT_S": "10",
    "LOG_LEVEL": "error",
}

Cycle = Callable[[int], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """`time_s` bounds each of the two parts; what is done by then is judged."""

    rooms: int = 10_000
    connects: int = 100_000
    time_s: float = 1_800.0
    growth_mib: float = GROWTH_MIB
    adapter: str = "fast"
    samples: int = SAMPLES


@dataclass(slots=True)
class Part:
    """One kind of cycle: what was done, and memory along the way as (cycles, bytes)."""

    name: str
    done: int = 0
    took_s: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    samples: list[tuple[int, int]] = field(default_factory=list)
    open_files: list[tuple[int, int]] = field(default_factory=list)

    @property
    def settled(self) -> list[tuple[int, int]]:
        """The samples after the warm-up."""
        return [sample for sample in self.samples if sample[0] >= WARM_UP * self.done]

    @property
    def settled_files(self) -> list[int]:
        """Open files at those samples; until then the pool of database connections fills."""
        return [files for done, files in self.open_files if done >= WARM_UP * self.done]

    @property
    def slope_bytes(self) -> float:
        """By how many bytes memory grew with each cycle after the warm-up: the line that fits best."""
        xs, ys = [x for x, _ in self.settled], [y for _, y in self.settled]
        x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
        spread = sum((x - x_mean) ** 2 for x in xs)
        return sum((x - x_mean) * (y - y_mean) for x, y in self.settled) / spread if spread else 0.0

    @property
    def growth_mib(self) -> float:
        """What that line gained from the end of the warm-up to the end."""
        return self.slope_bytes * (self.settled[-1][0] - self.settled[0][0]) / MIB

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.kinds.most_common())
        return (
            f"{self.done:,} {self.name} in {self.took_s:.0f} s ({self.done / self.took_s:,.0f}/s): {kinds}\n"
            f"  RSS {self.samples[0][1] / MIB:.1f} MiB before, {self.settled[0][1] / MIB:.1f} after the warm-up, "
            f"{self.samples[-1][1] / MIB:.1f} at the end; slope {self.slope_bytes:+.1f} bytes a cycle, "
            f"{self.growth_mib:+.2f} MiB in all after the warm-up; "
            f"open files {self.settled_files[0]} to {self.settled_files[-1]}"
        )


async def soak(bounds: Bounds, say: Callable[[str], None] = lambda _: None) -> list[Part]:
    """Run on a new server.

    Raises:
        AssertionError: memory or open files grew, or what has ended was kept; the message says which.
    """
    async with live_server(SOCKET_ADAPTER=bounds.adapter, **BRISK) as server:
        parts = []
        if bounds.rooms:
            parts.append(await _rooms(server, bounds, say))
        if bounds.connects:
            parts.append(await _connects(server, bounds, say))
        failures = [line for line in server.log.splitlines() if "Traceback" in line or "task failed" in line]
    assert not failures, f"{len(failures)} failures in the log, the first: {failures[0]}"
    for part in parts:
        assert part.growth_mib < bounds.growth_mib, f"memory grew\n{part}"
        assert part.settled_files[-1] <= part.settled_files[0] + SPARE_FILES, f"open files grew\n{part}"
    return parts


async def _rooms(server: LiveServer, bounds: Bounds, say: Callable[[str], None]) -> Part:
    workers = [room_worker(server) for _ in range(ROOMS_AT_ONCE)]
    part = Part("rooms")
    await _turned(server, part, workers, bounds.rooms, bounds, say)
    return part


async def _connects(server: LiveServer, bounds: Bounds, say: Callable[[str], None]) -> Part:
    async def connect(number: int) -> str:
        ending = ENDINGS[number % len(ENDINGS)]
        await ending(server, number)
        return ending.__name__.replace("_", " ")

    part = Part("connects")
    await _turned(server, part, [connect] * CONNECTS_AT_ONCE, bounds.connects, bounds, say)
    return part


async def _turned(
    server: LiveServer, part: Part, workers: list[Cycle], count: int, bounds: Bounds, say: Callable[[str], None]
) -> None:
    """Run cycles on all workers at once, and look at the server at every sample."""
    numbers, began = itertools.count(), time.monotonic()
    await _sample(server, part)
    while part.done < count and time.monotonic() - began < bounds.time_s:
        upto = min(count, part.done + max(1, count // bounds.samples))

        async def work(cycle: Cycle, upto: int = upto) -> None:
            while part.done < upto:
                part.done += 1
                part.kinds[await cycle(next(numbers))] += 1

        async with asyncio.TaskGroup() as group:
            for worker in workers:
                group.create_task(work(worker))
        await _sample(server, part)
        part.took_s = time.monotonic() - began
        say(f"{part.done:7,} of {count:,} {part.name}, {part.took_s:4.0f} s, RSS {part.samples[-1][1] / MIB:.1f} MiB")


async def _sample(server: LiveServer, part: Part) -> None:
    seen = await _settled(server)
    part.samples.append((part.done, seen.rss_bytes))
    part.open_files.append((part.done, seen.open_files))


async def _settled(server: LiveServer) -> Figures:
    """The server's figures once it has let go of everybody and everything."""
    deadline = time.monotonic() + SETTLE_TIMEOUT_S
    while True:
        seen = await figures(server)
        if not (seen.connections or seen.documents or seen.unauthenticated):
            return seen
        assert time.monotonic() < deadline, (
            f"{SETTLE_TIMEOUT_S:.0f} s after everybody left the server still has {seen.connections} connections, "
            f"{seen.unauthenticated} of them not signed in, and {seen.documents} documents"
        )
        await asyncio.sleep(POLL_S)


def main() -> None:
    """Run once and print the figures; growth is a traceback and exit code 1."""
    given, bounds = _options(), Bounds()
    bounds = Bounds(given.rooms, given.connects, given.time_limit_s, given.growth_mib, given.adapter)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        parts = runner.run(soak(bounds, lambda line: print(line, flush=True)))
    print("\n".join(map(str, parts)))


def _options() -> argparse.Namespace:
    about, _, examples = (sys.modules[__name__].__doc__ or "").partition("\n    python")
    parser = argparse.ArgumentParser(
        prog="python -m tests.acceptance.soak",
        description=about,
        epilog=f"examples:\n    python{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    bounds = Bounds()
    parser.add_argument("--rooms", type=int, default=bounds.rooms, help=f"room cycles (default {bounds.rooms:,})")
    parser.add_argument("--connects", type=int, default=bounds.connects, help=f"connects (default {bounds.connects:,})")
    parser.add_argument("--time-limit-s", type=float, default=bounds.time_s, help="of each part; then it is judged")
    parser.add_argument("--growth-mib", type=float, default=GROWTH_MIB, help=f"allowed (default {GROWTH_MIB})")
    parser.add_argument("--adapter", choices=["fast", "asgi"], default=bounds.adapter, help="of the sockets")
    return parser.parse_args()


if __name__ == "__main__":
    main()
