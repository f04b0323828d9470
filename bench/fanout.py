"""`python -m bench.fanout`: one room, one sender or ten, and the highest rate that reaches everyone in time."""

from collections.abc import Callable
from typing import Any

from bench.journal import Case, Figures, Journal, Record, Work
from bench.laboratory import Laboratory, has_settled, reason
from bench.machine import Busy
from bench.messages import Kind
from bench.search import FULL, LOWEST_RATE, QUICK, Plan, Probe, Prober, Setting
from bench.tables import CPU_COLUMN, count, cpu, markdown, median_of, ms, ratio, spread, values
from bench.targets import OURS, TARGETS, Target

CLIENTS, SENDERS = (50, 200, 1000), (1, 10)
QUICK_CLIENTS, QUICK_SENDERS = (6,), (1, 3)
# Where scouts begin: at a part of what the target did with other senders, or else in another size of room.
NEARBY: tuple[tuple[int, Callable[[Case, Case], bool]], ...] = (
    (2, lambda one, other: (one["kind"], one["clients"]) == (other["kind"], other["clients"])),
    (8, lambda one, other: one["kind"] == other["kind"]),
)
GENERATOR_IS_BUSY = 0.9  # of its core: above it the generator may be what was measured
COLUMNS = (
    *(
        "clients",
        "senders",
        "server",
        "highest in/s (least-most)",
        "to best peer",
        "reached/s",
        "p99 ms",
        "committed/s",
    ),
    *("half: p50 ms", "half: p99 ms", CPU_COLUMN),
)


class Fanout:
    name = "fanout"

    def cases(self, *, is_quick: bool) -> list[Case]:
        sizes, senders = (QUICK_CLIENTS, QUICK_SENDERS) if is_quick else (CLIENTS, SENDERS)
        return [
            {"kind": kind.value, "senders": several, "clients": size}
            for kind in Kind
            for several in senders
            for size in sizes
        ]

    def fits(self, case: Case, target: str) -> bool:  # noqa: ARG002 - every server has rooms
        return True

    async def measured(self, work: Work, lab: Laboratory) -> Figures:
        plan = QUICK if lab.is_quick else FULL
        earlier = lab.journal.of(self.name, work.case, work.target)
        if earlier and earlier[-1].figures and not earlier[-1].figures["highest"]:
            return earlier[-1].figures | {"repeated": False}
        setting = Setting(Kind(work.case["kind"]), int(work.case["clients"]), int(work.case["senders"]))
        rate, is_known = _where_to_begin(work, earlier, lab.journal, plan)
        probes: list[Figures] = []
        breakdown = half = None

        def keep(probe: Probe) -> None:
            probes.append(probe.figures())
            lab.tell(told(probe))

        async with lab.server(work.target) as target:
            prober = Prober(target, setting, plan, keep)
            try:
                await prober.highest_from(rate, is_known=is_known)
            except (OSError, ExceptionGroup) as error:  # it broke down under the load: that is a finding too
                breakdown = reason(error)
            highest = prober.highest
            if highest is not None and await has_settled(target):
                half = await _at_half(target, setting, plan, highest, keep)
        if highest is not None and half is None:
            async with lab.server(work.target) as target:
                half = await _at_half(target, setting, plan, highest, keep)
        return {
            "highest": highest and highest.figures(),
            "half": half and half.figures(),
            "breakdown": breakdown,
            "probes": probes,
        }

    def section(self, journal: Journal) -> str:
        parts = [GROWTH.format(table=_growth(journal))]
        for kind in Kind:
            rows = [
                _row(case, target, records, journal)
                for case, target, records in journal.grouped(self.name)
                if case["kind"] == kind.value
            ]
            if rows:
                parts.append(f"### {kind.value.capitalize()}\n\n{markdown(COLUMNS, rows)}")
        return "\n\n".join([TEXT, *parts, _remarks(journal)]).rstrip()


async def _at_half(target: Target, setting: Setting, plan: Plan, highest: Probe, keep: Any) -> Probe | None:
    try:
        return await Prober(target, setting, plan, keep).once(highest.played.rate_per_s / 2)
    except (OSError, ExceptionGroup):
        return None


