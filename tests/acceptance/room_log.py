"""What PostgreSQL holds of the rooms' documents, read past the server."""

from collections import defaultdict
from dataclasses import dataclass

import asyncpg

from protocol.yjs.update import STORED_LIMITS, check_update
from tests.harness.live_server import LiveServer

UPDATES = (
    "select f.path, u.update_v1 from document_updates as u join project_files as f on f.id = u.document_id "
    "where f.path like $1 order by u.document_id, u.seq"
)


@dataclass(frozen=True, slots=True)
class RoomLog:
    """`updates` by path, in the order of the log; compaction must have left them."""

    updates: dict[str, list[bytes]]

    def stored(self, path: str) -> dict[int, int]:
        """Characters without a gap from the first, by Yjs client id."""
        ends: defaultdict[int, int] = defaultdict(int)
        ranges = [
            found for update in self.updates.get(path, ()) for found in check_update(update, STORED_LIMITS).ranges
        ]
        for client, start, end in sorted(ranges):
            if start <= ends[client]:
                ends[client] = max(ends[client], end)
        return ends

    @property
    def rows(self) -> int:
        return sum(map(len, self.updates.values()))


async def room_log(server: LiveServer, prefix: str) -> RoomLog:
    """Read the log of the documents whose path begins so."""
    updates: defaultdict[str, list[bytes]] = defaultdict(list)
    connection = await asyncpg.connect(server.database_url)
    try:
        for path, update in await connection.fetch(UPDATES, f"{prefix}%"):
            updates[path].append(update)
    finally:
        await connection.close()
    return RoomLog(updates)
