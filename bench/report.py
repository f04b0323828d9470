"""Figures for people: a line per probe while it runs, a table of medians, and everything as JSON."""

import json
import math
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.messages import Kind
from bench.search import Found, Probe
from bench.stats import middle

GENERATOR_IS_BUSY = 0.9  # of its core: above it the generator may be what was measured
COLUMNS = (
    *("kind", "clients", "server", "highest in/s", "reached/s", "p99 ms", "committed/s"),
    *("half: p50 ms", "half: p99 ms", "server CPU", "database CPU", "generator CPU", "others CPU"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """What is compared between servers."""

    kind: Kind
    clients: int


@dataclass(frozen=True, slots=True)
class Result:
    case: Case
    target: str
    run: int
    found: Found


def tell_probe(probe: Probe) -> str:
    played, busy = probe.played, probe.busy
    return (
        f"    {played.rate_per_s:9.0f}/s {'holds' if probe.holds else 'fails':5}"
        f"  p50 {_ms(played.p50_s):>7} ms  p99 {_ms(played.p99_s):>7} ms"
        f"  delivered {played.delivered / (played.sent * played.listeners):6.1%}"
        f"  CPU server {busy.server:4.0%} database {busy.database:4.0%}"
        f" generator {busy.generator:4.0%} others {busy.others:4.0%}"
        + (f"  ({played.failure})" if played.failure else "")
    )


def table(results: list[Result]) -> str:
    """A Markdown table of medians over the runs, one row per case and server."""
    rows = [COLUMNS, tuple("---" for _ in COLUMNS)]
    grouped: defaultdict[tuple[Case, str], list[Found]] = defaultdict(list)
    for result in results:
        grouped[result.case, result.target].append(result.found)
    rows += [_row(case, target, founds) for (case, target), founds in grouped.items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(case: Case, target: str, founds: list[Found]) -> tuple[str, ...]:
    highest = [found.highest for found in founds if found.highest is not None]
    halves = [found.half for found in founds if found.half is not None]
    commits = target == "flashio" and case.kind is Kind.EDITS
    return (
        case.kind.value,
        str(case.clients),
        target,
        _count([probe.played.rate_per_s for probe in highest]),
        _count([probe.played.delivered / probe.played.took_s for probe in highest]),
        _ms(middle([probe.played.p99_s for probe in highest])),
        _count([probe.played.own_seen / probe.played.own_took_s for probe in highest]) if commits else "",
        _ms(middle([probe.played.p50_s for probe in halves])),
        _ms(middle([probe.played.p99_s for probe in halves])),
        _share([probe.busy.server for probe in highest]),
        _share([probe.busy.database for probe in highest]),
        _share([probe.busy.generator for probe in highest]),
        _share([probe.busy.others for probe in highest]),
    )


def remarks(results: list[Result]) -> list[str]:
    """What a reader must know before trusting a figure."""
    found = []
    for result in results:
        highest = result.found.highest
        name = f"{result.target}, {result.case.clients} clients, {result.case.kind.value}, run {result.run}"
        if result.found.trouble is not None:
            found.append(f"{name}: ended early, {result.found.trouble}")
        if highest is None:
            found.append(f"{name}: no rate held")
        elif highest.busy.generator > GENERATOR_IS_BUSY:
            found.append(f"{name}: the generator was {highest.busy.generator:.0%} busy, so the server may do more")
    return found


def save(path: Path, machine: dict[str, str], results: list[Result]) -> None:
    """Write everything that was measured, infinite latencies as null."""
    rows = [
        {
            "kind": result.case.kind.value,
            "clients": result.case.clients,
            "target": result.target,
            "run": result.run,
            "highest": _plain(result.found.highest),
            "half": _plain(result.found.half),
            "trouble": result.found.trouble,
            "probes": [_plain(probe) for probe in result.found.probes],
        }
        for result in results
    ]
    path.write_text(json.dumps({"machine": machine, "results": rows}, indent=1) + "\n", encoding="utf-8")


def _plain(probe: Probe | None) -> dict[str, object] | None:
    if probe is None:
        return None
    played = {name: None if value == math.inf else value for name, value in asdict(probe.played).items()}
    return {**played, "holds": probe.holds, "cpu": asdict(probe.busy)}


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}" if math.isfinite(seconds) else "-"


def _count(values: list[float]) -> str:
    return f"{middle(values):,.0f}" if values else "-"


def _share(values: list[float]) -> str:
    return f"{middle(values):.0%}" if values else "-"
