"""Tar archives, packed by gzip or not, read from front to back: once to judge, once for the contents."""

import gzip
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, cast

from server.archive.entry import ArchiveRefused, Entry, Kind
from server.archive.limits import ArchiveLimits
from server.archive.metered import Meter, Metered, pieces

MARK = "FlashIO export"  # the comment of archives that we made
DAMAGED = (tarfile.TarError, zlib.error, EOFError, OSError, ValueError)


class TarReader:
    """`opened` gives the tar's bytes from their beginning, each time it is called."""

    is_ours: bool

    def __init__(self, opened: Callable[[], IO[bytes]], packed_bytes: int, limits: ArchiveLimits) -> None:
        self.warnings: list[str] = []
        self._opened = opened
        self._packed_bytes = packed_bytes
        self._limits = limits
        self.is_ours = next((tar.pax_headers.get("comment") == MARK for tar, _ in self._members()), False)

    def entries(self) -> Iterator[Entry]:
        for place, (_, member) in enumerate(self._members()):
            if place >= self._limits.entries:
                raise ArchiveRefused(f"It has more than {self._limits.entries} entries.")
            yield Entry(place, member.name, _kind_of(member), member.size, member.mode, member.linkname or None)

    def texts(self, wanted: Mapping[int, str]) -> dict[str, bytes]:
        return {wanted[place]: b"".join(parts) for place, parts in self.contents(wanted)}

    def contents(self, wanted: Mapping[int, str]) -> Iterator[tuple[int, Iterator[bytes]]]:
        if not wanted:
            return
        for place, (tar, member) in enumerate(self._members()):
            if place in wanted:
                yield place, _pieces(tar, member)

    def _members(self) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
        with _damage_told():
            stream = Metered(self._opened(), Meter(self._packed_bytes, self._limits))
            with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|", errors="surrogateescape") as tar:
                for member in tar:
                    tar.members = []  # type: ignore[attr-defined]  # it would keep every header
                    yield tar, member


def gunzipped(file: IO[bytes]) -> IO[bytes]:
    """The unpacked stream, from the file's beginning."""
    file.seek(0)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file, mode="rb"))


def _pieces(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    with _damage_told():
        stream = tar.extractfile(member)
        if stream is not None:
            yield from pieces(stream, member.size)


def _kind_of(member: tarfile.TarInfo) -> Kind:
    if member.isreg():
        return Kind.FILE
    if member.isdir():
        return Kind.DIRECTORY
    if member.issym():
        return Kind.LINK
    return Kind.HARD_LINK if member.islnk() else Kind.OTHER


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except ArchiveRefused:
        raise
    except DAMAGED as error:
        raise ArchiveRefused(f"The tar archive cannot be read: {error}") from None
