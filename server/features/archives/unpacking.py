"""The process that unpacks an archive, seen from the server: started, read from, ended when it takes too long."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import msgpack

from server.archive.entry import ArchiveRefused
from server.archive.limits import ArchiveLimits
from server.archive.plan import Choice
from server.settings import Settings

CHILD = "server.archive.child"
IMPORTS_FROM = Path(__file__).resolve().parents[3]
READ_BYTES = 256 * 1024
MOST_BUFFERED_BYTES = 4 << 20  # a message is a piece of a file or less
TOO_MUCH = "It takes too much memory or time to unpack."

Source = IO[bytes] | Path  # an archive in an open file, or a folder


def limits_of(settings: Settings) -> ArchiveLimits:
    return ArchiveLimits(
        entries=settings.max_archive_entries,
        files=settings.max_project_files,
        file_bytes=settings.max_file_bytes,
        total_bytes=settings.max_project_bytes,
        ratio=settings.max_archive_ratio,
        memory_bytes=settings.import_memory_bytes,
        cpu_s=int(settings.import_timeout_s) + 1,
    )


@asynccontextmanager
async def unpacking(source: Source, choice: Choice, limits: ArchiveLimits) -> AsyncIterator[AsyncIterator[Any]]:
    """The messages of `server.archive.child`, decoded; leaving the block ends the process.

    Raises, while they are read:
        ArchiveRefused: the archive breaks a rule, or the process ended before its time.
    """
    is_folder = isinstance(source, Path)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", CHILD, json.dumps(asdict(limits)), json.dumps(asdict(choice))),
        *([str(source)] if is_folder else []),
        env=os.environ | {"PYTHONPATH": str(IMPORTS_FROM)},
        stdin=asyncio.subprocess.DEVNULL if isinstance(source, Path) else source,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=READ_BYTES,
    )
    messages = _messages(process)
    try:
        yield messages
    finally:
        await messages.aclose()
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _messages(process: asyncio.subprocess.Process) -> AsyncGenerator[Any, None]:
    if process.stdout is None:
        raise RuntimeError("the process was started without a pipe")
    unpacker = msgpack.Unpacker(max_buffer_size=MOST_BUFFERED_BYTES)
    while data := await process.stdout.read(READ_BYTES):
        unpacker.feed(data)
        for message in unpacker:
            match message:
                case ["done"]:
                    return
                case ["refused", str(reason)]:
                    raise ArchiveRefused(reason)
                case _:
                    yield message
    raise ArchiveRefused(TOO_MUCH)
