"""A loop that is held up is seen: in the figure, and on the page that Prometheus reads."""

import asyncio
import re
import time

import httpx
import pytest
from prometheus_client import REGISTRY

from server.clock import ManualClock
from server.loop_lag import INTERVAL_S, watch_loop
from server.tasks import Tasks
from tests.harness.worker import Worker, running_worker

HELD_UP_S = 0.4
SEEN_TIMEOUT_S = 10.0
SUM = re.compile(r"^flashio_event_loop_lag_seconds_sum (\S+)", re.MULTILINE)


def observed() -> tuple[float, float]:
    """How often the lag was measured, and the sum in seconds."""
    count, total = (REGISTRY.get_sample_value(f"flashio_event_loop_lag_seconds_{kind}") for kind in ("count", "sum"))
    return count or 0.0, total or 0.0


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_lateness_is_what_a_timer_was_late() -> None:
    clock = ManualClock()
    async with Tasks(clock) as tasks:
        tasks.serve("watch", lambda: watch_loop(clock))
        await settle()
        count, total = observed()
        for late_s in (0.0, 0.25, 0.0):
            clock.advance(INTERVAL_S + late_s)
            await settle()
    assert observed() == (count + 3, pytest.approx(total + 0.25))


async def test_a_blocked_loop_is_seen_at_metrics(database_url: str) -> None:
    async with running_worker(database_url) as worker:
        before = await lag_sum(worker)
        await asyncio.sleep(0)  # the watch begins
        time.sleep(HELD_UP_S)  # noqa: ASYNC251 - blocking the loop is what this is about
        async with asyncio.timeout(SEEN_TIMEOUT_S):
            while await lag_sum(worker) - before < HELD_UP_S - INTERVAL_S:  # noqa: ASYNC110 - a timer of the worker sees it
                await asyncio.sleep(0)


async def lag_sum(worker: Worker) -> float:
    transport = httpx.ASGITransport(worker.asgi)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        found = SUM.search((await http.get("/metrics")).text)
    assert found is not None
    return float(found[1])
