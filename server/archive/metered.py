"""A stream of unpacked bytes that stops when it becomes more than its archive may unpack to."""

import io
from collections.abc import Iterator
from typing import IO

from server.archive.entry import ArchiveRefused
from server.archive.limits import MIB, ArchiveLimits

PIECE_BYTES = 256 * 1024


class Meter:
    """Counts the bytes that came out of an archive of `packed_bytes`."""

    def __init__(self, packed_bytes: int, limits: ArchiveLimits) -> None:
        self._limits = limits
        self._most = max(limits.ratio_free_bytes, packed_bytes * limits.ratio)
        self._taken = 0

    def take(self, size: int) -> None:
        """Raises: ArchiveRefused when it is too much."""
        self._taken += size
        if self._taken > self._most:
            raise ArchiveRefused(f"It unpacks to more than {self._limits.ratio} times its size: a decompression bomb.")
        if self._taken > 2 * self._limits.total_bytes:  # what is left out counts here, and headers
            raise ArchiveRefused(f"It unpacks to far more than {self._limits.total_bytes // MIB} MiB.")


class Metered(io.RawIOBase):
    """A readable stream, each byte of which is counted."""

    def __init__(self, stream: IO[bytes], meter: Meter) -> None:
        super().__init__()
        self._stream = stream
        self._meter = meter

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(PIECE_BYTES if size < 0 else size)
        self._meter.take(len(data))
        return data


def pieces(stream: IO[bytes], size: int) -> Iterator[bytes]:
    """All `size` bytes of a member.

    Raises:
        ArchiveRefused: it ends before.
    """
    left = size
    while left:
        piece = stream.read(min(PIECE_BYTES, left))
        if not piece:
            raise ArchiveRefused("A file in it is shorter than it says: the archive is damaged.")
        left -= len(piece)
        yield piece
