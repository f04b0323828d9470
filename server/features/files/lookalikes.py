"""Names that look the same and are not, as with a Cyrillic letter among Latin ones (Unicode TR 39). They only warn."""

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from server.archive.alike import homoglyphs
from server.store import files as store
from server.store.db import Connection
from server.store.files import FileRow

COMPARED_NAMES = 1_000  # of a directory; in larger ones nobody looks at names


async def find_look_alike(connection: Connection, row: FileRow, sees: Callable[[str], bool]) -> str | None:
    """The path of a file beside this one whose name looks the same, among those seen; None when there is none.

    Two names of plain ASCII are not compared: whoever tells `l` from `1` by nothing has another font to choose.
    """
    listing = store.list_foreign_names if row.path.isascii() else store.list_names
    beside = await listing.all(connection, project_id=row.project_id, parent_id=row.parent_id, limit=COMPARED_NAMES)
    return look_alike(row.path, filter(sees, beside))


def look_alike(path: str, others: Iterable[str]) -> str | None:
    """The first of the other paths, in the same directory, whose name looks like that of `path`."""
    name = PurePosixPath(path).name
    return next((other for other in others if other != path and _is_alike(name, PurePosixPath(other).name)), None)


def _is_alike(one: str, other: str) -> bool:
    return len(one) == len(other) and all(
        left == right or right in homoglyphs(left) or left in homoglyphs(right)
        for left, right in zip(one, other, strict=True)
    )
