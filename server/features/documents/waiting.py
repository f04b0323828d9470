"""Edits that arrived before what they build on, found again the moment it is there. Pure."""

import itertools
from collections.abc import Mapping
from heapq import heappop, heappush

from protocol.yjs.update import UpdateSummary

COST_BYTES = 700  # of memory that one waiting edit takes beside its bytes


class Waiting:
    """Invariant: an edit stands in the queue of one client of whom it lacks clocks.

    So an edit that arrives looks only at those that wait for its own author, in the order of the clocks they lack.
    """

    def __init__(self) -> None:
        self._queues: dict[int, list[tuple[int, int, bytes, UpdateSummary]]] = {}
        self._order = itertools.count()
        self.cost_bytes = 0

    @property
    def is_empty(self) -> bool:
        return not self._queues

    def add(self, update: bytes, summary: UpdateSummary, clocks: Mapping[int, int]) -> None:
        """Hold an edit of which `missing(summary, clocks)` is true."""
        client, clock = next(need for need in summary.needs.items() if clocks.get(need[0], 0) < need[1])
        heappush(self._queues.setdefault(client, []), (clock, next(self._order), update, summary))
        self.cost_bytes += len(update) + COST_BYTES

    def take(self, client: int, clock: int) -> list[tuple[bytes, UpdateSummary]]:
        """Remove and return what lacked no more than the first `clock` clocks of `client`; it may lack others."""
        queue = self._queues.get(client, [])
        taken = []
        while queue and queue[0][0] <= clock:
            _, _, update, summary = heappop(queue)
            self.cost_bytes -= len(update) + COST_BYTES
            taken.append((update, summary))
        if not queue:
            self._queues.pop(client, None)
        return taken
