"""The people of one room: clients that all listen, the first few of them also writing."""

import asyncio
from collections.abc import Callable, Iterable
from time import perf_counter

from bench.connecting import CONNECTING_AT_ONCE, JOIN_TIMEOUT_S, Room, connected
from bench.listener import Authors, Listener
from bench.messages import FIRST_AUTHOR, FIRST_CURSOR, Kind, Voice, cursor, first_text

POLL_S = 0.01
# Where clocks of edits begin, and end because they would get longer: of 3 bytes for long streams, of 2 for a few keys.
LONG_TEXT = range((1 << 14) + 1, 1 << 21)
SHORT_TEXT = range((1 << 7) + 1, 1 << 14)


class Crowd:
    """Author `i` is client `i`. Clocks of an author's next messages go up from run to run."""

    def __init__(self, room: Room, senders: int, kinds: tuple[Kind, ...], text: range, first_author: int = 0) -> None:
        self.room = room
        self.authors = [FIRST_AUTHOR + first_author + number for number in range(senders)]
        self._followed = Authors(self.authors)
        self._kinds = kinds
        self._text = text
        self._next = {Kind.CURSORS: FIRST_CURSOR, Kind.EDITS: text.start}
        self.clients: list[Listener] = []

    async def join(self, size: int) -> None:
        """Connect everybody; texts are written before the others come, cursors shown when all are there.

        Raises:
            ConnectionError: the server refused or closed a socket.
            TimeoutError: somebody was not in the room in time.
        """
        async with asyncio.timeout(JOIN_TIMEOUT_S):
            await self._connect(1)  # pycrdt-websocket hangs when two open a room at once
            await self._connect(len(self.authors) - 1)
            if Kind.EDITS in self._kinds:
                self._say(first_text(author, self.room.dialect, self._text.start) for author in self.authors)
            await self._connect(size - len(self.authors))
        if Kind.CURSORS in self._kinds:
            self._say(cursor(author, self.room.dialect, FIRST_CURSOR - 1) for author in self.authors)
        if not await until(self._all_is_seen, JOIN_TIMEOUT_S):
            raise TimeoutError("somebody did not see what the others had written")
        if (failure := self.failure) is not None:
            raise ConnectionError(failure)

    def leave(self) -> None:
        for client in self.clients:
            client.close()

    def has_room_for(self, count: int) -> bool:
        """Whether the clocks of so many more edits still have the size that all of a run must have."""
        return self._next[Kind.EDITS] + count <= self._text.stop

    def take_clocks(self, kind: Kind, count: int) -> int:
        """Reserve the clocks of every author's next messages and return the first."""
        first = self._next[kind]
        self._next[kind] = first + count
        return first

    @property
    def failure(self) -> str | None:
        for client in self.clients:
            if client.closed is not None:
                return client.closed
            if client.has_gap:
                return "an edit was left out"
        return None

    async def _connect(self, count: int) -> None:
        at_once = asyncio.Semaphore(CONNECTING_AT_ONCE)

        async def connect() -> None:
            async with at_once:
                self.clients.append(await connected(self.room, self._followed))

        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(connect())

    def _say(self, frames: Iterable[bytes]) -> None:
        for client, frame in zip(self.clients, frames, strict=False):
            client.send(frame)

    def _all_is_seen(self) -> bool:
        """An author need not be sent its own."""
        return all(
            client.closed is not None or client.seen[voice.number] >= self._next[voice.kind] - 1
            for kind in self._kinds
            for number, author in enumerate(self.authors)
            for voice in (Voice(kind, author),)
            for client in (*self.clients[:number], *self.clients[number + 1 :])
        )


async def until(holds: Callable[[], bool], timeout_s: float) -> bool:
    """Wait until it holds; False when it did not in time."""
    deadline = perf_counter() + timeout_s
    while not holds():
        if perf_counter() > deadline:
            return False
        await asyncio.sleep(POLL_S)
    return True
