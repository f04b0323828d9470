"""A room full of clients, and what happens when one of them sends at a rate.

A message is late from the moment it should have been sent, whoever was slow: the generator's own delay counts too.
"""

import asyncio
import base64
import gc
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlsplit

from bench.listener import Listener
from bench.messages import CLOCKS, Dialect, Kind, Stream, authored, opening
from bench.stats import Latencies

CONNECTING_AT_ONCE = 64
JOIN_TIMEOUT_S = 60.0
TICK_S = 0.001  # the sender wakes so often and writes what is due
HEAD_START_S = 0.05  # between authoring and the first message
DRAIN_TIMEOUT_S = 5.0  # for what is under way when the last message was due
POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class Room:
    """Where to connect; `dialect` is how its server is spoken to."""

    url: str
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Played:
    """What became of one run. Latencies count from the scheduled time; `failure` says why a client was lost."""

    rate_per_s: float
    sent: int
    listeners: int
    delivered: int
    took_s: float
    p50_s: float
    p99_s: float
    own_seen: int  # of the author's messages that came back to the author: for our server, once committed
    own_took_s: float
    own_p99_s: float | None
    failure: str | None

    @property
    def is_complete(self) -> bool:
        return self.failure is None and self.delivered == self.sent * self.listeners


@dataclass(frozen=True, slots=True)
class Script:
    """The messages of one run: message `i` has the clock `first + i` and is due `i / rate_per_s` after the start."""

    rate_per_s: float
    first: int
    count: int
    stream: Stream

    def seen_by(self, client: Listener) -> int:
        return min(max(client.seen - self.first + 1, 0), self.count)


class Crowd:
    """Clients of one room; the first is the author. Made by `crowd`."""

    def __init__(self, kind: Kind, dialect: Dialect) -> None:
        self._kind = kind
        self._dialect = dialect
        self._next_clock = CLOCKS[kind].start
        self._clients: list[Listener] = []

    @property
    def _author(self) -> Listener:
        return self._clients[0]

    @property
    def _listeners(self) -> list[Listener]:
        return self._clients[1:]

    async def join(self, room: Room, size: int) -> None:
        """Connect everybody; the author writes the text so far before the others come.

        Raises:
            ConnectionError: the server refused or closed a socket.
            TimeoutError: somebody was not in the room in time.
        """
        self._clients.append(await connected(room, self._kind))
        self._author.send(opening(self._kind, self._dialect))
        at_once = asyncio.Semaphore(CONNECTING_AT_ONCE)

        async def connect() -> None:
            async with at_once:
                self._clients.append(await connected(room, self._kind))

        async with asyncio.timeout(JOIN_TIMEOUT_S), asyncio.TaskGroup() as group:
            for _ in range(size - 1):
                group.create_task(connect())
        last = self._next_clock - 1
        await _until(lambda: all(listener.seen == last for listener in self._listeners), JOIN_TIMEOUT_S)
        if (failure := self._failure()) is not None:
            raise ConnectionError(failure)

    def leave(self) -> None:
        for client in self._clients:
            client.close()

    def has_room_for(self, count: int) -> bool:
        """Whether the clocks of `count` more messages still have the size that all of a run must have."""
        return self._next_clock + count <= CLOCKS[self._kind].stop

    def prepare(self, rate_per_s: float, duration_s: float) -> Script:
        """Author the messages of one run."""
        count = max(int(rate_per_s * duration_s), 1)
        first, self._next_clock = self._next_clock, self._next_clock + count
        return Script(rate_per_s, first, count, authored(self._kind, self._dialect, first, count))

    async def perform(self, script: Script) -> float:
        """Send what is prepared and wait for what is under way; returns when the first message was due."""
        for client in self._clients:
            client.begin()
        with collecting_no_garbage():
            start = perf_counter() + HEAD_START_S
            await self._send(script, start)
            await _until(lambda: self._is_over(script.first + script.count - 1), DRAIN_TIMEOUT_S)
        return start

    def counted(self, script: Script, start: float) -> Played:
        """Add up what everybody saw of the run that began at `start`."""
        latencies, own = Latencies(), Latencies()
        end = max(_record(listener, script, start, latencies) for listener in self._listeners)
        own_end = _record(self._author, script, start, own)
        delivered = sum(script.seen_by(listener) for listener in self._listeners)
        own_seen = script.seen_by(self._author)
        return Played(
            rate_per_s=script.rate_per_s,
            sent=script.count,
            listeners=len(self._listeners),
            delivered=delivered,
            took_s=end - start,
            p50_s=latencies.percentile_s(0.5),
            p99_s=latencies.percentile_s(0.99),
            own_seen=own_seen,
            own_took_s=own_end - start,
            own_p99_s=own.percentile_s(0.99) if own_seen else None,
            failure=self._failure(),
        )

    def _is_over(self, last: int) -> bool:
        waiting = self._listeners if self._kind is Kind.CURSORS else self._clients
        return all(client.seen >= last or client.closed is not None for client in waiting)

    async def _send(self, script: Script, start: float) -> None:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        sent = 0

        def tick() -> None:
            nonlocal sent
            late_s = max(perf_counter() - start, 0.0)
            due = min(script.count, int(late_s * script.rate_per_s) + 1)
            if due > sent and self._author.closed is None:
                self._author.send(script.stream.part(sent, due))
            sent = due
            if sent < script.count:
                loop.call_later(TICK_S, tick)
            else:
                done.set_result(None)

        loop.call_later(HEAD_START_S, tick)
        await done

    def _failure(self) -> str | None:
        for client in self._clients:
            if client.closed is not None:
                return client.closed
            if client.has_gap:
                return "an edit was left out"
        return None


async def connected(room: Room, kind: Kind) -> Listener:
    """One client, in the room once it has the document.

    Raises:
        ConnectionError: the server refused or closed the socket.
        TimeoutError: the document did not come in time.
    """
    parts = urlsplit(room.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    key = base64.b64encode(os.urandom(16)).decode()
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()
    _, client = await asyncio.get_running_loop().create_connection(
        lambda: Listener(kind, room.dialect, request), parts.hostname or "", parts.port or 80
    )
    async with asyncio.timeout(JOIN_TIMEOUT_S):
        await client.joined
    return client


@asynccontextmanager
async def crowd(room: Room, kind: Kind, size: int) -> AsyncIterator[Crowd]:
    """`size` clients in the room, among them the author, until the block ends."""
    people = Crowd(kind, room.dialect)
    try:
        await people.join(room, size)
        yield people
    finally:
        people.leave()


def _record(client: Listener, script: Script, start: float, latencies: Latencies) -> float:
    """Add one client's deliveries and return when the last of them came."""
    expected, spacing_s = script.first, 1 / script.rate_per_s
    arrived = start
    for newest, arrived in zip(client.newest, client.arrived, strict=True):
        newest_s = arrived - start - (newest - script.first) * spacing_s
        latencies.add(newest_s, newest - expected + 1, spacing_s)
        expected = newest + 1
    latencies.add_lost(script.first + script.count - expected)
    return arrived


async def _until(holds: Callable[[], bool], timeout_s: float) -> bool:
    deadline = perf_counter() + timeout_s
    while not holds():
        if perf_counter() > deadline:
            return False
        await asyncio.sleep(POLL_S)
    return True


@contextmanager
def collecting_no_garbage() -> Iterator[None]:
    """A collection of the generator's would be measured as the server's delay."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
