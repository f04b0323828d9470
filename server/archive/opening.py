"""Which kind of archive a file is, by its first bytes; names are not believed."""

import io
import os
from pathlib import Path
from typing import IO

from server.archive.entry import ArchiveRefused, Reader
from server.archive.folder_reader import FolderReader
from server.archive.limits import ArchiveLimits
from server.archive.tar_reader import TarReader, gunzipped
from server.archive.zip_reader import ZipReader

ZIP_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
GZIP_BEGINNING = b"\x1f\x8b"
TAR_MARK, TAR_MARK_AT = b"ustar", 257
HEAD_BYTES = 512


def archive_reader(file: IO[bytes], limits: ArchiveLimits) -> Reader:
    """A reader of a zip, a tar or a tar.gz in a file that can seek.

    Raises:
        ArchiveRefused: it is none of these.
    """
    packed_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if head.startswith(ZIP_BEGINNINGS):
        return ZipReader(file, packed_bytes, limits)
    if head.startswith(GZIP_BEGINNING):
        return TarReader(lambda: gunzipped(file), packed_bytes, limits)
    if head[TAR_MARK_AT:].startswith(TAR_MARK) or (head and not head.strip(b"\0") and len(head) == HEAD_BYTES):
        return TarReader(lambda: _rewound(file), packed_bytes, limits)
    raise ArchiveRefused("This is neither a zip nor a tar nor a tar.gz archive.")


def folder_reader(folder: Path, limits: ArchiveLimits, *, takes_everything: bool) -> Reader:
    """The same for a folder on this machine's disk."""
    return FolderReader(folder, limits, takes_everything=takes_everything)


def _rewound(file: IO[bytes]) -> IO[bytes]:
    file.seek(io.SEEK_SET)
    return file
