"""Hostile updates against a live server: `python -m tests.acceptance.hostile --count 10000 --seed 1`.

While attackers are at one document on both doors, a bystander types in it and somebody else in another room. Afterwards
the log may hold only what passes the gate, and a fresh process must show the same text.
"""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import asyncpg
import psutil

from protocol.documents import ReadDocument
from protocol.yjs.state_vector import decode_state_vector
from protocol.yjs.update import MESSAGE_LIMITS, UpdateRefused, check_update
from server.features.documents.replica import RESERVED_CLIENTS, Replica, ReplicaBroken, UpdateUnreadable
from tests.acceptance.attackers import Attacks, attack_on_ws, attack_on_yjs
from tests.acceptance.attacks import attacks
from tests.harness.editor import ROOT_NAME, Editor
from tests.harness.live_server import LiveServer, live_server
from tests.harness.typist import Diary, measured, typing

ATTACKED, QUIET = "attacked.md", "quiet.md"
ATTACKERS = 3  # on each door
TYPED_PER_S = 20.0
QUIET_EDITS = 200
BAD_LINES = ("Traceback", "stream failed", "task failed", "command failed", "Exception in ASGI")


@dataclass(slots=True)
class Report:
    """What an attack showed."""

    seed: int
    before: Diary
    during: Diary
    bystander: Diary
    answers: Counter[str]
    rows: int
    rss_mib: tuple[float, float]
    took_s: float
    troubles: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        answers = ", ".join(f"{count} {answer}" for answer, count in self.answers.most_common())
        lines = (
            f"seed {self.seed}, {self.took_s:.0f} s; answers to the attackers: {answers}",
            f"log rows of the attacked document: {self.rows}",
            f"another room before the attack: {self.before}",
            f"another room during the attack: {self.during}",
            f"the attacked document's bystander: {self.bystander}",
            f"RSS of the server: {self.rss_mib[0]:.0f} MiB before, {self.rss_mib[1]:.0f} MiB after",
            *(f"TROUBLE: {trouble}" for trouble in self.troubles),
        )
        return "\n".join(lines)


async def run(server: LiveServer, seed: int, count: int) -> Report:
    """Attack, watch, and look at what is left."""
    pid, rss_before, began = server.pid, rss_mib(server), time.monotonic()
    before = await measured(server, QUIET, per_s=TYPED_PER_S, edits=QUIET_EDITS)
    seed_client, author = await prepared(server)
    waiting = Attacks(attacks(seed, count, seed_client, author))
    async with (
        typing(server, QUIET, per_s=TYPED_PER_S) as somebody,
        typing(server, ATTACKED, per_s=TYPED_PER_S) as bystander,
    ):
        async with asyncio.TaskGroup() as group:
            for attack in (attack_on_ws, attack_on_yjs) * ATTACKERS:
                group.create_task(attack(server, ATTACKED, waiting))
        during, beside = await somebody.stop(), await bystander.stop()
    troubles = [*during.troubles, *beside.troubles]
    if server.process is None or server.process.poll() is not None or server.pid != pid:
        troubles.append(f"the server's process ended after: {', '.join(waiting.newest)}")
    troubles += [line for line in server.log.splitlines() if any(bad in line for bad in BAD_LINES)][:5]
    rss = (rss_before, rss_mib(server))
    report = Report(seed, before, during, beside, waiting.answers, 0, rss, time.monotonic() - began, troubles)
    await examine(server, report)
    return report


async def prepared(server: LiveServer) -> tuple[int, int]:
    """Make the document with some text in it; returns its seed's client id and the text's author's."""
    async with server.client() as client:
        editor = await Editor().open(client, ATTACKED, create=True)
        await editor.type(0, "what everybody wants to keep\n")
        await editor.channel.when_saved()
        clients = decode_state_vector(editor.doc.get_state())
    (seed_client,) = [client for client in clients if client in RESERVED_CLIENTS]
    (author,) = [client for client in clients if client not in RESERVED_CLIENTS]
    return seed_client, author


async def examine(server: LiveServer, report: Report) -> None:
    """Look at the log, and at what a process shows that starts from it."""
    shown = await text_of(server)
    updates = await logged(server)
    report.rows = len(updates)
    replica = Replica(ROOT_NAME)
    for at, data in enumerate(updates):
        try:
            replica.apply(data, check_update(data, MESSAGE_LIMITS), is_stored=True)
        except (UpdateRefused, UpdateUnreadable, ReplicaBroken) as error:
            report.troubles.append(f"log row {at} should not be there: {error}")
    if "what everybody wants to keep" not in shown:
        report.troubles.append("the text is gone")
    if report.bystander.text != shown:
        report.troubles.append("the bystander sees another text than the server")
    if replica.text() != shown:
        report.troubles.append("the log's text is another than the server's")
    await server.kill()
    await server.start()
    if await text_of(server) != shown:
        report.troubles.append("a fresh process shows another text")


async def text_of(server: LiveServer) -> str:
    async with server.client() as client:
        return (await client.command(ReadDocument(path=ATTACKED))).text


async def logged(server: LiveServer) -> list[bytes]:
    """The attacked document's updates, in order."""
    connection = await asyncpg.connect(server.database_url)
    try:
        rows = await connection.fetch(
            "select u.update_v1 from document_updates as u join project_files as f on f.id = u.document_id "
            "where f.path = $1 order by u.seq",
            ATTACKED,
        )
    finally:
        await connection.close()
    return [row[0] for row in rows]


def rss_mib(server: LiveServer) -> float:
    return float(psutil.Process(server.pid).memory_info().rss) / (1 << 20)


async def main(count: int, seed: int) -> int:
    async with live_server(SNAPSHOT_ROWS="1000000", SNAPSHOT_BYTES="1000000000") as server:
        report = await run(server, seed, count)
    sys.stdout.write(f"{report}\n")
    return 1 if report.troubles else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="updates to send")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of the mutations; printed")
    arguments = parser.parse_args()
    sys.exit(asyncio.run(main(arguments.count, arguments.seed)))
