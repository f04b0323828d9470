"""What happens when authors send at a rate.

A message is late from the moment it should have been sent, whoever was slow: the generator's own delay counts too.
"""

import asyncio
import gc
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from time import perf_counter

from bench.crowd import Crowd, until
from bench.listener import Listener
from bench.messages import Kind, Stream, Voice, authored
from bench.stats import Latencies

TICK_S = 0.001  # the sender wakes so often and writes what is due
HEAD_START_S = 0.05  # between authoring and the first message
DRAIN_TIMEOUT_S = 3.0  # for what is under way when the last message was due
QUIET_S = 0.3  # between the last message and taking apart what was put off: what comes later than that is late anyway


@dataclass(frozen=True, slots=True)
class Part:
    """What one author says in a run: message `i` has the clock `first + i` and is due at `begins_s + i * spacing_s`."""

    author: Listener
    voice: Voice
    stream: Stream
    first: int
    count: int
    begins_s: float
    spacing_s: float

    @property
    def last(self) -> int:
        return self.first + self.count - 1

    def seen_by(self, client: Listener) -> int:
        return min(max(client.seen[self.voice.number] - self.first + 1, 0), self.count)


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens in one room."""

    crowd: Crowd
    parts: Sequence[Part]

    @property
    def is_over(self) -> bool:
        """Whether everybody has seen everything; authors are waited for only where edits come back to them."""
        return all(
            client.seen[part.voice.number] >= part.last or client.closed is not None
            for part in self.parts
            for client in self.crowd.clients
            if client is not part.author or part.voice.kind is Kind.EDITS
        )


@dataclass(frozen=True, slots=True)
class Played:
    """What became of one run. Latencies count from the scheduled time; `failure` says why a client was lost."""

    rate_per_s: float
    sent: int
    expected: int
    delivered: int
    took_s: float
    p50_s: float
    p99_s: float
    max_s: float
    own_seen: int  # of the authors' edits that came back to them: for our server, once committed
    own_took_s: float
    own_p99_s: float | None
    failure: str | None

    @property
    def is_complete(self) -> bool:
        return self.failure is None and self.delivered == self.expected


def rehearsed(crowd: Crowd, kind: Kind, spacing_s: float, count: int, begins_s: float = 0.0) -> list[Part]:
    """The messages of every author of a crowd, `count` each; the authors take turns within `spacing_s`."""
    first = crowd.take_clocks(kind, count)
    turn_s = spacing_s / len(crowd.authors)
    return [
        Part(
            crowd.clients[number],
            voice := Voice(kind, author),
            authored(voice, crowd.room.dialect, first, count),
            first,
            count,
            begins_s + number * turn_s,
            spacing_s,
        )
        for number, author in enumerate(crowd.authors)
    ]


async def performed(
    scenes: Sequence[Scene], rate_per_s: float, watch: AbstractContextManager[object], *, puts_off: bool = False
) -> Played:
    """Send everything when it is due, wait for what is under way, and add up what everybody saw.

    `watch` is entered while messages are sent. `puts_off`: reads are taken apart afterwards, which is cheaper when each
    brings little but takes memory.
    """
    parts = [part for scene in scenes for part in scene.parts]
    clients = [client for scene in scenes for client in scene.crowd.clients]
    schedule = sorted(
        (part.begins_s + i * part.spacing_s, at) for at, part in enumerate(parts) for i in range(part.count)
    )
    for client in clients:
        client.begin()
    with collecting_no_garbage():
        start = perf_counter() + HEAD_START_S
        collecting = [client.put_off() for client in clients] if puts_off else []
        with watch:
            await _send(parts, schedule, start)
        if puts_off:
            await asyncio.sleep(QUIET_S)
            for each in collecting:
                each.give_back()
        await until(lambda: all(scene.is_over for scene in scenes), DRAIN_TIMEOUT_S)
    return _counted(scenes, start, rate_per_s)


async def _send(parts: list[Part], schedule: list[tuple[float, int]], start: float) -> None:
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    dues = [due for due, _ in schedule]
    senders = [at for _, at in schedule]
    sent, sent_of = 0, [0] * len(parts)

    def tick() -> None:
        nonlocal sent
        end = bisect_right(dues, perf_counter() - start, sent)
        for at, count in Counter(senders[sent:end]).items():
            part, begin = parts[at], sent_of[at]
            sent_of[at] = begin + count
            if part.author.closed is None:
                part.author.send(part.stream.part(begin, begin + count))
        sent = end
        if sent < len(dues):
            loop.call_later(TICK_S, tick)
        else:
            done.set_result(None)

    loop.call_later(HEAD_START_S, tick)
    await done


class _Tally:
    """Adds up rooms one after another."""

    def __init__(self, start: float) -> None:
        self.latencies, self.own = Latencies(), Latencies()
        self.delivered = self.expected = self.own_seen = 0
        self.end_s = self.own_end_s = 0.0
        self._start = start

    def add(self, scene: Scene) -> None:
        parts = {part.voice.number: part for part in scene.parts}
        for client in scene.crowd.clients:
            self._add_client(client, parts)

    def _add_client(self, client: Listener, parts: dict[int, Part]) -> None:
        after = {number: part.first for number, part in parts.items()}
        for now, news in client.reads:
            came_s = now - self._start
            for number, newest in news:
                part = parts.get(number)
                if part is None:
                    continue
                newest_s = came_s - part.begins_s - (newest - part.first) * part.spacing_s
                into = self.own if part.author is client else self.latencies
                into.add(newest_s, newest + 1 - after[number], part.spacing_s)
                after[number] = newest + 1
                if part.author is client:
                    self.own_end_s = max(self.own_end_s, came_s)
                else:
                    self.end_s = max(self.end_s, came_s)
        for number, part in parts.items():
            lost = part.last + 1 - after[number]
            if part.author is client:
                self.own_seen += part.count - lost
            else:
                self.latencies.add_lost(lost)
                self.expected += part.count
                self.delivered += part.count - lost


def _counted(scenes: Sequence[Scene], start: float, rate_per_s: float) -> Played:
    tally = _Tally(start)
    for scene in scenes:
        tally.add(scene)
    return Played(
        rate_per_s=rate_per_s,
        sent=sum(part.count for scene in scenes for part in scene.parts),
        expected=tally.expected,
        delivered=tally.delivered,
        took_s=tally.end_s,
        p50_s=tally.latencies.percentile_s(0.5),
        p99_s=tally.latencies.percentile_s(0.99),
        max_s=tally.latencies.percentile_s(1.0),
        own_seen=tally.own_seen,
        own_took_s=tally.own_end_s,
        own_p99_s=tally.own.percentile_s(0.99) if tally.own.count else None,
        failure=next((scene.crowd.failure for scene in scenes if scene.crowd.failure is not None), None),
    )


@contextmanager
def collecting_no_garbage() -> Iterator[None]:
    """A collection of the generator's would be measured as the server's delay."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
