"""Markdown tables of medians."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bench.journal import Record
from bench.stats import middle

Reading = Callable[[dict[str, Any]], Any]  # a figure of one run; None when it has none


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def values(records: Iterable[Record], reading: Reading) -> list[float]:
    """The figure of every run that has it."""
    found = []
    for record in records:
        if record.trouble is None or record.figures:
            value = reading(record.figures)
            if value is not None:
                found.append(value)
    return found


def median_of(records: Iterable[Record], reading: Reading) -> float | None:
    """The median over the runs; None when no run has the figure."""
    found = values(records, reading)
    return middle(found) if found else None


def count(number: float | None) -> str:
    if number is None:
        return "-"
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:.1f}"


def spread(records: Iterable[Record], reading: Reading, show: Callable[[float | None], str] = count) -> str:
    """Median, and the lowest and highest of several runs."""
    found = values(records, reading)
    if len(set(found)) < 2:
        return show(middle(found) if found else None)
    return f"{show(middle(found))} ({show(min(found))}-{show(max(found))})"


def ratio(own: float | None, peers: Iterable[float | None], *, less_is_better: bool = False) -> str:
    """How many times better than the best of the peers; 1 is as good, more is better."""
    known = [value for value in peers if value]
    if not own or not known:
        return "-"
    times = min(known) / own if less_is_better else own / max(known)
    return f"{times:.2g}" if times < 10 else f"{times:.0f}"


def cpu(records: Iterable[Record], reading: Reading) -> str:
    """Medians of the shares of a core: server / generator / database / others."""
    records = list(records)

    def share(name: str) -> str:
        value = median_of(records, lambda figures: (reading(figures) or {}).get(name))
        return "-" if value is None else f"{value * 100:.0f}"

    return " / ".join(share(name) for name in ("server", "generator", "database", "others"))


CPU_COLUMN = "CPU %: server / generator / database / others"
