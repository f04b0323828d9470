"""Where chunks are kept: PostgreSQL, a folder or an object store. Which blob they belong to is in `blob_chunks`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol


class StorageType(StrEnum):
    """As `project_files.storage_type` and the setting say it."""

    DATABASE = "database"
    FILESYSTEM = "filesystem"
    S3 = "s3"


class ChunkStorage(Protocol):
    """Names are `<blob id>/<chunk>`, ASCII. A chunk never changes under its name, so any copy of it is good.

    Raises, all of them: StorageUnavailable when the storage cannot be reached or is full.
    """

    async def put(self, key: str, data: bytes) -> None:
        """Keep a chunk. Invariant: when this returns, the bytes outlive this process and this machine's memory."""

    async def put_all(self, chunks: Mapping[str, bytes]) -> None:
        """Keep some small chunks by their names; the same invariant holds for all of them."""

    async def get(self, key: str, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop` of a chunk that holds at least as many.

        Raises:
            BytesMissing: nothing of that name is kept.
        """

    async def delete_all(self, prefix: str) -> None:
        """Forget every chunk below `<prefix>/`; none is no error."""
