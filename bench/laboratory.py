"""Where measuring happens: servers to measure, the machine's cores, what was found before, and where to tell of it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from bench.journal import Case, Figures, Journal, Work
from bench.machine import Cores, Watch, move
from bench.targets import TARGETS, Target, running

QUIET_SHARE = 0.1  # of a core: below it a server has nothing left to do
SETTLE_S = 4.0
LOOK_S = 0.2


class Workload(Protocol):
    """Something to measure. A new one needs such a class and a line in `WORKLOADS`."""

    name: str

    def cases(self, *, is_quick: bool) -> list[Case]: ...

    def fits(self, case: Case, target: str) -> bool:
        """Whether the target can be measured in this case."""

    async def measured(self, work: Work, lab: "Laboratory") -> Figures:
        """Measure once.

        Raises:
            OSError, RuntimeError, ExceptionGroup: the server broke down or let nobody in.
        """

    def section(self, journal: Journal) -> str:
        """The part of RESULTS.md, as Markdown."""


@dataclass(slots=True)
class Laboratory:
    """Use `opened`. `is_quick`: figures are not looked at, so servers are shared between cases to save their start."""

    journal: Journal
    tell: Callable[[str], None]
    is_quick: bool = False
    cores: Cores = field(default_factory=Cores.of_this_machine)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _shared: dict[str, Target] = field(default_factory=dict)
    _folders: dict[str, Path] = field(default_factory=dict)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Laboratory"]:
        async with self._stack:
            yield self

    @asynccontextmanager
    async def server(self, name: str) -> AsyncIterator[Target]:
        """A target that was never used, started."""
        if self.is_quick:
            if name not in self._shared:
                target = TARGETS[name](self.folder(f"shared-{name}"))
                self._shared[name] = await self._stack.enter_async_context(running(target, self.cores))
            yield self._shared[name]
            return
        with TemporaryDirectory(prefix="bench-") as folder:
            async with running(TARGETS[name](Path(folder)), self.cores) as target:
                move([os.getpid()], self.cores.generator)
                yield target

    def folder(self, name: str) -> Path:
        """A folder that lasts as long as the laboratory, the same for the same name."""
        if name not in self._folders:
            self._folders[name] = Path(self._stack.enter_context(TemporaryDirectory(prefix="bench-")))
        return self._folders[name]


async def has_settled(target: Target) -> bool:
    """Whether the server is done with what it was sent, now or in a moment."""
    for _ in range(int(SETTLE_S / LOOK_S)):
        with Watch(target.server_pids, target.database_pids) as watch:
            await asyncio.sleep(LOOK_S)
        if watch.busy.server < QUIET_SHARE:
            return True
    return False


def reason(error: BaseException) -> str:
    """What went wrong, without the groups around it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return repr(error)
