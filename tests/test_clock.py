"""Time that tests control: it stands still, and sleepers wake in the order of their deadlines."""

import asyncio
from datetime import UTC, datetime, timedelta

from server.clock import ManualClock, SystemClock

START = datetime(2026, 1, 1, tzinfo=UTC)


async def test_manual_time_moves_only_when_told() -> None:
    clock = ManualClock(START)
    assert (clock.now(), clock.monotonic()) == (START, 0)
    clock.advance(90)
    assert (clock.now(), clock.monotonic()) == (START + timedelta(seconds=90), 90)


async def test_sleepers_wake_in_the_order_of_their_deadlines() -> None:
    clock, woken = ManualClock(), []

    async def sleeper(name: str, delay_s: float) -> None:
        await clock.sleep(delay_s)
        woken.append(name)

    async with asyncio.TaskGroup() as group:
        for name, delay_s in (("late", 3), ("early", 1), ("middle", 2), ("early too", 1)):
            group.create_task(sleeper(name, delay_s))
        await asyncio.sleep(0)
        clock.advance(0.9)
        await asyncio.sleep(0)
        assert woken == []
        clock.advance(10)
    assert woken == ["early", "early too", "middle", "late"]


async def test_a_cancelled_sleeper_does_not_stop_the_others_from_waking() -> None:
    clock = ManualClock()
    cancelled, other = asyncio.ensure_future(clock.sleep(1)), asyncio.ensure_future(clock.sleep(2))
    await asyncio.sleep(0)
    cancelled.cancel()
    clock.advance(2)
    await other
    assert cancelled.cancelled()


def test_system_time_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
