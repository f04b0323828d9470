"""`python -m bench.idle`: what connections cost that do nothing, and how fast they come."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from time import perf_counter

import psutil  # type: ignore[import-untyped]

from bench.connecting import CONNECTING_AT_ONCE, connected
from bench.greeting import WsClient, greeted
from bench.journal import Case, Figures, Journal, Work, plain
from bench.laboratory import Laboratory
from bench.listener import Listener
from bench.machine import Watch
from bench.ours import OurServer
from bench.tables import CPU_COLUMN, Reading, cpu, markdown, median_of, ratio, spread
from bench.targets import OURS, Target

ROOMS = 100  # so that no room is large: what grows with a room is another measurement
WARM_UP = 200  # connections before the first look: pools, caches and lazily loaded code are not the connection's
MARKS, QUICK_WARM_UP, QUICK_MARKS = (1_000, 5_000, 10_000), 20, (50, 100)
IDLE_S, QUICK_IDLE_S = 3.0, 0.5  # how long they then do nothing
SETTLE_S = 0.5  # between the last one's coming and looking at those who are there
KIB = 1024

Client = Listener | WsClient
Connect = Callable[[int], Awaitable[Client]]  # by its number


class Idle:
    name = "idle"

    def cases(self, *, is_quick: bool) -> list[Case]:  # noqa: ARG002 - the sizes are stages of one case
        return [{"road": "/ws"}, {"road": "/yjs"}]

    def fits(self, case: Case, target: str) -> bool:
        """Only ours has a protocol of its own beside y-websocket's."""
        return case["road"] == "/yjs" or target == OURS

    async def measured(self, work: Work, lab: Laboratory) -> Figures:
        marks, warm_up = (QUICK_MARKS, QUICK_WARM_UP) if lab.is_quick else (MARKS, WARM_UP)
        clients: list[Client] = []
        async with lab.server(work.target) as target:
            try:
                return await _filled(target, clients, _road(work.case, target), warm_up, marks, lab)
            finally:
                for client in clients:
                    client.close()

    def section(self, journal: Journal) -> str:
        columns = ("road", "connections", "server", "connects/s", "to best peer", "KiB each", "to best peer")
        columns = (*columns, CPU_COLUMN, "server's while idle")
        rows = []
        for case, target, records in journal.grouped(self.name):
            marks = dict.fromkeys(mark for record in records for mark in record.figures.get("stages", {}))
            rows += [_row(case, target, mark, journal) for mark in marks]
        return f"{TEXT}\n\n{markdown(columns, rows)}"


def _road(case: Case, target: Target) -> Connect:
    if case["road"] == "/yjs":
        return lambda number: connected(target.room(f"idle-{number % ROOMS}"))
    if not isinstance(target, OurServer):
        raise TypeError("only ours has /ws")
    project_id, token = target.credentials
    return lambda _: greeted(target.front_door, project_id, token)


async def _filled(
    target: Target,
    clients: list[Client],
    connect: Connect,
    warm_up: int,
    marks: tuple[int, ...],
    lab: Laboratory,
) -> Figures:
    server = psutil.Process(target.server_pids[0])
    await _join(clients, warm_up, connect)
    before = server.memory_info().rss
    stages: dict[str, Figures] = {}
    spent_s = 0.0
    for mark in marks:
        with Watch(target.server_pids, target.database_pids) as busy:
            start = perf_counter()
            come = mark + warm_up - len(clients)
            await _join(clients, come, connect)
            took_s = perf_counter() - start
        spent_s += took_s
        await asyncio.sleep(SETTLE_S)
        with Watch(target.server_pids, target.database_pids) as idle:
            await asyncio.sleep(QUICK_IDLE_S if lab.is_quick else IDLE_S)
        stages[str(mark)] = {
            "connects_per_s": mark / spent_s,
            "kib_each": (server.memory_info().rss - before) / mark / KIB,
            "cpu": asdict(busy.busy),
            "idle_cpu": idle.busy.server,
        }
        lab.tell(
            f"{mark:6} connections  " + "  ".join(f"{name} {value}" for name, value in plain(stages[str(mark)]).items())
        )
        if lost := [client.closed for client in clients if client.closed is not None]:
            raise ConnectionError(f"{len(lost)} connections were lost, the first because: {lost[0]}")
    return {"stages": stages}


async def _join(clients: list[Client], how_many: int, connect: Connect) -> None:
    at_once = asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def join(number: int) -> None:
        async with at_once:
            clients.append(await connect(number))

    async with asyncio.TaskGroup() as group:
        for number in range(how_many):
            group.create_task(join(number))


def _row(case: Case, target: str, mark: str, journal: Journal) -> list[str]:
    def figure(name: str) -> Reading:
        return lambda figures: figures.get("stages", {}).get(mark, {}).get(name)

    own = journal.of("idle", case, target)
    peers = [journal.of("idle", {"road": "/yjs"}, other) for other in journal.targets("idle") if other != OURS]

    def compared(name: str, *, less_is_better: bool) -> str:
        others = [median_of(records, figure(name)) for records in peers]
        return ratio(median_of(own, figure(name)), others, less_is_better=less_is_better)

    return [
        str(case["road"]) if target == OURS else "its own",
        f"{int(mark):,}",
        target,
        spread(own, figure("connects_per_s")),
        compared("connects_per_s", less_is_better=False),
        spread(own, figure("kib_each"), _tenth),
        compared("kib_each", less_is_better=True),
        cpu(own, figure("cpu")),
        _percent(median_of(own, figure("idle_cpu"))),
    ]


def _tenth(number: float | None) -> str:
    return "-" if number is None else f"{number:.1f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.0f} %"


TEXT = f"""\
## Connections that do nothing

They come {CONNECTING_AT_ONCE} at a time, in {ROOMS} documents, or in a project on our own `/ws`; at ours each is
signed in and its rights are checked. KiB is what the server's process grew by for each, without the first
{WARM_UP}; the smallest number of connections is the least exact. A stage adds to the one before it."""

if __name__ == "__main__":
    from bench.__main__ import main

    main(only=Idle.name)
