"""Pages of rows without those whose paths are hidden from whoever asks."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from server.feature import Caller

READ_AT_ONCE = 500  # rows, where some may be hidden: many hidden ones must not cost a statement each


class HasPath(Protocol):
    @property
    def path(self) -> str: ...


R = TypeVar("R", bound=HasPath)


async def page_seen(
    caller: Caller, limit: int, read: Callable[[R | None, int], Awaitable[Sequence[R]]]
) -> tuple[list[R], bool]:
    """The first `limit` rows whose paths the caller sees, and whether there may be more.

    `read` gives so many rows after one; after None those that the page begins with. Invariant: nothing that follows
    from the page, such as where the next one begins, comes from a row that is hidden.
    """
    at_once = limit if caller.paths.is_empty else max(limit, READ_AT_ONCE)
    rows = await read(None, at_once)
    seen = [row for row in rows if caller.paths.sees(row.path)]
    while len(seen) < limit and len(rows) == at_once:
        rows = await read(rows[-1], at_once)
        seen += [row for row in rows if caller.paths.sees(row.path)]
    return seen[:limit], len(seen) >= limit
