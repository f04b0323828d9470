"""How long sockets may be read in one turn of the loop: a time for all of them, shared by those that have much to say.

Long enough that telling a large room costs less than what it is told of; short enough that nobody feels the pause.
"""

import asyncio
from time import perf_counter
from weakref import WeakKeyDictionary

READING_S = 0.020
SLICE = 16  # messages that a socket may hand out in a turn before its time is looked at


class ReadingTime:
    """Counts who has more than a slice. The loop's own clock would not do: it stands still in a turn."""

    def __init__(self, loop: asyncio.AbstractEventLoop, reading_s: float = READING_S) -> None:
        self._loop = loop
        self._reading_s = reading_s
        self._readers = 0
        self._readers_before = 1

    def ends_at(self) -> float:
        """When the socket that asks must rest, in seconds of `perf_counter`; asked once per socket and turn."""
        if not self._readers:
            self._loop.call_soon(self._end_turn)
        self._readers += 1
        return perf_counter() + self._reading_s / max(self._readers, self._readers_before)

    def _end_turn(self) -> None:
        self._readers, self._readers_before = 0, max(self._readers, 1)


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, ReadingTime] = WeakKeyDictionary()


def reading_time(loop: asyncio.AbstractEventLoop) -> ReadingTime:
    """The one of this loop."""
    found = _of_loops.get(loop)
    if found is None:
        found = _of_loops[loop] = ReadingTime(loop)
    return found
