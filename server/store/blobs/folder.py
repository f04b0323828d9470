"""Chunks as files of a folder, for one machine or a shared disk."""

import asyncio
import os
import secrets
import shutil
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from server.store.failures import BytesMissing, StorageUnavailable

T = TypeVar("T")

FAN_OUT = 2  # characters of the name that make the first folder: 256 of them hold all the others
DISK_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class FolderStorage:
    root: Path

    async def put(self, key: str, data: bytes) -> None:
        await _bounded(asyncio.to_thread(_write, self._path(key), data))

    async def put_all(self, chunks: Mapping[str, bytes]) -> None:
        for key, data in chunks.items():
            await self.put(key, data)

    async def get(self, key: str, start: int, stop: int) -> bytes:
        return await _bounded(asyncio.to_thread(_read, self._path(key), start, stop))

    async def delete_all(self, prefix: str) -> None:
        await _bounded(asyncio.to_thread(shutil.rmtree, self._path(prefix), ignore_errors=True))

    def _path(self, key: str) -> Path:
        return self.root / key[:FAN_OUT] / key


def _write(path: Path, data: bytes) -> None:
    """A file appears whole or not at all, and only when it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        _sync(folder)


def _read(path: Path, start: int, stop: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(stop - start)
    except FileNotFoundError:
        raise BytesMissing(str(path)) from None


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _bounded(work: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(DISK_TIMEOUT_S):
            return await work
    except TimeoutError as error:
        raise StorageUnavailable("the folder of STORAGE_DIR did not answer in time") from error
    except OSError as error:
        raise StorageUnavailable(f"the folder of STORAGE_DIR cannot be used: {error}") from error