def _where_to_begin(work: Work, earlier: list[Record], journal: Journal, plan: Plan) -> tuple[float, bool]:
    """What the last run found, so that the next one need not look for it from far away; or a guess."""
    if earlier and earlier[-1].figures:
        return float(earlier[-1].figures["highest"]["rate_per_s"]), True
    for part, nearby in NEARBY:
        for record in reversed(journal.of("fanout", target=work.target)):
            if nearby(record.work.case, work.case) and record.figures.get("highest"):
                return max(record.figures["highest"]["rate_per_s"] / part, LOWEST_RATE), False
    return plan.first_rate, False


def told(probe: Probe) -> str:
    played = probe.played
    return (
        f"{played.rate_per_s:9.0f}/s {'holds' if probe.holds else 'fails':5}"
        f"  p50 {ms(played.p50_s):>7} ms  p99 {ms(played.p99_s):>7} ms"
        f"  delivered {played.delivered / played.expected:6.1%}  {told_cpu(probe.busy)}"
        + (f"  ({played.failure})" if played.failure else "")
    )


def told_cpu(busy: Busy) -> str:
    return (
        f"CPU server {busy.server:4.0%} generator {busy.generator:4.0%}"
        f" database {busy.database:4.0%} others {busy.others:4.0%}"
    )


def _rate(figures: Figures) -> float | None:
    return figures["highest"]["rate_per_s"] if figures.get("highest") else None


def _of(name: str, figure: str) -> Any:
    return lambda figures: figures[name].get(figure) if figures.get(name) else None


def _per_s(seen: str, took: str) -> Any:
    return lambda figures: figures["highest"][seen] / figures["highest"][took] if _rate(figures) else None


def _highest_of_peers(journal: Journal, case: Case) -> list[float | None]:
    return [median_of(journal.of("fanout", case, name), _rate) for name in TARGETS if name != OURS]


def _row(case: Case, target: str, records: list[Record], journal: Journal) -> list[str]:
    start = [str(case["clients"]), str(case["senders"]), target]
    if median_of(records, _rate) is None:
        return [*start, f"under {LOWEST_RATE:g}", *[""] * (len(COLUMNS) - 4)]
    commits = target == OURS and case["kind"] == Kind.EDITS.value
    return [
        *start,
        spread(records, _rate),
        ratio(median_of(records, _rate), _highest_of_peers(journal, case)),
        count(median_of(records, _per_s("delivered", "took_s"))),
        ms(median_of(records, _of("highest", "p99_s"))),
        count(median_of(records, _per_s("own_seen", "own_took_s"))) if commits else "",
        ms(median_of(records, _of("half", "p50_s"))),
        ms(median_of(records, _of("half", "p99_s"))),
        cpu(records, _of("highest", "cpu")),
    ]


def _growth(journal: Journal) -> str:
    """Highest rates side by side for the sizes of the room."""
    sizes = list(dict.fromkeys(case["clients"] for case in journal.cases("fanout")))
    lines = dict.fromkeys((case["kind"], case["senders"]) for case in journal.cases("fanout"))
    rows = [
        [
            *(str(kind), str(senders), target),
            *(
                count(
                    median_of(journal.of("fanout", {"kind": kind, "senders": senders, "clients": size}, target), _rate)
                )
                for size in sizes
            ),
        ]
        for kind, senders in lines
        for target in journal.targets("fanout")
    ]
    return markdown(("kind", "senders", "server", *(f"{size} clients" for size in sizes)), rows)


def _remarks(journal: Journal) -> str:
    """What a reader must know before trusting a figure."""
    found = []
    for case, target, records in journal.grouped("fanout"):
        name = f"{case['kind']}, {case['clients']} clients, {case['senders']} senders, {target}"
        busiest = max(
            values(records, lambda figures: (_of("highest", "cpu")(figures) or {}).get("generator")), default=0
        )
        if busiest > GENERATOR_IS_BUSY:
            found.append(f"- {name}: the generator was up to {busiest:.0%} busy, so the server may do more.")
        if broken := [record.figures["breakdown"] for record in records if record.figures.get("breakdown")]:
            found.append(f"- {name}: {len(broken)} searches ended early: `{broken[0][:160]}`")
    return "\n".join(["Remarks:", "", *found]) if found else ""


TEXT = """\
## One room: the highest rate that reaches everyone

Cursors or edits of one sender, or of ten (their sum), to everybody else in one document. The highest rate at which
everybody got everything with the 99th percentile under 200 ms, and the latency at half that rate. `reached/s` is
messages times listeners, however few frames carried them."""
GROWTH = """\
### How it grows with the room

Highest rate in, messages a second:

{table}"""

if __name__ == "__main__":
    from bench.__main__ import main

    main(only=Fanout.name)
