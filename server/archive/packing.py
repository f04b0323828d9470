"""Archives written piece by piece, the same bytes for the same files: sorted by whoever calls, without times.

A call returns the bytes that are ready to go; deflating a piece may take tens of milliseconds.
"""

import stat
import tarfile
import zipfile
import zlib
from enum import StrEnum
from typing import IO, Protocol, cast

from server.archive import tar_reader, zip_reader

TIME = 315_532_800  # 1980-01-01, the first that a zip can say; times would make each export differ
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
LEVEL = 6
GZIP_WINDOW = 31  # zlib's way to say: with a gzip header, which holds no time
DIRECTORY_MODE, LINK_MODE = 0o755, 0o777
MSDOS_DIRECTORY = 0x10
RECORD_BYTES = tarfile.RECORDSIZE


class ArchiveFormat(StrEnum):
    """As the names of archives end."""

    ZIP = "zip"
    TAR_GZ = "tar.gz"


class Packer(Protocol):
    """Invariant: between `begin` and the next member come exactly `size` bytes of `write`."""

    def directory(self, path: str) -> bytes:
        """Add an empty directory."""

    def link(self, path: str, target: str) -> bytes:
        """Add a symbolic link."""

    def begin(self, path: str, size: int, mode: int) -> bytes:
        """Begin a file of so many bytes, with Unix permissions."""

    def write(self, data: bytes) -> bytes:
        """Add bytes to it."""

    def finish(self) -> bytes:
        """End the archive."""


def packer_of(kind: ArchiveFormat) -> Packer:
    return ZipPacker() if kind is ArchiveFormat.ZIP else TarPacker()


class ZipPacker:
    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(cast("IO[bytes]", self._sink), "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL)
        self._zip.comment = zip_reader.MARK
        self._member: IO[bytes] | None = None

    def directory(self, path: str) -> bytes:
        return self._whole(_zip_info(f"{path}/", stat.S_IFDIR | DIRECTORY_MODE), b"")

    def link(self, path: str, target: str) -> bytes:
        return self._whole(_zip_info(path, stat.S_IFLNK | LINK_MODE), target.encode())

    def begin(self, path: str, size: int, mode: int) -> bytes:
        self._end_member()
        info = _zip_info(path, stat.S_IFREG | mode)
        info.compress_type, info.file_size = zipfile.ZIP_DEFLATED, size
        self._member = self._zip.open(info, "w")
        return self._sink.taken()

    def write(self, data: bytes) -> bytes:
        if self._member is None:
            raise ValueError("no file was begun")
        self._member.write(data)
        return self._sink.taken()

    def finish(self) -> bytes:
        self._end_member()
        self._zip.close()
        return self._sink.taken()

    def _whole(self, info: zipfile.ZipInfo, data: bytes) -> bytes:
        self._end_member()
        self._zip.writestr(info, data)
        return self._sink.taken()

    def _end_member(self) -> None:
        member, self._member = self._member, None
        if member is not None:
            member.close()


class TarPacker:
    """PAX format, so that names are UTF-8 of any length."""

    def __init__(self) -> None:
        self._deflated = zlib.compressobj(LEVEL, wbits=GZIP_WINDOW)
        self._taken = 0

    def directory(self, path: str) -> bytes:
        return self._header(path, tarfile.DIRTYPE, DIRECTORY_MODE)

    def link(self, path: str, target: str) -> bytes:
        return self._header(path, tarfile.SYMTYPE, LINK_MODE, target=target)

    def begin(self, path: str, size: int, mode: int) -> bytes:
        return self._header(path, tarfile.REGTYPE, mode, size=size)

    def write(self, data: bytes) -> bytes:
        return self._added(data)

    def finish(self) -> bytes:
        end = self._padded() + self._added(bytes(2 * tarfile.BLOCKSIZE))
        return end + self._added(bytes(-self._taken % RECORD_BYTES)) + self._deflated.flush()

    def _header(self, path: str, kind: bytes, mode: int, *, size: int = 0, target: str = "") -> bytes:
        info = tarfile.TarInfo(path)
        info.type, info.mode, info.size, info.mtime, info.linkname = kind, mode, size, TIME, target
        return self._marked() + self._padded() + self._added(info.tobuf(tarfile.PAX_FORMAT))

    def _marked(self) -> bytes:
        """Who made it, before the first member: readers take a mark without any member for damage."""
        if self._taken:
            return b""
        return self._added(tarfile.TarInfo.create_pax_global_header({"comment": tar_reader.MARK}))

    def _padded(self) -> bytes:
        return self._added(bytes(-self._taken % tarfile.BLOCKSIZE))

    def _added(self, data: bytes) -> bytes:
        self._taken += len(data)
        return self._deflated.compress(data)


class _Sink:
    """What zipfile writes to: a stream that cannot seek, emptied after each call."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def flush(self) -> None:
        """There is nothing behind it."""

    def taken(self) -> bytes:
        data = bytes(self._data)
        self._data.clear()
        return data


def _zip_info(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, ZIP_TIME)
    info.create_system = zip_reader.UNIX
    info.external_attr = mode << 16 | (MSDOS_DIRECTORY if name.endswith("/") else 0)
    return info
