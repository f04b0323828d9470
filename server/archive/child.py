"""The process that unpacks: `python -m server.archive.child`, an archive on stdin, MessagePack messages on stdout.

An archive may be made to take memory and time without end; here that ends a short-lived process with limits.
It imports nothing of the server but this folder.
"""

import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgpack

from server.archive.entry import ArchiveRefused, Reader
from server.archive.limits import ArchiveLimits
from server.archive.opening import archive_reader, folder_reader
from server.archive.plan import Choice
from server.archive.unpacked import Began, Directory, Ended, Link, Planned, Unpacked, unpack

NICENESS = 5  # people who type come first
TOO_MUCH = "It takes more memory to read than an archive may."


def main(arguments: list[str]) -> int:
    """`arguments`: the limits and the choice as JSON, and a folder when it is no archive on stdin."""
    limits = ArchiveLimits(**json.loads(arguments[0]))
    choice = Choice(**json.loads(arguments[1]))
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s))

    def opened() -> Reader:
        if len(arguments) > 2:
            return folder_reader(Path(arguments[2]), limits, takes_everything=choice.takes_everything)
        return archive_reader(sys.stdin.buffer, limits)

    try:
        for message in _told(lambda: unpack(opened(), choice, limits)):
            sys.stdout.buffer.write(message)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(1)  # nobody listens any more, and there is nothing to flush to
    return 0


def _told(unpacking: Callable[[], Iterator[Unpacked]]) -> Iterator[bytes]:
    try:
        yield from map(_packed, unpacking())
        yield msgpack.packb(["done"])
    except ArchiveRefused as error:
        yield msgpack.packb(["refused", str(error)])
    except (MemoryError, RecursionError):
        yield msgpack.packb(["refused", TOO_MUCH])


def _packed(message: Unpacked) -> bytes:
    packed: bytes
    match message:
        case bytes():
            packed = msgpack.packb(message)
        case Planned(files, total_bytes, skipped, warnings):
            packed = msgpack.packb(["planned", files, total_bytes, skipped, warnings])
        case Directory(path):
            packed = msgpack.packb(["directory", path])
        case Link(path, target):
            packed = msgpack.packb(["link", path, target])
        case Began(path, size, is_executable, permissions):
            packed = msgpack.packb(["began", path, size, is_executable, permissions])
        case Ended():
            packed = msgpack.packb(["ended"])
    return packed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
