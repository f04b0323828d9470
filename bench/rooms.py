"""`python -m bench.rooms`: many rooms of five people who all type and move about, and how many of them are held."""

import asyncio
import itertools
import math
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import Any

from bench.connecting import JOIN_TIMEOUT_S
from bench.crowd import SHORT_TEXT, Crowd
from bench.generator import Scene, performed, rehearsed
from bench.journal import Case, Figures, Journal, Record, Work
from bench.laboratory import Laboratory, has_settled, reason
from bench.machine import Watch
from bench.messages import Kind
from bench.stats import middle
from bench.tables import CPU_COLUMN, count, cpu, markdown, median_of, ms, ratio, spread
from bench.targets import OURS, Target

PEOPLE = 5
EDITS_PER_S, CURSORS_PER_S = 5, 10
ROOMS = 200  # the case that is measured of every server
RUNGS = (5, 10, 20, 35, 50, 75, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1000)
QUICK_ROOMS, QUICK_RUNGS = 6, (3, 6)
DURATION_S, QUICK_DURATION_S = 4.0, 1.0
LATE_S, SMOOTH_S = 0.2, 0.015  # of the 99th percentile: what people notice, and what they would call immediate
FRAME_S = 1 / CURSORS_PER_S  # rooms begin spread over this time
FILLING_AT_ONCE = 8  # rooms
_names = itertools.count(1)


class Rooms:
    name = "rooms"

    def cases(self, *, is_quick: bool) -> list[Case]:
        return [{"rooms": QUICK_ROOMS if is_quick else ROOMS}]

    def fits(self, case: Case, target: str) -> bool:  # noqa: ARG002 - every server has rooms
        return True

    async def measured(self, work: Work, lab: Laboratory) -> Figures:
        ladder = QUICK_RUNGS if lab.is_quick else RUNGS
        case = int(work.case["rooms"])
        known = lab.journal.of(self.name, work.case, work.target)[-1:]
        climb = _Climb(lab, work.target, ladder)
        async with climb.stack:
            await climb.holds(case, LATE_S)
            start = int(known[0].figures["held"]) if known and known[0].figures else case
            held = await climb.highest(LATE_S, start)
            start = int(known[0].figures["smooth"]) if known and known[0].figures else held
            smooth = await climb.highest(SMOOTH_S, start)
        return {
            "case": climb.steps[case],
            "steps": {str(rooms): climb.steps[rooms] for rooms in sorted(climb.steps)},
            "held": held,
            "smooth": smooth,
        }

    def section(self, journal: Journal) -> str:
        return "\n\n".join([TEXT, _case_table(journal), _held_table(journal), GROWTH, _growth(journal)])


class _Climb:
    """Measures numbers of rooms of a ladder, each once, on a server that the last one has not worn out."""

    def __init__(self, lab: Laboratory, target: str, ladder: Sequence[int]) -> None:
        self._lab = lab
        self._name = target
        self._ladder = ladder
        self._server: Target | None = None
        self._spare_tries = 1
        self.stack = AsyncExitStack()
        self.steps: dict[int, Figures] = {}

    async def highest(self, limit_s: float, start: int) -> int:
        """The highest rung that holds, 0 when none does: away from `start` in growing strides, then in between."""
        low, high, stride = -1, len(self._ladder), 1
        at = self._ladder.index(start) if start in self._ladder else 0
        while high - low > 1:
            if await self.holds(self._ladder[at], limit_s):
                low = at
                at = at + stride if high == len(self._ladder) else (low + high) // 2
            else:
                high = at
                at = at - stride if low < 0 else (low + high) // 2
            at, stride = min(max(at, low + 1), high - 1), stride * 2
        return self._ladder[low] if low >= 0 else 0

    async def holds(self, rooms: int, limit_s: float) -> bool:
        if rooms not in self.steps:
            await self._measure(rooms)
            if "breakdown" in self.steps[rooms] and self._spare_tries:  # lest one bad moment be held against it
                self._spare_tries -= 1
                await self._renew()
                await self._measure(rooms)
        return _is_held(self.steps[rooms], limit_s)

    async def _measure(self, rooms: int) -> None:
        if self._server is None or not await has_settled(self._server):
            await self._renew()
        try:
            self.steps[rooms] = await played(
                self._server, rooms, QUICK_DURATION_S if self._lab.is_quick else DURATION_S
            )
        except (OSError, ExceptionGroup) as error:  # it broke down under the load: that is a finding too
            self.steps[rooms] = {"breakdown": reason(error)}
        self._lab.tell(_told(rooms, self.steps[rooms]))

    async def _renew(self) -> None:
        await self.stack.aclose()
        self._server = await self.stack.enter_async_context(self._lab.server(self._name))


async def played(target: Target, rooms: int, duration_s: float) -> Figures:
    """Everybody edits and moves about for a while.

    Raises:
        OSError, ExceptionGroup: the server lets nobody in.
    """
    crowds: list[Crowd] = []
    try:
        for number in range(rooms):
            room = target.room(f"room-{next(_names)}")
            crowds.append(Crowd(room, PEOPLE, (Kind.CURSORS, Kind.EDITS), SHORT_TEXT, number * PEOPLE))
        await _join(crowds)
        scenes = [_scene(crowd, duration_s, number / rooms * FRAME_S) for number, crowd in enumerate(crowds)]
        watch = Watch(target.server_pids, target.database_pids)
        result = await performed(scenes, rooms * PEOPLE * (EDITS_PER_S + CURSORS_PER_S), watch, puts_off=True)
    finally:
        for crowd in crowds:
            crowd.leave()
    return {**asdict(result), "complete": result.delivered / result.expected, "cpu": asdict(watch.busy)}


