"""How long sockets may be read in one turn of the loop, all of them together.

Long enough that telling a large room costs less than what it is told of; short enough that nobody feels the pause.
"""

import asyncio
from time import perf_counter
from weakref import WeakKeyDictionary

READING_S = 0.016  # a frame of a display
SLICE = 32  # messages that a socket may hand out whatever others took


class ReadingTime:
    """Runs from the first question of a turn to its end; the loop's own clock stands still meanwhile."""

    def __init__(self, loop: asyncio.AbstractEventLoop, reading_s: float = READING_S) -> None:
        self._loop = loop
        self._reading_s = reading_s
        self._ends_at: float | None = None

    @property
    def is_over(self) -> bool:
        now = perf_counter()
        if self._ends_at is None:
            self._ends_at = now + self._reading_s
            self._loop.call_soon(self._end_turn)
        return now > self._ends_at

    def _end_turn(self) -> None:
        self._ends_at = None


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, ReadingTime] = WeakKeyDictionary()


def reading_time(loop: asyncio.AbstractEventLoop) -> ReadingTime:
    """The one of this loop."""
    found = _of_loops.get(loop)
    if found is None:
        found = _of_loops[loop] = ReadingTime(loop)
    return found
