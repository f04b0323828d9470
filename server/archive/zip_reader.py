"""Zip archives: names in their several encodings, and what other programs put into the bits of Unix."""

import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

from protocol.paths import MAX_PATH_BYTES
from server.archive.entry import ArchiveRefused, Entry, Kind, shown
from server.archive.limits import ArchiveLimits
from server.archive.metered import Meter, pieces

MARK = b"FlashIO export"  # the comment of archives that we made
UTF8_FLAG, ENCRYPTED_FLAG = 0x800, 0x1
UNIX = 3
UNDERSTOOD = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


class ZipReader:
    def __init__(self, file: IO[bytes], packed_bytes: int, limits: ArchiveLimits) -> None:
        self.warnings: list[str] = []
        self._meter = Meter(packed_bytes, limits)
        with _damage_told():
            self._zip = zipfile.ZipFile(file)
        self._infos = self._zip.infolist()
        if len(self._infos) > limits.entries:
            raise ArchiveRefused(f"It has {len(self._infos)} entries; at most {limits.entries} are read.")
        self.is_ours = self._zip.comment == MARK

    def entries(self) -> Iterator[Entry]:
        guessed = 0
        for place, info in enumerate(self._infos):
            name, is_guessed = _name_of(info)
            guessed += is_guessed
            kind, mode = _kind_of(info, name)
            target = self._target(info, name) if kind is Kind.LINK else None
            yield Entry(place, name, kind, info.file_size, mode, target)
        if guessed:
            self.warnings.append(f"{guessed} names do not say how they are encoded and were read as CP437.")

    def texts(self, wanted: Mapping[int, str]) -> dict[str, bytes]:
        return {wanted[place]: b"".join(parts) for place, parts in self.contents(wanted)}

    def contents(self, wanted: Mapping[int, str]) -> Iterator[tuple[int, Iterator[bytes]]]:
        for place in sorted(wanted):
            yield place, self._pieces(self._infos[place])

    def _pieces(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        with _damage_told(), self._zip.open(info) as stream:
            for piece in pieces(stream, info.file_size):
                self._meter.take(len(piece))
                yield piece
            if stream.read(1):  # also compares the checksum
                raise ArchiveRefused("A file in it is longer than it says: the archive is damaged.")

    def _target(self, info: zipfile.ZipInfo, name: str) -> str:
        if info.file_size > MAX_PATH_BYTES:
            raise ArchiveRefused(f"The symbolic link {shown(name)} has a target of {info.file_size} bytes.")
        return b"".join(self._pieces(info)).decode("utf-8", "surrogateescape")


def _name_of(info: zipfile.ZipInfo) -> tuple[str, bool]:
    """A member's name, and whether its encoding is a guess. zipfile took bytes without a flag for CP437."""
    if info.flag_bits & ENCRYPTED_FLAG:
        raise ArchiveRefused(f"{shown(info.filename)} is encrypted. Pack it without a password.")
    if info.compress_type not in UNDERSTOOD:
        raise ArchiveRefused(f"{shown(info.filename)} is packed by a method that is not read; use deflate.")
    name = info.orig_filename
    if info.flag_bits & UTF8_FLAG or name.isascii():
        return name, False
    try:
        return name.encode("cp437").decode("utf-8"), False
    except UnicodeError:
        return name, True


def _kind_of(info: zipfile.ZipInfo, name: str) -> tuple[Kind, int | None]:
    mode = info.external_attr >> 16
    if info.create_system != UNIX or mode == 0:
        return (Kind.DIRECTORY if name.endswith("/") else Kind.FILE), None
    if name.endswith("/") or stat.S_ISDIR(mode):
        return Kind.DIRECTORY, mode
    if stat.S_ISLNK(mode):
        return Kind.LINK, mode
    is_plain = stat.S_ISREG(mode) or stat.S_IFMT(mode) == 0
    return (Kind.FILE if is_plain else Kind.OTHER), mode


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except ArchiveRefused:
        raise
    except DAMAGED as error:
        raise ArchiveRefused(f"The zip archive cannot be read: {error}") from None
