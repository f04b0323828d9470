"""The supervisor that owns every task: a failure is logged, counted and, for a service, restarted with back-off.

No other module of ours starts a task, but for requests, whose tasks uvicorn owns.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine

import structlog
from prometheus_client import Counter, Gauge

from server.clock import Clock

log = structlog.get_logger(__name__)

RESTART_FIRST_S = 0.1
RESTART_LONGEST_S = 10.0

_failures = Counter("flashio_task_failures_total", "Tasks that ended by an exception", ["task"])
_running = Gauge("flashio_tasks_running", "Tasks under way")


class Tasks:
    """Use as `async with Tasks(clock) as tasks`: leaving it cancels and awaits everything it started."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Tasks":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Cancel and await everything; started twice or by a task of its own, it leaves the caller out."""
        current = asyncio.current_task()
        ending = [task for task in self._tasks if task is not current]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    def running(self) -> list[asyncio.Task[None]]:
        """What is under way now."""
        return list(self._tasks)

    def start(self, name: str, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run `work` once; an exception is logged and counted, never raised to others."""
        task = self._own(name, self._once(name, work))
        task.add_done_callback(lambda _: work.close())  # cancelled before its first step it was never entered
        return task

    def serve(self, name: str, service: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Run `service` for ever: when it ends by an exception it starts again after a growing, jittered delay."""
        return self._own(name, self._for_ever(name, service))

    def every(self, name: str, interval_s: float, job: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Run `job`, wait `interval_s` (jittered by a tenth), and again; a failed run does not end the series."""

        async def series() -> None:
            while True:
                await self._clock.sleep(interval_s * random.uniform(0.9, 1.1))  # noqa: S311 - jitter, not a secret
                await self._once(name, job())

        return self._own(name, series())

    def _own(self, name: str, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        _running.inc()
        task.add_done_callback(self._disown)
        return task

    def _disown(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        _running.dec()

    async def _once(self, name: str, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception:
            _failures.labels(name).inc()
            log.exception("task failed", task=name)

    async def _for_ever(self, name: str, service: Callable[[], Awaitable[None]]) -> None:
        delay_s = RESTART_FIRST_S
        while True:
            began = self._clock.monotonic()
            await self._once(name, service())
            if self._clock.monotonic() - began > RESTART_LONGEST_S:
                delay_s = RESTART_FIRST_S
            await self._clock.sleep(delay_s * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
            delay_s = min(delay_s * 2, RESTART_LONGEST_S)
