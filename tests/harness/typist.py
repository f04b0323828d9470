"""A person who types steadily, in a process of their own, and measures how long each edit takes to be saved.

Run by itself it types until its standard input ends, then prints its diary as JSON.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from runner.hub_client import connected
from tests.harness.editor import Editor
from tests.harness.live_server import LiveServer

ROOT = Path(__file__).resolve().parents[2]
END_TIMEOUT_S = 30.0


@dataclass(slots=True)
class Diary:
    """What a typist saw. `text` is the document's at the end."""

    saved_s: list[float] = field(default_factory=list)
    text: str = ""
    troubles: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        p50, p99, worst = (1000 * self.percentile(part) for part in (0.5, 0.99, 1))
        return f"{len(self.saved_s)} edits, p50 {p50:.1f} ms, p99 {p99:.1f} ms, worst {worst:.1f} ms"

    def percentile(self, part: float) -> float:
        """Seconds below which this part of the edits was saved."""
        ordered = sorted(self.saved_s)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class Typist:
    """A running typist; `diary` is filled by `stop`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.diary = Diary()

    async def stop(self) -> Diary:
        async with asyncio.timeout(END_TIMEOUT_S):
            out, err = await self._process.communicate(b"")
        if self._process.returncode:
            raise AssertionError(f"a typist failed: {err.decode()[-2000:]}")
        self.diary = Diary(**json.loads(out.splitlines()[-1]))
        return self.diary


@asynccontextmanager
async def typing(server: LiveServer, path: str, *, per_s: float) -> AsyncIterator[Typist]:
    """Somebody types into a document while the block runs; call `stop` in it for the diary."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        server.url,
        server.project_id,
        server.token,
        path,
        str(per_s),
        cwd=ROOT,
        env=os.environ,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(END_TIMEOUT_S):
            await process.stdout.readline()  # it has opened the document
        yield Typist(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def measured(server: LiveServer, path: str, *, per_s: float, edits: int) -> Diary:
    """The diary of a quiet time, to compare with."""
    async with connected(server.url, UUID(server.project_id), token=server.token) as client:
        editor = await Editor().open(client, path, create=True)
        diary = Diary()
        for n in range(edits):
            await _type_one(editor, diary, n, per_s)
        return diary


async def _type_one(editor: Editor, diary: Diary, n: int, per_s: float) -> None:
    began = time.perf_counter()
    await editor.type(len(editor.text), "\n" if n % 40 == 39 else "x")
    await editor.channel.when_saved()
    took = time.perf_counter() - began
    diary.saved_s.append(took)
    await asyncio.sleep(max(0.0, 1 / per_s - took))


async def _main(url: str, project_id: str, token: str, path: str, per_s: float) -> None:
    done = asyncio.Event()
    diary = Diary()
    reading = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    reading.add_done_callback(lambda _: done.set())
    async with connected(url, UUID(project_id), token=token) as client:
        editor = await Editor().open(client, path, create=True)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        n = 0
        while not done.is_set():
            await _type_one(editor, diary, n, per_s)
            n += 1
        await editor.when_level()
        diary.text = str(editor.text)
        diary.troubles = [str(error) for error in client.errors]
        if editor.channel.ended:
            diary.troubles.append(str(editor.channel.ended))
    sys.stdout.write(json.dumps({"saved_s": diary.saved_s, "text": diary.text, "troubles": diary.troubles}))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:5], float(sys.argv[5])))
