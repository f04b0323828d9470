"""RESULTS.md: every table and the text around it, made from a journal alone."""

from collections.abc import Iterator
from pathlib import Path

from bench.journal import Journal
from bench.laboratory import Workload
from bench.search import DISTURBED
from bench.stats import middle
from bench.tables import markdown


def rendered(journal: Journal, workloads: tuple[Workload, ...]) -> str:
    """The whole file."""
    sections = [workload.section(journal) for workload in workloads if journal.of(workload.name)]
    return "\n\n".join([TITLE, _conditions(journal), *sections, HOW_TO_READ, _troubles(journal)]).rstrip() + "\n"


def write(path: Path, journal: Journal, workloads: tuple[Workload, ...]) -> None:
    path.write_text(rendered(journal, workloads), encoding="utf-8")


def _conditions(journal: Journal) -> str:
    times = sorted(record.at for record in journal.records)
    minutes = sum(record.took_s for record in journal.records) / 60
    runs: dict[str, int] = {}
    for record in journal.records:
        runs[record.work.workload] = max(record.work.run, runs.get(record.work.workload, 0))
    counts = ", ".join(f"{name} {count}" for name, count in runs.items())
    rows = [(name, value) for name, value in journal.machine.items()]
    rows += [("measured", f"{times[0]} to {times[-1]}, {minutes:.0f} minutes" if times else "nothing yet")]
    rows += [("runs", f"{counts}; each with fresh processes; figures are medians, with the least and most in brackets")]
    rows += [("others", f"took {_others(journal):.0%} of a core while messages were sent (median)")]
    doubt = f"\n\n{DOUBT}" if _others(journal) > DISTURBED else ""
    return markdown(("", ""), rows) + doubt


def _others(journal: Journal) -> float:
    """What the rest of the machine took, in the median of everything that tells."""
    shares = [share for record in journal.records for share in _shares(record.figures)]
    return middle(shares) if shares else 0.0


def _shares(figures: object) -> Iterator[float]:
    """Every `others` below, wherever a workload keeps its shares."""
    if isinstance(figures, dict):
        if isinstance(figures.get("others"), float):
            yield figures["others"]
        for value in figures.values():
            yield from _shares(value)
    elif isinstance(figures, list):
        for value in figures:
            yield from _shares(value)


def _troubles(journal: Journal) -> str:
    found = [f"- {record.work}: `{record.trouble[:200]}`" for record in journal.records if record.trouble is not None]
    return "\n".join(["## What went wrong", "", *found]) if found else ""


TITLE = """\
# Results

Written by `python -m bench` with the command and under the conditions in the table; do not edit by hand.
[README.md](README.md) says what is measured and how."""

DOUBT = "**Other work disturbed this run: read it for the order of magnitude only.**"

HOW_TO_READ = """\
## How to read it

- **Ours** is `python -m server dev` with its defaults: one worker on one core with the embedded PostgreSQL, rights
  checked on every message, identity stamped, every edit committed with `synchronous_commit=on` before its author is
  told. The **peers** are as their packages ship them: in memory, without rights, nothing stored, which is easier.
- **To best peer**: how many times better than the best of the peers in the same case; above 1 is better, for times too.
- A message is late from the moment it was **scheduled** to be sent: a sender that is held up counts against the server.
- An edit counts when it arrived, alone or merged with others; a gap fails the run. A cursor counts when it or a newer
  one of the same author arrived. Each of ten senders has its own client id, stream and latencies; rates are sums.
- `committed/s`: edits that came back to their author, which our server does after the commit and not before.
- **CPU** is in percent of one core. Server and generator have a core each; PostgreSQL shares the generator's when there
  are only two, as it would be another machine's in production. `others` is whatever else ran: above 20, doubt it.
- The generator speaks raw WebSocket on uvloop. Where it used more than 90 % of its core a remark says so: the server
  may do more.
- A probe that failed while others used more than 0.2 of a core was repeated once; other work can only spoil a figure.
- `under 10`: not even ten messages a second arrived in time; later runs did not repeat that."""
