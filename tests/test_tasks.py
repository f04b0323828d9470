"""The supervisor: a failure is counted and logged, a service comes back, and leaving ends everything."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from prometheus_client import REGISTRY

from server.clock import ManualClock
from server.tasks import RESTART_LONGEST_S, Tasks


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def tasks(clock: ManualClock) -> AsyncIterator[Tasks]:
    async with Tasks(clock) as tasks:
        yield tasks


def failures(name: str) -> float:
    return REGISTRY.get_sample_value("flashio_task_failures_total", {"task": name}) or 0.0


async def settle() -> None:
    """Let everything that can run now run."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_task_that_fails_is_counted_and_harms_nobody(tasks: Tasks) -> None:
    """P8."""
    ran = asyncio.Event()

    async def fails() -> None:
        raise ValueError("broken")

    async def works() -> None:
        ran.set()

    before = failures("fails")
    await tasks.start("fails", fails())
    await tasks.start("works", works())
    assert ran.is_set()
    assert failures("fails") == before + 1


async def test_a_service_that_fails_starts_again_after_a_growing_delay(tasks: Tasks, clock: ManualClock) -> None:
    starts = []

    async def service() -> None:
        starts.append(clock.monotonic())
        raise ValueError("broken")

    tasks.serve("flaky", service)
    for _ in range(4_000):
        await settle()
        clock.advance(0.01)
    delays = [later - earlier for earlier, later in pairwise(starts)]
    assert len(starts) >= 5
    assert delays[0] <= 0.12
    assert max(delays) > 10 * delays[0]
    assert max(delays) <= RESTART_LONGEST_S + 0.02


async def test_a_job_runs_again_after_a_run_that_failed(tasks: Tasks, clock: ManualClock) -> None:
    runs = []

    async def job() -> None:
        runs.append(clock.monotonic())
        if len(runs) == 1:
            raise ValueError("broken")

    tasks.every("job", 10, job)
    for _ in range(36):
        await settle()
        clock.advance(1)
    assert len(runs) == 3
    assert all(8.9 <= later - earlier <= 12 for earlier, later in pairwise(runs))


async def test_leaving_cancels_and_awaits_everything(clock: ManualClock) -> None:
    ended = []

    async def for_ever(name: str) -> None:
        try:
            await clock.sleep(1_000)
        finally:
            await asyncio.sleep(0)
            ended.append(name)

    async with Tasks(clock) as tasks:
        tasks.start("once", for_ever("once"))
        tasks.serve("service", lambda: for_ever("service"))
        tasks.every("job", 1, lambda: for_ever("job"))
        await settle()
        clock.advance(2)
        await settle()
    assert sorted(ended) == ["job", "once", "service"]


async def test_a_task_that_is_cancelled_before_its_first_step_is_ended_without_complaint(clock: ManualClock) -> None:
    work = clock.sleep(1)
    async with Tasks(clock) as tasks:
        tasks.start("never begun", work)
    with pytest.raises(RuntimeError, match="cannot reuse"):
        await work


async def test_a_task_may_stop_everything_without_waiting_for_itself(clock: ManualClock) -> None:
    tasks = Tasks(clock)
    other = tasks.start("other", clock.sleep(1_000))
    await tasks.start("stopper", tasks.stop())
    assert other.cancelled()
