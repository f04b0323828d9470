"""Acceptance: people write at once while processes die, and the text comes out exact (P1, P2).

The agents of a concurrent trace send their authored edits at the same time, each through its own client, while the
server, PostgreSQL or both are killed with SIGKILL at random moments. After each restart, before any client is back, a
newcomer must find everything that was acknowledged and nothing that nobody wrote. In the end all replicas, a late
joiner, HTTP and the file's row hold the trace's end.

    python -m tests.acceptance.replay --trace friendsforever.json.gz --kills 20 --kill-postgres --seed 7
"""

import argparse
import asyncio
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from protocol.documents import ReadDocument
from tests.acceptance.crashes import Crash, planned_crashes
from tests.acceptance.hub_agent import AuthoredEdit, HubAgent, Place
from tests.acceptance.replica import Replica
from tests.acceptance.storage_watch import storage_watch
from tests.harness.gate import Gate, gate_to
from tests.harness.live_server import LiveServer, live_server
from tests.harness.node_process import NodeProcess, node_process

PATH = "replay/friends.md"
HUB_AGENT = 1  # of the trace; agent 0 always goes through a stock provider
PATIENCE_S = 600.0
OFTEN = {"COMPACT_INTERVAL_S": "0.5", "SNAPSHOT_ROWS": "300"}  # so that crashes meet compactions
FILE_ROW_TIMEOUT_S = 20.0
POLL_S = 0.1
FILE_ROW = "select content from project_files where path = $1"


