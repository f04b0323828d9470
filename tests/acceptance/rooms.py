"""Acceptance: many rooms at once, a reader that stops, and a server that dies, again and again (P1, P2, P4).

Everybody types 5 characters and shows 10 cursors a second. First somebody in one room stops reading: what the others
feel must stay what it was, and memory bounded. Then the server is killed with SIGKILL at random moments, PostgreSQL too
or not. After each crash the log must hold everything that was acknowledged; everybody comes back by themselves. In the
end every replica, newcomers and the log hold every character exactly once.

    python -m tests.acceptance.rooms                                       # 200 rooms of 5, 5 crashes
    python -m tests.acceptance.rooms --rooms 20 --kills 20 --kill-postgres # crashes above all
    python -m tests.acceptance.rooms --kills 0 --seed 7                    # the slow reader alone
"""

import argparse
import asyncio
import gc
import random
import secrets
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass

import psutil
import uvloop
from pycrdt import Doc, Text, merge_updates

from protocol.errors import CloseCode
from tests.acceptance.chain import Chain
from tests.acceptance.room_client import RoomClient, Timings
from tests.acceptance.room_figures import Outcome, Phase, check_noise
from tests.acceptance.room_log import room_log
from tests.acceptance.server_figures import figures
from tests.harness.editor import ROOT_NAME, Editor
from tests.harness.live_server import LiveServer, live_server
from tests.harness.raw_client import small_receive_buffer

PREFIX = "rooms/"
TIMED_ROOMS = 20  # whose cursors are timed: enough for a p99, and the generator keeps its core
CHUNK_BYTES, CHUNKS_PER_S = 20_000, 20.0  # pasted into room 0 and deleted, so that a stopped reader's socket fills
UP_S = (2.0, 6.0)  # of typing before a crash
BACK_TIMEOUT_S = 120.0
PATIENT = {"HELLO_TIMEOUT_S": "60", "COMMAND_TIMEOUT_S": "60"}  # short of CPU, nobody is turned away
GIVEN_UP_TIMEOUT_S = 60.0
POLL_S = 0.05
LOOK_S = 0.5  # asking the server more often would be felt
KEPT_ROWS = {"SNAPSHOT_ROWS": "1000000", "SNAPSHOT_BYTES": "1000000000"}  # the log is read row by row


@dataclass(frozen=True, slots=True)
class Plan:
    """`quiet_s` is how long the rooms are watched before anything happens to them."""

    rooms: int = 200
    clients: int = 5
    kills: int = 5
    with_postgres: bool = False
    slow_reader: bool = True
    quiet_s: float = 15.0
    seed: int = 0
    adapter: str = "fast"


async def run(plan: Plan, say: Callable[[str], None] = lambda _: None) -> Outcome:
    """Run the plan on a new server.

    Raises:
        AssertionError: a promise was broken; the message says which.
    """
    async with live_server(
        SOCKET_ADAPTER=plan.adapter, SLOW_READER_S="2", LOG_LEVEL="warning", **KEPT_ROWS, **PATIENT
    ) as server:
        rooms = Rooms(plan, server, say)
        try:
            return await rooms.through()
        finally:
            rooms.leave()


