"""`python -m tests.acceptance.frames`: random and broken frames at the fast socket of a server in a process of its own.

Nothing may crash it, its memory must stay flat, and only who breaks the protocol is closed: a bystander's messages are
echoed all the while. Every verdict is compared with that of websockets' own reader, which is fed the same bytes.
"""

import argparse
import asyncio
import itertools
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psutil
import uvloop

from tests.acceptance.frame_makers import Session, session
from tests.harness.raw_client import BINARY, CLOSE, RawClient, framed, raw_client
from tests.harness.wire_server import wire_server

SETTLED_SHARE = 5  # memory is compared with what it was after a fifth of the frames
GROWTH_BYTES = 16 << 20  # allowed between then and the end: allocators keep some
BYSTANDER_EVERY = 200  # sessions between two looks at the bystander
AT_ONCE = 16
START_TIMEOUT_S = 20.0


@dataclass(slots=True)
class Report:
    frames: int = 0
    sessions: int = 0
    closed: int = 0
    settled_bytes: int = 0
    end_bytes: int = 0

    @property
    def growth_bytes(self) -> int:
        return self.end_bytes - self.settled_bytes


async def run(count: int, seed: int) -> Report:
    """Send `count` frames in sessions of a few dozen.

    Raises:
        AssertionError: a verdict differs, the bystander was disturbed, or memory grew; the message names the session.
    """
    report, looking = Report(), asyncio.Lock()
    async with serving() as (port, process), raw_client(port) as bystander:
        numbers = itertools.count()

        async def work() -> None:
            while report.frames < count:
                number = next(numbers)
                made = session(random.Random(f"{seed}/{number}"))
                was_refused = await played(port, made, f"--seed {seed}, session {number}")
                report.closed += was_refused
                report.frames += made.frames
                report.sessions += 1
                if number % BYSTANDER_EVERY == 0:
                    async with looking:
                        await undisturbed(bystander, number)
                if not report.settled_bytes and report.frames * SETTLED_SHARE >= count:
                    report.settled_bytes = process.memory_info().rss

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
        await undisturbed(bystander, 0)
        report.end_bytes = process.memory_info().rss
    assert report.growth_bytes < GROWTH_BYTES, f"memory grew by {report.growth_bytes >> 20} MiB"
    return report


async def played(port: int, made: Session, name: str) -> bool:
    """Send a session and compare what comes back; returns whether the server found something to refuse."""
    echoed: list[bytes] = []
    code: int | None = None
    async with raw_client(port) as client:
        client.send(made.data)
        client.writer.write_eof()
        try:
            while code is None:
                frame = await client.receive()
                if frame.opcode == BINARY:
                    echoed.append(frame.payload)
                elif frame.opcode == CLOSE:
                    code = int.from_bytes(frame.payload[:2], "big") if frame.payload else 1005
        except (EOFError, OSError):
            pass
    assert code in made.codes, f"{name}: closed with {code}, right is {sorted(map(str, made.codes))}"
    came = made.echoed if code is not None else made.echoed[: len(echoed)]
    assert echoed == came, f"{name}: {len(echoed)} of {len(made.echoed)} messages came back, or changed"
    return code != 1000


async def undisturbed(bystander: RawClient, number: int) -> None:
    said = b"session %d" % number
    bystander.send(framed(BINARY, said))
    assert await bystander.message() == said


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[int, psutil.Process]]:
    """A server in a process of its own: its port and the process, which must outlive the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.acceptance.frames", "--serve"), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_TIMEOUT_S):
            port = int(await process.stdout.readline())
        yield port, psutil.Process(process.pid)
        assert process.returncode is None, f"the server ended with {process.returncode}"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def serve() -> None:
    async with wire_server("fast") as server:
        print(server.port, flush=True)
        while True:
            await asyncio.sleep(0.2)
            server.forget()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.frames", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="frames to send, about")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if given.serve:
            runner.run(serve())
            return
        print(f"seed {given.seed}", flush=True)
        report = runner.run(run(given.count, given.seed))
    print(
        f"{report.frames} frames in {report.sessions} sessions, {report.closed} of them refused or cut short; memory "
        f"{report.settled_bytes >> 10} KiB settled, {report.end_bytes >> 10} KiB at the end"
    )


if __name__ == "__main__":
    main()
