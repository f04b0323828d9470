"""A zip archive that is written piece by piece and never held as a whole. No I/O."""

from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile


class _Sink:
    """A file that can only be written, so that zipfile writes sizes behind the contents."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, piece: bytes) -> int:
        self._written += piece
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here but what `taken` gives."""

    def close(self) -> None:
        """The archive's end is written; the bytes are still to be taken."""

    def taken(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


class ZipStream:
    """Members one after the other: `begin`, any number of `write`, `end`; at last `close`.

    Each gives the bytes of the archive that are ready. A write costs some 20 ms per MiB: keep pieces small.
    """

    def __init__(self) -> None:
        self._sink = _Sink()
        self._archive = ZipFile(self._sink, "w", ZIP_DEFLATED)
        self._member: IO[bytes] | None = None

    def begin(self, name: str) -> None:
        self._member = self._archive.open(name, "w", force_zip64=True)

    def write(self, piece: bytes) -> bytes:
        if self._member is None:
            raise RuntimeError("begin a member first")
        self._member.write(piece)
        return self._sink.taken()

    def end(self) -> bytes:
        if self._member is not None:
            self._member.close()
        return self._sink.taken()

    def close(self) -> bytes:
        self._archive.close()
        return self._sink.taken()