@dataclass(frozen=True, slots=True)
class Plan:
    """`second` is the client of agent 1: "3" or "4" for a stock provider of that version, "hub" for our own."""

    trace: Path
    seed: int
    second: str = "3"
    kills: int = 0
    with_postgres: bool = False
    postgres_kills: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Figures of a run that held."""

    edits: int
    characters: int
    seconds: float
    crashes: int
    crashes_with_postgres: int
    acknowledged_units_checked: int
    compactions: int

    def __str__(self) -> str:
        return (
            f"{self.edits} edits, {self.characters} characters in {self.seconds:.1f} s "
            f"({self.edits / self.seconds:.0f} edits/s), {self.crashes} crashes "
            f"({self.crashes_with_postgres} of PostgreSQL), "
            f"{self.compactions} compactions, "
            f"{self.acknowledged_units_checked} acknowledged units looked for after crashes: none missing"
        )


async def replay(plan: Plan) -> Outcome:
    """Run the plan on a new server.

    Raises:
        AssertionError: a promise was broken; the message says which.
    """
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(live_server(**OFTEN))
        gate = await stack.enter_async_context(gate_to(server.port))
        node = await stack.enter_async_context(node_process("replay.mjs"))
        run = Run(plan, server, gate, node)
        return await run.through()


class Run:
    def __init__(self, plan: Plan, server: LiveServer, gate: Gate, node: NodeProcess) -> None:
        self._plan = plan
        self._server = server
        self._gate = gate
        self._node = node
        self._hub_agent: HubAgent | None = None
        self._checked_units = 0

    async def through(self) -> Outcome:
        authored = await self._ask("author", path=str(self._plan.trace))
        crashes = planned_crashes(
            self._plan.seed,
            authored["edits"],
            of_server=self._plan.kills,
            with_postgres=self._plan.with_postgres,
            of_postgres=self._plan.postgres_kills,
        )
        began = time.monotonic()
        async with self._agents():
            for crash in crashes:
                await (self._kill_server(crash) if crash.server else self._kill_postgres(crash))
            await self._ask("finished")
            if not self._plan.kills:  # a crash may swallow the echo of what it did not swallow
                await self._ask("saved")
        seconds = time.monotonic() - began
        await self._check_end()
        return Outcome(
            authored["edits"],
            authored["characters"],
            seconds,
            len(crashes),
            sum(crash.postgres for crash in crashes),
            self._checked_units,
            self._server.log.count("log compacted"),
        )

    @asynccontextmanager
    async def _agents(self) -> AsyncIterator[None]:
        """Everybody writes; leaving waits until our own agent is done too."""
        versions = [[0, 3]]
        if self._plan.second != "hub":
            versions.append([HUB_AGENT, int(self._plan.second)])
        async with asyncio.TaskGroup() as group:
            if self._plan.second == "hub":
                self._hub_agent = await self._made_hub_agent()
                group.create_task(self._hub_agent.run())
                await self._hub_agent.online.wait()
            await self._ask(
                "start",
                server=self._yjs(self._gate.url),
                path=PATH,
                token=self._server.token,
                versions=versions,
            )
            yield

    async def _made_hub_agent(self) -> HubAgent:
        edits = [AuthoredEdit.of(edit) for edit in await self._ask("edits")]
        server = self._server
        return HubAgent(HUB_AGENT, edits, Place(self._gate.url, UUID(server.project_id), server.token, PATH))

    async def _reached(self, sent: int) -> None:
        """Return when so many edits are sent in all and every agent is connected and level with the server."""
        async with asyncio.timeout(PATIENCE_S):
            while await self._sent() < sent:  # noqa: ASYNC110 - other processes send
                await asyncio.sleep(POLL_S)
        await self._ask("online")
        if self._hub_agent is not None:
            await self._hub_agent.online.wait()

    async def _sent(self) -> int:
        there: int = await self._ask("sent")
        return there + (0 if self._hub_agent is None else self._hub_agent.written)

    async def _kill_server(self, crash: Crash) -> None:
        await self._reached(crash.after)
        await self._server.kill()
        self._gate.shut()
        if crash.postgres:
            self._server.kill_postgres()
        await self._server.start()
        await self._check_acknowledged()
        self._gate.open()

    async def _kill_postgres(self, crash: Crash) -> None:
        async with storage_watch(self._server, f"{PATH}.watch") as watch:
            await self._reached(crash.after)
            self._server.kill_postgres()
            await watch.sees_loss()
            await watch.sees_return()

    async def _check_acknowledged(self) -> None:
        """A newcomer finds what was acknowledged, and nothing that nobody wrote."""
        found = await self._ask("check", server=self._yjs(self._server.url))
        assert found["missing"] == 0, f"acknowledged and lost: {found}"
        assert found["invented"] == 0, f"nobody wrote this: {found}"
        self._checked_units += found["acknowledged"]
        if self._hub_agent is not None:
            replica = await self._read_replica()
            units = self._hub_agent.acknowledged_units
            missing = [unit for unit in units if not replica.holds([unit])]
            assert not missing, f"acknowledged on /ws and lost: {len(missing)} of {len(units)}, first {missing[0]}"
            self._checked_units += len(units)

    async def _check_end(self) -> None:
        """Every replica holds the trace's end, and so does the server, from its memory and then from its log."""
        text: str = await self._ask("text")
        ends = await self._ask("ends", server=self._yjs(self._server.url))
        assert ends == [True] * len(ends), f"replicas that do not hold the trace's end: {ends}"
        if self._hub_agent is not None:
            assert self._hub_agent.replica.text == text, "our own agent's replica differs from the trace's end"
        await self._check_newcomers(text)
        await self._ask("leave")
        await self._server.stop()
        await self._server.start()
        await self._check_newcomers(text)
        await self._check_file_row(text)

    async def _check_newcomers(self, text: str) -> None:
        assert (await self._read_replica()).text == text, "a newcomer on /ws differs from the trace's end"
        async with self._server.client() as client:
            assert (await client.command(ReadDocument(path=PATH))).text == text, "documents/read differs"

    async def _check_file_row(self, text: str) -> None:
        connection = await asyncpg.connect(self._server.database_url)
        try:
            async with asyncio.timeout(FILE_ROW_TIMEOUT_S):
                while await connection.fetchval(FILE_ROW, PATH) != text:  # noqa: ASYNC110 - another process does it
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise AssertionError("project_files.content did not become the trace's end") from None
        finally:
            await connection.close()

    async def _read_replica(self) -> Replica:
        replica = Replica()
        async with self._server.client() as client:
            channel = await client.open(PATH, state_vector=replica.state_vector(), on_update=replica.apply)
            await channel.when_synced()
        return replica

    def _yjs(self, url: str) -> str:
        return f"{url.replace('http', 'ws', 1)}/yjs/{self._server.project_id}"

    async def _ask(self, action: str, **request: Any) -> Any:
        return await self._node.ask(action, timeout_s=PATIENCE_S, **request)


def main() -> None:
    """Run once and print the figures; a broken promise is a traceback and exit code 1."""
    options = _options()
    plan = Plan(
        options.trace, options.seed, options.second, options.kills, options.kill_postgres, options.postgres_kills
    )
    print(f"seed {plan.seed}: {plan}", flush=True)
    print(asyncio.run(replay(plan)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=sys.modules[__name__].__doc__.split("\n", 1)[0])
    parser.add_argument("--trace", type=Path, required=True, help="concurrent trace, JSON or gzipped JSON")
    parser.add_argument("--second", choices=["3", "4", "hub"], default="3", help="client of agent 1 (default: 3)")
    parser.add_argument("--kills", type=int, default=0, help="SIGKILLs of the server")
    parser.add_argument("--kill-postgres", action="store_true", help="at random, kill PostgreSQL with it")
    parser.add_argument("--postgres-kills", type=int, default=0, help="SIGKILLs of PostgreSQL alone")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32), help="of the moments")
    return parser.parse_args()


if __name__ == "__main__":
    main()
