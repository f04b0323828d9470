"""Sockets share the time in which they are read, so that the busiest does not keep the others from their turn."""

import asyncio
from time import perf_counter

import pytest

from server.transport.reading_time import ReadingTime, reading_time

READING_S = 1.0
TOLERANCE_S = 0.1  # between two looks at the clock


async def turn_over() -> None:
    done = asyncio.Event()
    asyncio.get_running_loop().call_soon(done.set)
    await done.wait()


async def test_the_second_turn_is_shared_by_as_many_as_the_first_had() -> None:
    time = ReadingTime(asyncio.get_running_loop(), READING_S)
    for readers in (1, 2, 3, 4):
        assert time.ends_at() - perf_counter() == pytest.approx(READING_S / readers, abs=TOLERANCE_S)
    await turn_over()
    for _ in range(4):
        assert time.ends_at() - perf_counter() == pytest.approx(READING_S / 4, abs=TOLERANCE_S)


async def test_who_is_alone_again_has_all_the_time() -> None:
    time = ReadingTime(asyncio.get_running_loop(), READING_S)
    for _ in range(10):
        time.ends_at()
    await turn_over()
    time.ends_at()
    await turn_over()
    assert time.ends_at() - perf_counter() == pytest.approx(READING_S, abs=TOLERANCE_S)


async def test_a_loop_has_one() -> None:
    loop = asyncio.get_running_loop()
    assert reading_time(loop) is reading_time(loop)
