"""A folder of this machine's disk as if it were an archive, for the command line."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from server.archive.entry import ArchiveRefused, Entry, Kind
from server.archive.ignored import NEVER_WANTED
from server.archive.limits import ArchiveLimits
from server.archive.metered import pieces


class FolderReader:
    """Links are told, not followed. What is never wanted is not even walked unless `takes_everything`."""

    is_ours = False

    def __init__(self, root: Path, limits: ArchiveLimits, *, takes_everything: bool) -> None:
        self.warnings: list[str] = []
        self._root = root
        self._limits = limits
        self._unwanted = frozenset() if takes_everything else NEVER_WANTED
        self._names: list[str] = []

    def entries(self) -> Iterator[Entry]:
        self._names = []
        for name, found in self._walked():
            if len(self._names) >= self._limits.entries:
                raise ArchiveRefused(f"It has more than {self._limits.entries} entries.")
            place = len(self._names)
            self._names.append(name)
            kind = _kind_of(found.st_mode)
            target = os.readlink(self._root / name) if kind is Kind.LINK else None  # noqa: PTH115 - as it is written
            yield Entry(place, name, kind, found.st_size, stat.S_IMODE(found.st_mode), target)

    def texts(self, wanted: Mapping[int, str]) -> dict[str, bytes]:
        return {wanted[place]: b"".join(parts) for place, parts in self.contents(wanted)}

    def contents(self, wanted: Mapping[int, str]) -> Iterator[tuple[int, Iterator[bytes]]]:
        for place in sorted(wanted):
            yield place, self._pieces(self._names[place])

    def _walked(self) -> Iterator[tuple[str, os.stat_result]]:
        waiting = [""]
        while waiting:
            place = waiting.pop()
            with os.scandir(self._root / place) as listing:
                beside = sorted((found for found in listing if found.name not in self._unwanted), key=lambda e: e.name)
            for found in beside:
                name = f"{place}/{found.name}" if place else found.name
                yield name, found.stat(follow_symlinks=False)
                if found.is_dir(follow_symlinks=False):
                    waiting.append(name)

    def _pieces(self, name: str) -> Iterator[bytes]:
        descriptor = os.open(self._root / name, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as stream:
            yield from pieces(stream, os.fstat(descriptor).st_size)


def _kind_of(mode: int) -> Kind:
    if stat.S_ISREG(mode):
        return Kind.FILE
    if stat.S_ISDIR(mode):
        return Kind.DIRECTORY
    return Kind.LINK if stat.S_ISLNK(mode) else Kind.OTHER
