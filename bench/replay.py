"""`python -m bench.replay`: one client sends a long history as fast as it comes back, which for us means committed."""

import argparse
import asyncio
import os
from itertools import accumulate
from time import perf_counter

import uvloop

from bench.generator import collecting_no_garbage, connected
from bench.history import history
from bench.listener import Listener
from bench.machine import Busy, Cores, described, move, one_benchmark_at_a_time, watching
from bench.messages import Kind, masked
from bench.stats import middle
from bench.targets import NAMES, Target, running
from protocol.yjs import sync
from protocol.yjs.update import STORED_LIMITS, check_update

WINDOW = 4_096  # characters under way: enough to keep a server busy, not enough to hit its limits on memory
TICK_S = 0.001
STALL_S = 30.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.replay", description=__doc__)
    parser.add_argument("--edits", type=int, default=260_000, help="length of the history, in keys pressed")
    parser.add_argument("--targets", default="flashio", help=f"servers to measure, of {', '.join(NAMES)}; or all")
    parser.add_argument("--runs", type=int, default=1, help="how often to measure each, with fresh processes")
    given = parser.parse_args()
    names = list(NAMES) if given.targets == "all" else given.targets.split(",")
    print("\n".join(f"{name:12} {value}" for name, value in described().items()))
    print(f"\nwriting a history of {given.edits:,} edits", flush=True)
    updates, cores = history(given.edits), Cores.of_this_machine()
    with one_benchmark_at_a_time(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for name in names:
            rates = [runner.run(_run(name, updates, cores)) for _ in range(given.runs)]
            print(f"{name:12} median {middle(rates):,.0f} edits/s of {given.runs} run(s)", flush=True)


async def _run(name: str, updates: list[bytes], cores: Cores) -> float:
    async with running(name, cores) as target:
        move([os.getpid()], cores.generator)
        took_s, busy = await replayed(target, updates)
    rate = len(updates) / took_s
    print(
        f"{name:12} {len(updates):,} edits in {took_s:.1f} s: {rate:,.0f} edits/s  CPU server {busy.server:.0%}"
        f" database {busy.database:.0%} generator {busy.generator:.0%} others {busy.others:.0%}",
        flush=True,
    )
    return rate


async def replayed(target: Target, updates: list[bytes]) -> tuple[float, Busy]:
    """Seconds from the first edit sent to the last one back, and who was how busy meanwhile.

    Raises:
        ConnectionError: the server closed the socket.
        TimeoutError: nothing came back for a while.
    """
    room = target.room("bench/history")
    frames = [masked(room.dialect.address + sync.encode_update(update)) for update in updates]
    typed = list(accumulate(_characters(update) for update in updates))
    client = await connected(room, Kind.EDITS)
    try:
        with collecting_no_garbage(), watching(target.server_pids, target.database_pids) as busy:
            start = perf_counter()
            await _send(client, frames, typed)
            took_s = perf_counter() - start
    finally:
        client.close()
    return took_s, busy()


async def _send(client: Listener, frames: list[bytes], typed: list[int]) -> None:
    """Keep at most a window of characters under way; `typed[i]` is how many there were after edit `i`."""
    sent, seen, moved_at = 0, -1, perf_counter()
    while client.seen < typed[-1] - 1:
        end = sent
        while end < len(frames) and typed[end] <= client.seen + 1 + WINDOW:
            end += 1
        if end > sent:
            client.send(b"".join(frames[sent:end]))
            sent = end
        await asyncio.sleep(TICK_S)
        if client.closed is not None:
            raise ConnectionError(client.closed)
        if client.seen > seen:
            seen, moved_at = client.seen, perf_counter()
        elif perf_counter() - moved_at > STALL_S:
            raise TimeoutError(f"after {seen:,} characters nothing came back any more")


def _characters(update: bytes) -> int:
    return sum(end - start for _, start, end in check_update(update, STORED_LIMITS).ranges)


if __name__ == "__main__":
    main()
