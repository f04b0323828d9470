"""The highest rate of incoming messages that a server passes on to everybody in time."""

import itertools
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import NamedTuple

from bench.generator import Crowd, Played, crowd
from bench.machine import Busy, watching
from bench.messages import Kind
from bench.targets import Target

LIMIT_S = 0.2  # of the 99th percentile: above it people feel that others are late
FIRST_RATE = 1_000.0
LOWEST_RATE = 10.0
HIGHEST_RATE = 400_000.0
STEP = 2.0  # while looking for the first rate that fails or holds
DISTURBED = 0.2  # of a core taken by others: a run that failed then says little about the server


@dataclass(frozen=True, slots=True)
class Plan:
    """`precision`: the search ends when what fails is at most this many times what holds; `probes` bounds it.

    A run that fails while others work on the machine is repeated, until there were `tries`.
    """

    duration_s: float
    precision: float
    probes: int
    tries: int
    is_quick: bool = False  # its figures are not looked at, so others may run beside it


QUICK = Plan(duration_s=0.5, precision=2.0, probes=4, tries=1, is_quick=True)
FULL = Plan(duration_s=2.0, precision=1.2, probes=30, tries=4)


class Probe(NamedTuple):
    played: Played
    busy: Busy

    @property
    def holds(self) -> bool:
        return self.played.is_complete and self.played.p99_s < LIMIT_S


class Found(NamedTuple):
    """`highest` is None when no rate held, `half` is a run at half its rate, `trouble` what ended the search early."""

    highest: Probe | None
    half: Probe | None
    probes: list[Probe]
    trouble: str | None = None


class Prober:
    """Runs one rate after another; a crowd that fell behind is replaced by a new one in a new room."""

    def __init__(self, target: Target, kind: Kind, clients: int, plan: Plan, on_probe: Callable[[Probe], None]) -> None:
        self._target = target
        self._kind = kind
        self._clients = clients
        self._plan = plan
        self._on_probe = on_probe
        self._stack = AsyncExitStack()
        self._crowd: Crowd | None = None
        self._rooms = itertools.count(1)
        self.probes: list[Probe] = []

    async def probe(self, rate_per_s: float) -> Probe:
        people = await self._people(int(rate_per_s * self._plan.duration_s) + 1)
        script = people.prepare(rate_per_s, self._plan.duration_s)
        with watching(self._target.server_pids, self._target.database_pids) as busy:
            start = await people.perform(script)
        probe = Probe(people.counted(script, start), busy())
        self.probes.append(probe)
        self._on_probe(probe)
        if not probe.holds:
            await self.leave()
        return probe

    async def best_of(self, tries: int, rate_per_s: float) -> Probe:
        """The first run that holds, or that fails undisturbed, or the last one."""
        for _ in range(tries - 1):
            probe = await self.probe(rate_per_s)
            if probe.holds or probe.busy.others < DISTURBED:
                return probe
        return await self.probe(rate_per_s)

    async def leave(self) -> None:
        self._crowd = None
        await self._stack.aclose()

    async def _people(self, messages: int) -> Crowd:
        if self._crowd is not None and not self._crowd.has_room_for(messages):
            await self.leave()
        if self._crowd is None:
            room = self._target.room(f"bench/{self._kind.value}-{self._clients}-{next(self._rooms)}")
            self._crowd = await self._stack.enter_async_context(crowd(room, self._kind, self._clients))
        return self._crowd


async def found(
    target: Target, kind: Kind, clients: int, plan: Plan, first_rate: float, on_probe: Callable[[Probe], None]
) -> Found:
    """Search from a first rate: double or halve until one rate holds and one fails, then close in between them."""
    prober = Prober(target, kind, clients, plan, on_probe)
    highest, failing, rate = None, 0.0, first_rate
    try:
        while len(prober.probes) < plan.probes and LOWEST_RATE <= rate <= HIGHEST_RATE:
            probe = await prober.best_of(plan.tries, rate)
            if probe.holds:
                highest = probe
            else:
                failing = rate
            held = highest.played.rate_per_s if highest else 0.0
            if held and failing and failing / held <= plan.precision:
                break
            rate = _next(held, failing)
        return Found(highest, None, prober.probes)
    except (OSError, ExceptionGroup) as error:  # a server that broke down under the load, or lets nobody in
        return Found(highest, None, prober.probes, f"{error!r}")
    finally:
        await prober.leave()


async def at_half(
    target: Target, kind: Kind, clients: int, plan: Plan, found: Found, on_probe: Callable[[Probe], None]
) -> Found:
    """The same with the run at half the highest rate, on a server that no search has worn out."""
    if found.highest is None:
        return found
    prober = Prober(target, kind, clients, plan, on_probe)
    try:
        return found._replace(half=await prober.best_of(plan.tries, found.highest.played.rate_per_s / 2))
    finally:
        await prober.leave()


def _next(held: float, failing: float) -> float:
    if not failing:
        return held * STEP
    if not held:
        return failing / STEP
    return float((held * failing) ** 0.5)