class Rooms:
    def __init__(self, plan: Plan, server: LiveServer, say: Callable[[str], None]) -> None:
        self._plan = plan
        self._server = server
        self._say = say
        self._rng = random.Random(plan.seed)
        self._timings = Timings()
        self._outcome = Outcome()
        self._rooms = {f"{PREFIX}{n}.txt": self._people(n) for n in range(plan.rooms)}

    @property
    def _everybody(self) -> list[RoomClient]:
        return [person for people in self._rooms.values() for person in people]

    async def through(self) -> Outcome:
        await self._enter()
        if self._plan.slow_reader:
            await self._stop_a_reader()
        else:
            self._note(await self._felt("quiet", asyncio.sleep(self._plan.quiet_s)))
        for number in range(self._plan.kills):
            await asyncio.sleep(self._rng.uniform(*UP_S))
            await self._crash(number)
        await self._end()
        return self._outcome

    def leave(self) -> None:
        for person in self._everybody:
            person.leave()

    def _people(self, room: int) -> list[RoomClient]:
        path, clients = f"{PREFIX}{room}.txt", self._rng.sample(range(1 << 28, 1 << 32), self._plan.clients)
        is_timed = room < TIMED_ROOMS
        return [
            RoomClient(self._server, path, Chain(client, number), self._timings, is_timed=is_timed)
            for number, client in enumerate(clients)
        ]

    async def _enter(self) -> None:
        for people in self._rooms.values():
            await asyncio.gather(*(person.connect() for person in people))
            await until(lambda people=people: all(person.is_live for person in people), "a room was not entered")
        for person in self._everybody:
            person.start_typing()
        await asyncio.sleep(1)  # everybody's first edit is not like the others
        self._say(f"{len(self._everybody)} people in {self._plan.rooms} rooms")

    async def _stop_a_reader(self) -> None:
        """Somebody pastes much in room 0; then somebody else there stops reading, until the server lets go of them."""
        path = next(iter(self._rooms))
        async with AsyncExitStack() as stack:
            busy = await stack.enter_async_context(self._server.client())
            deaf = await stack.enter_async_context(self._server.client(sock=small_receive_buffer(self._server.port)))
            author = await Editor().open(busy, path)
            await Editor().open(deaf, path)
            before = await self._felt("before", self._pasting(author, lambda: False))
            self._note(before)
            deaf.transport.pause_reading()
            watching = asyncio.ensure_future(self._given_up())
            during = await self._felt("one reader stopped", self._pasting(author, watching.done, GIVEN_UP_TIMEOUT_S))
            self._note(during)
            watching.cancel()
            assert watching.done(), "the reader was never given up"
            deaf.transport.resume_reading()
            assert (await deaf.when_closed()).close_code == CloseCode.TRY_AGAIN_LATER
        check_noise(before, during)

    async def _pasting(self, author: Editor, is_over: Callable[[], bool], at_most_s: float | None = None) -> None:
        """Paste and delete on time; without a way to be over, for the quiet time."""
        deadline = time.monotonic() + (at_most_s or self._plan.quiet_s)
        while not is_over() and time.monotonic() < deadline:
            await author.type(0, "x" * CHUNK_BYTES)
            await author.delete(0, CHUNK_BYTES)
            await asyncio.sleep(1 / CHUNKS_PER_S)
        await author.channel.when_saved()

    async def _felt(self, name: str, meanwhile: Coroutine[None, None, None]) -> Phase:
        """What everybody felt while something went on, and the most memory that the server took."""
        process, generator, most = psutil.Process(self._server.pid), psutil.Process(), 0
        self._timings.begin()
        for each in (process, generator):
            each.cpu_percent()
        began, going = time.monotonic(), asyncio.ensure_future(meanwhile)
        while not going.done():
            await asyncio.wait((going,), timeout=LOOK_S)
            most = max(most, process.memory_info().rss)
        await going
        self._timings.is_on = False
        timings = self._timings
        cpu = (process.cpu_percent() / 100, generator.cpu_percent() / 100)
        return Phase(name, time.monotonic() - began, timings.saved_s, timings.delivered_s, timings.frames, most, cpu)

    async def _crash(self, number: int) -> None:
        with_postgres = self._plan.with_postgres and self._rng.random() < 0.5
        await self._server.kill()
        if with_postgres:
            self._server.kill_postgres()
        acknowledged = [
            (person, path, person.acknowledged) for path, people in self._rooms.items() for person in people
        ]
        began = time.monotonic()
        await self._server.start()
        await self._check_acknowledged(acknowledged)
        await until(lambda: all(person.is_live for person in self._everybody), self._who_is_away)
        self._outcome.slowest_return_s = max(self._outcome.slowest_return_s, time.monotonic() - began)
        self._outcome.crashes += 1
        self._outcome.crashes_with_postgres += with_postgres
        self._say(f"crash {number + 1} of {self._plan.kills}: back after {time.monotonic() - began:.1f} s")

    async def _check_acknowledged(self, acknowledged: list[tuple[RoomClient, str, int]]) -> None:
        stored = await self._stored()
        for person, path, count in acknowledged:
            assert stored[path][person.chain.client] >= count, (
                f"{path}: {count} characters of one person were acknowledged, "
                f"{stored[path][person.chain.client]} are in the log"
            )
        self._outcome.acknowledged_checked += sum(count for _, _, count in acknowledged)

    async def _stored(self) -> dict[str, dict[int, int]]:
        log = await room_log(self._server, PREFIX)
        self._outcome.rows = log.rows
        return {path: log.stored(path) for path in self._rooms}

    async def _end(self) -> None:
        """Everything is saved, and everybody, the log and newcomers hold the same text, every character once."""
        for person in self._everybody:
            person.stop_typing()
        await until(lambda: all(person.is_level for person in self._everybody), "not everything was saved")
        stored, log = await self._stored(), await room_log(self._server, PREFIX)
        for path, people in self._rooms.items():
            text = await self._newcomers_text(path)
            assert len(text) == sum(person.chain.count for person in people), f"{path}: characters were lost or doubled"
            assert text == text_of(log.updates[path]), f"{path}: the log's text is another than a newcomer's"
            for person in people:
                assert person.chain.in_text(text) == person.chain.text, (
                    f"{path}: somebody's text is not as it was typed"
                )
                assert stored[path][person.chain.client] == person.chain.count, f"{path}: the log lacks characters"
                await until(lambda p=person, t=text: p.text() == t, f"{path}: a replica did not converge")
                assert person.troubles == [], person.troubles[0]
            self._outcome.characters += len(text)

    async def _newcomers_text(self, path: str) -> str:
        async with self._server.client() as client:
            return str((await Editor().open(client, path)).text)

    async def _given_up(self) -> None:
        """Return when the server has closed a slow reader."""
        while not (await figures(self._server)).metrics["slow_readers_closed_total"]:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)

    def _who_is_away(self) -> str:
        away = [person for person in self._everybody if not person.is_live]
        troubles = [trouble for person in away for trouble in person.troubles]
        return f"{len(away)} of {len(self._everybody)} did not come back; they were told {troubles[:3]}"

    def _note(self, phase: Phase) -> None:
        self._outcome.phases.append(phase)
        self._say(str(phase))


