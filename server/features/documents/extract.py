"""The text that updates show once applied, read in a process of its own.

What ended a replica may be crafted so that applying it takes very long or crashes; here that costs one short-lived
process and a time limit. Nothing of it reaches the documents in memory.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgpack

TIME_LIMIT_S = 60.0  # on a busy machine; the child itself ends after 10 s of CPU time
AT_ONCE = 2  # processes; more wait
CHILD = Path(__file__).with_name("extract_child.py")
IMPORTS_FROM = Path(__file__).resolve().parents[3]

_turns = asyncio.Semaphore(AT_ONCE)


async def extract_text(root_name: str, updates: Sequence[bytes]) -> str | None:
    """The text after applying `updates` in order to an empty document; None when that cannot be done in time."""
    async with _turns:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # the folder of the child is no place to import from
            str(CHILD),
            env=os.environ | {"PYTHONPATH": str(IMPORTS_FROM)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(TIME_LIMIT_S):
                text, _ = await process.communicate(msgpack.packb([root_name, list(updates)]))
        except TimeoutError:
            return None
        finally:
            if process.returncode is None:  # too slow, or whoever asked was cancelled
                process.kill()
                await process.wait()
    return text.decode("utf-8", "replace") if process.returncode == 0 else None
