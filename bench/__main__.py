"""`python -m bench`: measure everything beside its peers, and write RESULTS.md.

What is selected is measured anew and the rest of the file is kept; with --resume also what is there of the selection.
"""

import argparse
import asyncio
import resource
import signal
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import uvloop

from bench import results
from bench.journal import Journal, Work
from bench.laboratory import Laboratory, Workload, reason
from bench.machine import described, one_benchmark_at_a_time
from bench.progress import Progress
from bench.targets import TARGETS
from bench.workloads import WORKLOADS

HERE = Path(__file__).parent
FIGURES, RESULTS = HERE / "results.json", HERE / "RESULTS.md"
QUICK_FOLDER = HERE.parent / ".cache" / "bench"
FILES_NEEDED = 16_384  # sockets of the most connections, on either side
RUNS = 3
INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C ended


@dataclass(frozen=True, slots=True)
class Options:
    workloads: list[Workload]
    targets: list[str]
    runs: int
    is_quick: bool
    is_resumed: bool
    is_only_rendered: bool
    figures: Path
    results: Path


def main(arguments: list[str] | None = None, *, only: str | None = None) -> None:
    """Run the command; `only` is the workload when a command is for that alone."""
    options = parsed(arguments, only)
    options.figures.parent.mkdir(parents=True, exist_ok=True)
    if options.is_only_rendered:
        results.write(options.results, Journal.read(options.figures), WORKLOADS)
        return
    _allow_many_sockets()
    journal = Journal(options.figures, {})
    if not options.is_quick and options.figures.exists():
        journal = Journal.read(options.figures)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))  # so that servers are stopped
    turn = nullcontext() if options.is_quick else one_benchmark_at_a_time()
    with turn, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(measured(options, journal, _command(only)))
        except KeyboardInterrupt:
            print(f"\ninterrupted; what was measured is in {options.figures}, and --resume goes on from there")
            sys.exit(INTERRUPTED)
    results.write(options.results, journal, WORKLOADS)
    print(f"\nwrote {options.figures} and {options.results}")


def parsed(arguments: list[str] | None, only: str | None) -> Options:
    named = {workload.name: workload for workload in WORKLOADS}
    command = "python -m bench" + (f".{only}" if only else "")
    parser = argparse.ArgumentParser(prog=command, description=__doc__)
    parser.add_argument(
        "--only", default=only or ",".join(named), help=f"workloads, comma separated: {', '.join(named)}"
    )
    parser.add_argument("--targets", default=",".join(TARGETS), help=f"servers, comma separated: {', '.join(TARGETS)}")
    parser.add_argument("--runs", type=int, help=f"how often to measure each, with fresh processes (default {RUNS})")
    parser.add_argument("--quick", action="store_true", help="small and short, under two minutes: shows that it works")
    parser.add_argument("--resume", action="store_true", help="keep what an earlier run had measured of the selection")
    parser.add_argument("--json", type=Path, help="file with every figure (default bench/results.json)")
    parser.add_argument("--results", type=Path, help="file with the tables (default bench/RESULTS.md)")
    parser.add_argument("--from-json", type=Path, metavar="FILE", help="only write the tables of a file with figures")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.only.split(",") if name not in named]:
        parser.error(f"no workload {unknown[0]!r}; there are {', '.join(named)}")
    if unknown := [name for name in given.targets.split(",") if name not in TARGETS]:
        parser.error(f"no target {unknown[0]!r}; there are {', '.join(TARGETS)}")
    folder = QUICK_FOLDER if given.quick else HERE
    return Options(
        workloads=[named[name] for name in given.only.split(",")],
        targets=given.targets.split(","),
        runs=given.runs or (1 if given.quick else RUNS),
        is_quick=given.quick,
        is_resumed=given.resume,
        is_only_rendered=given.from_json is not None,
        figures=given.from_json or given.json or folder / FIGURES.name,
        results=given.results or folder / RESULTS.name,
    )


async def measured(options: Options, journal: Journal, command: str) -> None:
    """Measure the selection, the servers in turn, so that what else the machine does hits all of them alike."""
    selected = [
        (workload, Work(workload.name, case, target, run))
        for workload in options.workloads
        for case in workload.cases(is_quick=options.is_quick)
        for run in range(1, options.runs + 1)
        for target in options.targets
        if workload.fits(case, target)
    ]
    if options.is_resumed:
        selected = [(workload, work) for workload, work in selected if not journal.has(work)]
    else:
        journal.forget([work for _, work in selected])
    if selected:
        journal.machine = {"command": command, **described()}
    progress = Progress([work for _, work in selected])
    async with Laboratory(
        journal, tell=lambda line: print(f"    {line}", flush=True), is_quick=options.is_quick
    ).opened() as lab:
        for workload, work in selected:
            print(progress.line(work), flush=True)
            await _measure(workload, work, lab)
            progress.done(work, journal.records[-1].took_s)


async def _measure(workload: Workload, work: Work, lab: Laboratory) -> None:
    start = monotonic()
    figures, trouble = {}, None
    try:
        figures = await workload.measured(work, lab)
    except (OSError, RuntimeError, ExceptionGroup) as error:
        trouble = reason(error)
        print(f"    failed: {trouble}", flush=True)
    lab.journal.add(work, figures, trouble, monotonic() - start)


def _command(only: str | None) -> str:
    return f"`{' '.join(['python -m bench' + (f'.{only}' if only else ''), *sys.argv[1:]])}`"


def _allow_many_sockets() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES_NEEDED:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES_NEEDED, hard), hard))


if __name__ == "__main__":
    main()
