"""Checks that the structs of one update do not wait for one another in a circle.

Such an update would stay pending for ever although nothing is missing, and whoever counted its clocks as known
would be wrong from then on.
"""

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush

from protocol.yjs.malformed import Malformed

Link = tuple[int, int, int, int]  # the struct at (client, clock) refers to the id (other client, clock)


def check_acyclic(links: Iterable[Link], ranges: Sequence[tuple[int, int, int]]) -> None:
    """Integrate in thought: each client's structs in order, each link only after what it refers to.

    `links` come in clock order within each client. Links to what the update does not carry count as satisfied.
    Takes O(n log n). Raises: Malformed with the reason `cycle`.
    """
    reached: dict[int, int] = {}
    ends: dict[int, int] = {}
    for client, start, end in ranges:
        reached.setdefault(client, start)
        ends[client] = end
    todo: dict[int, list[tuple[int, int, int]]] = {client: [] for client in ends}
    for client, clock, other, at in links:
        if at < ends.get(other, 0) and client in todo:
            todo[client].append((clock, other, at))
    if _integrate(todo, reached, ends) < len(ends):
        raise Malformed("cycle", "structs of different clients wait for one another in a circle")


def _integrate(todo: dict[int, list[tuple[int, int, int]]], reached: dict[int, int], ends: dict[int, int]) -> int:
    """Return how many clients reach their end."""
    waiting: dict[int, list[tuple[int, int]]] = {client: [] for client in ends}  # by clock, who waits for it
    upcoming = {client: iter(links) for client, links in todo.items()}
    ready = list(ends)
    done = 0
    while ready:
        client = ready.pop()
        for clock, other, at in upcoming[client]:
            if reached[other] <= at:
                reached[client] = clock
                heappush(waiting[other], (at, client))
                break
        else:
            reached[client] = ends[client]
            done += 1
        queue = waiting[client]
        while queue and queue[0][0] < reached[client]:
            ready.append(heappop(queue)[1])
    return done
