"""The process behind `extract`: reads [root name, updates] as MessagePack, writes the text as UTF-8 or exits with 1.

It is run by its path and imports nothing of the server, because a hostile client may cause many of these.
"""

import os
import resource
import sys
from typing import Any

import msgpack
from pycrdt import Doc, Text

from protocol.yjs.update import STORED_LIMITS, UpdateRefused, check_update

NICENESS = 5  # people who type come first
MEMORY_BYTES = 1 << 30
CPU_S = 10


def main() -> int:
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    root_name, updates = msgpack.unpackb(sys.stdin.buffer.read())
    doc: Doc[Any] = Doc()
    text = doc.get(root_name, type=Text)
    try:
        for update in updates:
            check_update(update, STORED_LIMITS)
            doc.apply_update(update)
    except (UpdateRefused, ValueError, RuntimeError, MemoryError):
        return 1
    sys.stdout.buffer.write(str(text).encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
