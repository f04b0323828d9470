"""Remembered answers: asked for once, never older than they may be, and void once something was forgotten."""

import asyncio

import pytest

from server.access.fresh import Fresh
from server.clock import ManualClock
from server.errors import NotFound


class Source:
    """Answers with the number of times it was asked, when it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.failure: Exception | None = None

    async def ask(self) -> int:
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        if self.failure is not None:
            raise self.failure
        return number


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def fresh(clock: ManualClock) -> Fresh[str, int]:
    return Fresh(clock, 1.0, 2)


async def begun() -> None:
    """Return when every task made before has begun: the loop starts them in one turn."""
    await asyncio.sleep(0)


async def test_all_who_ask_at_the_same_moment_share_one_answer(fresh: Fresh[str, int], source: Source) -> None:
    questions = [asyncio.ensure_future(fresh.of("a", source.ask)) for _ in range(50)]
    await begun()
    source.may_answer.set()
    assert await asyncio.gather(*questions) == [1] * 50


async def test_an_answer_is_remembered_for_its_time_since_it_was_asked_for(
    fresh: Fresh[str, int], source: Source, clock: ManualClock
) -> None:
    question = asyncio.ensure_future(fresh.of("a", source.ask))
    await begun()
    clock.advance(0.5)
    source.may_answer.set()
    assert await question == 1
    clock.advance(0.49)
    assert await fresh.of("a", source.ask) == 1
    clock.advance(0.01)
    assert await fresh.of("a", source.ask) == 2


async def test_without_room_nothing_is_remembered(clock: ManualClock, source: Source) -> None:
    fresh: Fresh[str, int] = Fresh(clock)
    source.may_answer.set()
    assert [await fresh.of("a", source.ask) for _ in range(2)] == [1, 2]


async def test_what_is_forgotten_is_asked_for_anew_and_the_rest_is_not(fresh: Fresh[str, int], source: Source) -> None:
    source.may_answer.set()
    assert [await fresh.of(key, source.ask) for key in "ab"] == [1, 2]
    fresh.forget(lambda key: key == "a")
    assert [await fresh.of(key, source.ask) for key in "ab"] == [3, 2]
    fresh.forget(lambda _: False, lambda value: value == 2)
    assert [await fresh.of(key, source.ask) for key in "ab"] == [3, 4]


@pytest.mark.parametrize("by", ["key", "value"])
async def test_an_answer_that_was_on_its_way_when_forgotten_is_given_to_nobody(
    fresh: Fresh[str, int], source: Source, by: str
) -> None:
    """P5."""
    questions = [asyncio.ensure_future(fresh.of("a", source.ask)) for _ in range(2)]
    await begun()
    if by == "key":
        fresh.forget(lambda key: key == "a")
    else:
        fresh.forget(lambda _: False, lambda _: True)
    source.may_answer.set()
    assert await asyncio.gather(*questions) == [2, 2]


async def test_a_failure_is_told_to_all_who_waited_and_is_not_kept(fresh: Fresh[str, int], source: Source) -> None:
    questions = [asyncio.ensure_future(fresh.of("a", source.ask)) for _ in range(3)]
    await begun()
    source.failure = NotFound("There is none.")
    source.may_answer.set()
    assert await asyncio.gather(*questions, return_exceptions=True) == [source.failure] * 3
    source.failure = None
    assert await fresh.of("a", source.ask) == 2


async def test_when_the_one_who_asks_leaves_another_asks(fresh: Fresh[str, int], source: Source) -> None:
    first, second = (asyncio.ensure_future(fresh.of("a", source.ask)) for _ in range(2))
    await begun()
    first.cancel()
    source.may_answer.set()
    assert await second == 2


async def test_no_more_is_remembered_than_there_is_room_for(fresh: Fresh[str, int], source: Source) -> None:
    """P10."""
    source.may_answer.set()
    for key in "abc":
        await fresh.of(key, source.ask)
    assert await fresh.of("c", source.ask) == 3
    assert await fresh.of("a", source.ask) == 4