def text_of(updates: list[bytes]) -> str:
    doc: Doc[Text] = Doc()
    doc.apply_update(merge_updates(*updates))
    return str(doc.get(ROOT_NAME, type=Text))


async def until(holds: Callable[[], bool], otherwise: str | Callable[[], str]) -> None:
    """Return when it holds.

    Raises:
        AssertionError: it did not in time.
    """
    deadline = time.monotonic() + BACK_TIMEOUT_S
    while not holds():
        assert time.monotonic() < deadline, otherwise if isinstance(otherwise, str) else otherwise()
        await asyncio.sleep(POLL_S)


def main() -> None:
    """Run once and print the figures; a broken promise is a traceback and exit code 1."""
    given = _options()
    plan = Plan(
        given.rooms,
        given.clients,
        given.kills,
        given.kill_postgres,
        not given.no_slow_reader,
        given.quiet_s,
        given.seed,
        given.adapter,
    )
    print(f"seed {plan.seed}: {plan}", flush=True)
    gc.freeze()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(runner.run(run(plan, lambda line: print(line, flush=True))))


def _options() -> argparse.Namespace:
    about, _, examples = (sys.modules[__name__].__doc__ or "").partition("\n    python")
    parser = argparse.ArgumentParser(
        prog="python -m tests.acceptance.rooms",
        description=about,
        epilog=f"examples:\n    python{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    plan = Plan()
    parser.add_argument("--rooms", type=int, default=plan.rooms, help=f"(default {plan.rooms})")
    parser.add_argument(
        "--clients", type=int, default=plan.clients, help=f"in each, 16 at most (default {plan.clients})"
    )
    parser.add_argument("--kills", type=int, default=plan.kills, help=f"SIGKILLs of the server (default {plan.kills})")
    parser.add_argument("--kill-postgres", action="store_true", help="at random, kill PostgreSQL with it")
    parser.add_argument("--no-slow-reader", action="store_true", help="let everybody read")
    parser.add_argument("--quiet-s", type=float, default=plan.quiet_s, help="seconds watched before anything happens")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(1 << 32), help="of the moments and the client ids"
    )
    parser.add_argument("--adapter", choices=["fast", "asgi"], default=plan.adapter, help="of the sockets")
    return parser.parse_args()


if __name__ == "__main__":
    main()
