"""`python -m bench.fanout`: one sender, many clients in one document, and the highest rate that arrives in time."""

import argparse
import asyncio
import dataclasses
import os
import resource
from contextlib import nullcontext
from pathlib import Path

import uvloop

from bench.machine import Cores, described, move, one_benchmark_at_a_time
from bench.messages import Kind
from bench.report import Case, Result, remarks, save, table, tell_probe
from bench.search import FIRST_RATE, FULL, QUICK, Found, Plan, Probe, at_half, found
from bench.targets import NAMES, running

FILES_NEEDED = 4096  # sockets of the largest room, on either side


@dataclasses.dataclass(frozen=True, slots=True)
class Options:
    cases: list[Case]
    targets: list[str]
    runs: int
    plan: Plan
    json_path: Path | None


def main() -> None:
    options = parsed()
    _allow_many_sockets()
    machine = described()
    print("\n".join(f"{name:12} {value}" for name, value in machine.items()))
    turn = nullcontext() if options.plan.is_quick else one_benchmark_at_a_time()
    with turn, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        results = runner.run(measured(options))
    print(f"\nMedians of {options.runs} run(s) of {options.plan.duration_s:g} s each:\n\n{table(results)}")
    print("\n".join(f"\n{remark}." for remark in remarks(results)), end="")
    if options.json_path is not None:
        save(options.json_path, machine, results)


def parsed(arguments: list[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description=__doc__)
    parser.add_argument("--clients", default="50,200,1000", help="sizes of the room, comma separated")
    parser.add_argument("--kind", default="cursors,edits", help="what is sent: cursors, edits, or both")
    parser.add_argument("--targets", default="flashio", help=f"servers to measure, of {', '.join(NAMES)}; or all")
    parser.add_argument("--seconds", type=float, help="length of one probe")
    parser.add_argument("--runs", type=int, default=1, help="how often to measure each, with fresh processes")
    parser.add_argument("--quick", action="store_true", help="few short probes in small rooms: shows that it works")
    parser.add_argument("--json", type=Path, help="file to write everything to")
    given = parser.parse_args(arguments)
    plan = QUICK if given.quick else FULL
    sizes = "5,20" if given.quick and given.clients == parser.get_default("clients") else given.clients
    return Options(
        cases=[Case(Kind(kind), int(size)) for kind in given.kind.split(",") for size in sizes.split(",")],
        targets=list(NAMES) if given.targets == "all" else given.targets.split(","),
        runs=given.runs,
        plan=dataclasses.replace(plan, duration_s=given.seconds or plan.duration_s),
        json_path=given.json,
    )


async def measured(options: Options) -> list[Result]:
    """Measure all cases, the servers in turn, so that what else the machine does hits all of them alike."""
    cores = Cores.of_this_machine()
    results: list[Result] = []
    for case in options.cases:
        for run in range(1, options.runs + 1):
            for name in options.targets:
                print(f"\n{name}, {case.clients} clients, {case.kind.value}, run {run} of {options.runs}", flush=True)
                rate = _rate_to_begin_with(name, case, results)
                results.append(Result(case, name, run, await _measure(name, case, options.plan, cores, rate)))
    return results


def _rate_to_begin_with(name: str, case: Case, results: list[Result]) -> float:
    """What the last run found, so that the next one need not look for it from far away."""
    earlier = [result.found.highest for result in results if (result.target, result.case) == (name, case)]
    return earlier[-1].played.rate_per_s if earlier and earlier[-1] is not None else FIRST_RATE


async def _measure(name: str, case: Case, plan: Plan, cores: Cores, first_rate: float) -> Found:
    async with running(name, cores) as target:
        move([os.getpid()], cores.generator)
        highest = await found(target, case.kind, case.clients, plan, first_rate, _tell)
    async with running(name, cores) as target:
        move([os.getpid()], cores.generator)
        return await at_half(target, case.kind, case.clients, plan, highest, _tell)


def _tell(probe: Probe) -> None:
    print(tell_probe(probe), flush=True)


def _allow_many_sockets() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES_NEEDED:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES_NEEDED, hard), hard))


if __name__ == "__main__":
    main()
