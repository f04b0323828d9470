"""The highest rate of incoming messages that a server passes on to everybody in time."""

import itertools
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from typing import NamedTuple

from bench.crowd import LONG_TEXT, Crowd
from bench.generator import Played, Scene, performed, rehearsed
from bench.journal import Figures
from bench.machine import Busy, Watch
from bench.messages import Kind
from bench.targets import Target

LIMIT_S = 0.2  # of the 99th percentile: above it people feel that others are late
LOWEST_RATE = 10.0
HIGHEST_RATE = 400_000.0
SCOUT_STEP, STEP = 2.0, 1.4
DISTURBED = 0.2  # of a core taken by others: a run that failed then says little about the server
DRAWN_OUT_S = 1.0  # the lowest rates get longer probes, so that there are some messages


@dataclass(frozen=True, slots=True)
class Plan:
    """`precision`: the search ends when what fails is at most this many times what holds; `probes` bounds it.

    Short scouts look for the neighbourhood where probes then look closely. A probe that fails while others work on the
    machine is repeated, until there were `tries`.
    """

    first_rate: float
    probe_s: float
    scout_s: float
    precision: float
    scouts: int
    probes: int
    tries: int


QUICK = Plan(first_rate=100.0, probe_s=0.3, scout_s=0.2, precision=4.0, scouts=1, probes=2, tries=1)
FULL = Plan(first_rate=1_000.0, probe_s=1.5, scout_s=0.5, precision=1.2, scouts=12, probes=8, tries=2)


class Setting(NamedTuple):
    kind: Kind
    clients: int
    senders: int


class Probe(NamedTuple):
    played: Played
    busy: Busy

    @property
    def holds(self) -> bool:
        return self.played.is_complete and self.played.p99_s < LIMIT_S

    def figures(self) -> Figures:
        return {**asdict(self.played), "holds": self.holds, "cpu": asdict(self.busy)}


class Prober:
    """Runs one rate after another; a crowd that fell behind is replaced by a new one in a new room."""

    rooms = itertools.count(1)

    def __init__(self, target: Target, setting: Setting, plan: Plan, on_probe: Callable[[Probe], None]) -> None:
        self._target = target
        self._setting = setting
        self._plan = plan
        self._on_probe = on_probe
        self._stack = AsyncExitStack()
        self._crowd: Crowd | None = None
        self.highest: Probe | None = None

    async def highest_from(self, rate: float, *, is_known: bool) -> None:
        """Search, leaving what was found in `highest` even when the server breaks down.

        `is_known`: an earlier run found this rate, so scouts need not look for it.

        Raises:
            OSError, ExceptionGroup: the server broke down under the load, or lets nobody in.
        """
        try:
            start = rate if is_known else await self._scouted(rate)
            await self._close_in(start, self._plan.precision if is_known else STEP)
        finally:
            await self.leave()

    async def once(self, rate: float) -> Probe:
        """One rate, again while others disturb it."""
        try:
            return await self._best_of_tries(rate)
        finally:
            await self.leave()

    async def leave(self) -> None:
        self._crowd = None
        await self._stack.aclose()

    async def _scouted(self, rate: float) -> float:
        """The highest power of two times the rate at which a short run holds; the lowest rate when none does."""
        held = failed = False
        for _ in range(self._plan.scouts):
            if (await self._probe(rate, self._plan.scout_s)).holds:
                held = True
                if failed or rate * SCOUT_STEP > HIGHEST_RATE:
                    break
                rate *= SCOUT_STEP
            else:
                failed = True
                rate = max(rate / SCOUT_STEP, LOWEST_RATE)
                if held or rate == LOWEST_RATE:
                    break
        return rate

    async def _close_in(self, rate: float, step: float) -> None:
        held = failed = 0.0
        for _ in range(self._plan.probes):
            probe = await self._best_of_tries(rate)
            if probe.holds:
                held, self.highest = rate, probe
            else:
                failed = rate
            if held and failed:
                if failed / held <= self._plan.precision * 1.01:
                    return
                rate = (held * failed) ** 0.5
            elif rate == (HIGHEST_RATE if held else LOWEST_RATE):
                return
            else:
                rate = min(max(rate * step if held else rate / step, LOWEST_RATE), HIGHEST_RATE)
            step *= step  # when the neighbourhood was wrong, get out of it fast

    async def _best_of_tries(self, rate: float) -> Probe:
        """The first run that holds, or that fails undisturbed, or the last one."""
        for _ in range(self._plan.tries - 1):
            probe = await self._probe(rate, self._plan.probe_s)
            if probe.holds or probe.busy.others < DISTURBED:
                return probe
        return await self._probe(rate, self._plan.probe_s)

    async def _probe(self, rate: float, duration_s: float) -> Probe:
        kind, _, senders = self._setting
        each = max(int(rate * max(duration_s, min(senders * 2 / rate, DRAWN_OUT_S))) // senders, 1)
        crowd = await self._people(each)
        scene = Scene(crowd, rehearsed(crowd, kind, senders / rate, each))
        watch = Watch(self._target.server_pids, self._target.database_pids)
        probe = Probe(await performed([scene], rate, watch), watch.busy)
        self._on_probe(probe)
        if not probe.holds:
            await self.leave()
        return probe

    async def _people(self, messages: int) -> Crowd:
        if self._crowd is not None and not self._crowd.has_room_for(messages):
            await self.leave()
        if self._crowd is None:
            kind, clients, senders = self._setting
            room = self._target.room(f"{kind.value}-{clients}-{senders}-{next(self.rooms)}")
            crowd = Crowd(room, senders, (kind,), LONG_TEXT)
            self._stack.callback(crowd.leave)
            await crowd.join(clients)
            self._crowd = crowd
        return self._crowd
