"""One member of an archive as the archive names it, before anybody believed a word of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

MAX_SHOWN = 120  # characters of a name in a reason


class ArchiveRefused(ValueError):
    """The message is for the person who brought the archive: which member breaks which rule."""


class Kind(Enum):
    FILE = "file"
    DIRECTORY = "directory"
    LINK = "symbolic link"
    HARD_LINK = "hard link"
    OTHER = "device, pipe or socket"


@dataclass(frozen=True, slots=True)
class Entry:
    """`place` tells it from the others of its archive; `size`: bytes, as promised; `mode`: Unix bits, None: none."""

    place: int
    name: str
    kind: Kind
    size: int
    mode: int | None = None
    target: str | None = None


class Reader(Protocol):
    """An archive that is walked twice: what is there, then the contents of what is wanted.

    Raises, all of them: ArchiveRefused when it is damaged, lies about itself, or is over a limit.
    """

    is_ours: bool  # made by our export
    warnings: list[str]

    def entries(self) -> Iterator[Entry]:
        """Every member in the archive's order."""

    def texts(self, wanted: Mapping[int, str]) -> dict[str, bytes]:
        """The bytes of a few small members, under the keys that `wanted` has for their places."""

    def contents(self, wanted: Mapping[int, str]) -> Iterator[tuple[int, Iterator[bytes]]]:
        """The wanted files in the reader's order; each in pieces, to be read before the next is asked for."""


def shown(name: str) -> str:
    """A member's name as a reason may show it."""
    short = name if len(name) <= MAX_SHOWN else name[:MAX_SHOWN] + "…"
    return repr(short.encode("utf-8", "replace").decode())
