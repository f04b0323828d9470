"""A Node program of tests/stock that answers JSON requests, line by line."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

STOCK = Path(__file__).resolve().parents[1] / "stock"
LINE_LIMIT_BYTES = 64 << 20  # a line may carry a whole document
ANSWER_TIMEOUT_S = 15.0


class NodeFailed(Exception):
    """The program reported an error or ended."""


class NodeProcess:
    """Use `node_process`. Requests may overlap; each answer finds its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}

    async def ask(self, action: str, *, timeout_s: float = ANSWER_TIMEOUT_S, **request: Any) -> Any:
        """Send a request and return its result.

        Raises:
            TimeoutError: no answer came in time.
            NodeFailed: the program could not do it.
        """
        request_id = next(self._ids)
        answer = self._answers[request_id] = asyncio.get_running_loop().create_future()
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(json.dumps({"id": request_id, "action": action, **request}).encode() + b"\n")
        async with asyncio.timeout(timeout_s):
            return await answer

    async def read(self) -> None:
        """Hand out answers until the program ends."""
        stdout = self._process.stdout
        assert stdout is not None
        async for line in stdout:
            reply = json.loads(line)
            answer = self._answers.pop(reply["id"])
            if answer.done():
                continue
            if "error" in reply:
                answer.set_exception(NodeFailed(reply["error"]))
            else:
                answer.set_result(reply["result"])
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(NodeFailed("the program ended"))


@asynccontextmanager
async def node_process(program: str) -> AsyncIterator[NodeProcess]:
    """Run a program of tests/stock; closing its input ends it."""
    process = await asyncio.create_subprocess_exec(
        "node",
        program,
        cwd=STOCK,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_LIMIT_BYTES,
    )
    node = NodeProcess(process)
    reading = asyncio.create_task(node.read())
    try:
        yield node
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await reading
