"""`python -m bench.joins`: how long a newcomer waits for a document, in the server's memory or not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, NamedTuple

from bench.connecting import JOIN_TIMEOUT_S, Room
from bench.frames import BINARY, CLOSE, STEP_2, SYNC, next_frame
from bench.history import Document, history, large_text, text_of
from bench.journal import Case, Figures, Journal, Work
from bench.laboratory import Laboratory
from bench.machine import move
from bench.stats import middle
from bench.tables import markdown, median_of, ms, ratio, spread
from bench.targets import OURS, TARGETS, Target, running
from protocol.yjs.lib0 import read_var_bytes

EDITS = (10_000, 50_000, 260_000)
LARGE_CHARACTERS = 5_000_000
QUICK_EDITS = 500
SMALL = (
    "small"  # a document that warms the server up: connections, caches and lazily loaded code are not the document's
)
COLD, WARM, HANDSHAKES = 3, 15, 30
QUICK_COLD = 1


class Joined(NamedTuple):
    took_s: float
    update: bytes


class Joins:
    name = "joins"

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Target, str]] = {}  # targets that hold all documents, and in which form

    def cases(self, *, is_quick: bool) -> list[Case]:
        if is_quick:
            return [{"document": f"{QUICK_EDITS} edits"}]
        return [*({"document": f"{count} edits"} for count in EDITS), {"document": f"{LARGE_CHARACTERS} characters"}]

    def fits(self, case: Case, target: str) -> bool:  # noqa: ARG002 - every server has documents
        return True

    async def measured(self, work: Work, lab: Laboratory) -> Figures:
        document = str(work.case["document"])
        target, form = await self._holding(work.target, lab)
        cold: list[float] = []
        for _ in range(QUICK_COLD if lab.is_quick else COLD):
            async with _awake(target, lab):
                first = await joined(target.room(_room_name(document)))
                cold.append(first.took_s)
                async with _resident(target.room(_room_name(document))):
                    warm = [(await joined(target.room(_room_name(document)))).took_s for _ in range(WARM)]
                handshakes = [await shaken(target.room(SMALL)) for _ in range(HANDSHAKES)]
        if text_of(first.update) != _document(document).text:
            raise RuntimeError(f"{work.target} sent another text than it was given")
        figures = {"cold_s": middle(cold), "warm_s": middle(warm), "handshake_s": middle(handshakes)}
        lab.tell("  ".join(f"{name[:-2]} {ms(value)} ms" for name, value in figures.items()) + f"  ({form})")
        return {**figures, "form": form, "bytes": len(first.update)}

    async def _holding(self, name: str, lab: Laboratory) -> tuple[Target, str]:
        """The target with all documents in its store; filled once for all runs."""
        if name not in self._kept:
            target = TARGETS[name](lab.folder(f"joins-{name}"))
            lab.tell("filling its store with the documents")
            async with running(target, lab.cores):
                await target.keep(SMALL, large_text(100))
                forms = [
                    await target.keep(_room_name(str(case["document"])), _document(str(case["document"])))
                    for case in self.cases(is_quick=lab.is_quick)
                ]
            self._kept[name] = target, forms[-1]
        return self._kept[name]

    def section(self, journal: Journal) -> str:
        columns = (
            "document",
            "sent",
            "server",
            "cold ms",
            "to best peer",
            "warm ms",
            "to best peer",
            "handshake ms",
            "form",
        )
        rows = []
        for case, target, records in journal.grouped(self.name):
            row = [str(case["document"]), _kib(median_of(records, _figure("bytes"))), target]
            for name in ("cold_s", "warm_s"):
                peers = [
                    median_of(journal.of(self.name, case, other), _figure(name))
                    for other in journal.targets(self.name)
                    if other != OURS
                ]
                row += [
                    spread(records, _figure(name), ms),
                    ratio(median_of(records, _figure(name)), peers, less_is_better=True),
                ]
            row.append(ms(median_of(records, _figure("handshake_s"))))
            rows.append([*row, next((str(record.figures["form"]) for record in records if record.figures), "")])
        return f"{TEXT}\n\n{markdown(columns, rows)}"


def _document(name: str) -> Document:
    amount, unit = name.split()
    return history(int(amount)) if unit == "edits" else large_text(int(amount))


def _room_name(document: str) -> str:
    return document.replace(" ", "-")


@asynccontextmanager
async def _awake(target: Target, lab: Laboratory) -> AsyncIterator[None]:
    """A fresh process that has served somebody, but has not yet been asked for the document."""
    async with running(target, lab.cores):
        move(target.server_pids, lab.cores.server)
        for _ in range(3):
            await joined(target.room(SMALL))
        yield


@asynccontextmanager
async def _resident(room: Room) -> AsyncIterator[None]:
    """Somebody stays in the document meanwhile, so that it stays in memory."""
    client = await _connected(room)
    try:
        await client.document
        yield
    finally:
        client.close()


async def joined(room: Room) -> Joined:
    """Connect and wait for the whole document.

    Raises:
        ConnectionError: the server refused or closed the socket.
        TimeoutError: it did not come in time.
    """
    start = perf_counter()
    client = await _connected(room)
    try:
        async with asyncio.timeout(JOIN_TIMEOUT_S):
            came_at, update = await client.document
    finally:
        client.close()
    return Joined(came_at - start, update)


async def shaken(room: Room) -> float:
    """Seconds from connecting to the end of the handshake."""
    start = perf_counter()
    client = await _connected(room)
    try:
        async with asyncio.timeout(JOIN_TIMEOUT_S):
            return await client.opened - start
    finally:
        client.close()


async def _connected(room: Room) -> "Newcomer":
    host, port = room.address
    _, client = await asyncio.get_running_loop().create_connection(lambda: Newcomer(room), host, port)
    return client


class Newcomer(asyncio.Protocol):
    """Asks for the document and looks at frames' headers only, however large they are."""

    def __init__(self, room: Room) -> None:
        loop = asyncio.get_running_loop()
        self._room = room
        self._data = bytearray()
        self.opened: asyncio.Future[float] = loop.create_future()
        self.document: asyncio.Future[tuple[float, bytes]] = loop.create_future()

    def close(self) -> None:
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._transport.write(self._room.request())

    def connection_lost(self, exc: Exception | None) -> None:
        for waited in (self.opened, self.document):
            if not waited.done():
                waited.set_exception(ConnectionError(f"the connection ended: {exc}"))
                waited.exception()

    def data_received(self, data: bytes) -> None:
        now = perf_counter()
        self._data += data
        if not self.opened.done():
            head, end, rest = self._data.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(ConnectionError(f"the handshake was refused: {bytes(head[:200])!r}"))
                self.close()
                return
            self.opened.set_result(now)
            self._transport.write(self._room.dialect.hello())
            self._data = rest
        self._take_frames(now)

    def _take_frames(self, now: float) -> None:
        while (frame := next_frame(self._data, 0)) is not None:
            if frame.opcode == CLOSE:
                self.close()
            self._look_at(frame.opcode, memoryview(self._data)[frame.payload : frame.end], now)
            del self._data[: frame.end]

    def _look_at(self, opcode: int, payload: memoryview, now: float) -> None:
        at = len(self._room.dialect.address)
        if opcode == BINARY and bytes(payload[at : at + 2]) == bytes((SYNC, STEP_2)) and not self.document.done():
            self.document.set_result((now, read_var_bytes(bytes(payload), at + 2)[0]))


def _figure(name: str) -> Any:
    return lambda figures: figures.get(name)


def _kib(size_bytes: float | None) -> str:
    return "-" if size_bytes is None else f"{size_bytes / 1024:,.0f} KiB"


TEXT = f"""\
## Joining a document

From connecting until the whole text is there; a bare handshake beside it. Cold: nobody has the document in memory, in a
process that has served others (median of {COLD} fresh processes). Warm: somebody has it open (median of {WARM}).
Documents of so many keys pressed by one person, and one large text; what a joiner is sent was compared with what was
written. Ours was typed into through a socket, and had compacted the log as it does in production before it was ended.
Peers keep nothing by themselves: they load one merged update through the hook that their packages have for it, from a
file in the system's cache, which is less than a store costs."""

if __name__ == "__main__":
    from bench.__main__ import main

    main(only=Joins.name)