async def _join(crowds: Sequence[Crowd]) -> None:
    at_once = asyncio.Semaphore(FILLING_AT_ONCE)

    async def fill(crowd: Crowd) -> None:
        async with at_once:
            await crowd.join(PEOPLE)

    async with asyncio.timeout(JOIN_TIMEOUT_S), asyncio.TaskGroup() as group:
        for crowd in crowds:
            group.create_task(fill(crowd))


def _scene(crowd: Crowd, duration_s: float, begins_s: float) -> Scene:
    cursors = rehearsed(crowd, Kind.CURSORS, 1 / CURSORS_PER_S, int(duration_s * CURSORS_PER_S), begins_s)
    edits = rehearsed(crowd, Kind.EDITS, 1 / EDITS_PER_S, int(duration_s * EDITS_PER_S), begins_s + FRAME_S / 2)
    return Scene(crowd, [*cursors, *edits])


def _is_held(step: Figures, limit_s: float) -> bool:
    if "breakdown" in step or step["failure"] is not None or step["p99_s"] is None:
        return False
    return bool(step["delivered"] == step["expected"] and step["p99_s"] <= limit_s)


def _told(rooms: int, step: Figures) -> str:
    if "breakdown" in step:
        return f"{rooms:5} rooms: {step['breakdown']}"
    verdict = "smooth" if _is_held(step, SMOOTH_S) else "holds" if _is_held(step, LATE_S) else "fails"
    return (
        f"{rooms:5} rooms {verdict:6}  p50 {ms(step['p50_s']):>7} ms  p99 {ms(step['p99_s']):>7} ms"
        f"  max {ms(step['max_s']):>7} ms  delivered {step['complete']:6.1%}  "
        + "  ".join(f"{name} {share:.0%}" for name, share in step["cpu"].items())
        + (f"  ({step['failure']})" if step["failure"] else "")
    )


def _case(name: str) -> Any:
    return lambda figures: figures["case"].get(name) if figures else None


def _found(name: str) -> Any:
    return lambda figures: figures.get(name)


def _case_table(journal: Journal) -> str:
    columns = ("server", "reached/s", "delivered", "p50 ms", "p99 ms", "max ms", CPU_COLUMN)
    rows = [
        [
            target,
            count(median_of(records, lambda figures: _per_s(figures.get("case", {})))),
            _percent(median_of(records, _case("complete"))),
            spread(records, _case("p50_s"), ms),
            spread(records, _case("p99_s"), ms),
            spread(records, _case("max_s"), ms),
            cpu(records, _case("cpu")),
        ]
        for case, target, records in journal.grouped("rooms")
    ]
    sizes = ", ".join(str(case["rooms"]) for case in journal.cases("rooms"))
    return f"### {sizes} rooms\n\n{markdown(columns, rows)}"


def _held_table(journal: Journal) -> str:
    columns = ("server", "rooms, p99 < 200 ms", "to best peer", "rooms, p99 <= 15 ms", "to best peer")
    rows = []
    for case, target, records in journal.grouped("rooms"):
        row = [target]
        for name in ("held", "smooth"):
            peers = [
                median_of(journal.of("rooms", case, other), _found(name))
                for other in journal.targets("rooms")
                if other != OURS
            ]
            row += [spread(records, _found(name)), ratio(median_of(records, _found(name)), peers)]
        rows.append(row)
    return f"### The most rooms held\n\n{markdown(columns, rows)}"


def _growth(journal: Journal) -> str:
    """The 99th percentile by number of rooms."""
    records = journal.of("rooms")
    rungs = sorted({int(rung) for record in records for rung in record.figures.get("steps", {})})
    names = journal.targets("rooms")
    rows = [[str(rung), *(_p99(journal.of("rooms", target=name), rung) for name in names)] for rung in rungs]
    return markdown(("rooms", *names), rows)


def _p99(records: list[Record], rung: int) -> str:
    tried = [record.figures["steps"][str(rung)] for record in records if str(rung) in record.figures.get("steps", {})]
    if not tried:
        return ""
    held = [step for step in tried if _is_held(step, float("inf"))]
    if len(held) * 2 < len(tried):
        return "not held"
    return ms(middle([step["p99_s"] for step in held]))


def _per_s(step: Figures) -> float | None:
    return step["delivered"] / step["took_s"] if step.get("took_s") else None


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{math.floor(share * 1000) / 10:.1f} %"


TEXT = """\
## Many rooms of five

Everybody makes 5 edits and 10 cursors a second, spread evenly: 200 rooms are 1,000 clients, 15,000 messages a second in
and 60,000 to be delivered. Latencies of all deliveries count from the scheduled time."""
GROWTH = """\
### How it grows with the rooms

99th percentile in ms; "not held" is where deliveries were lost or seconds late. Empty: not measured, because lower or
higher numbers of rooms had settled it."""

if __name__ == "__main__":
    from bench.__main__ import main

    main(only=Rooms.name)
