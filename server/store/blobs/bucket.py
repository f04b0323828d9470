"""Chunks as objects of a bucket: Amazon S3, or whatever speaks its protocol."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from server.store.failures import BytesMissing, StorageUnavailable

T = TypeVar("T")

REQUEST_TIMEOUT_S = 30.0  # with the retries that obstore makes by itself
LIST_PAGE = 1_000
PUTS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class BucketStorage:
    store: S3Store

    async def put(self, key: str, data: bytes) -> None:
        await _bounded(obstore.put_async(self.store, key, data, use_multipart=False))

    async def put_all(self, chunks: Mapping[str, bytes]) -> None:
        items = list(chunks.items())
        for at in range(0, len(items), PUTS_AT_ONCE):
            await asyncio.gather(*(self.put(key, data) for key, data in items[at : at + PUTS_AT_ONCE]))

    async def get(self, key: str, start: int, stop: int) -> bytes:
        return await _bounded(self._read(key, start, stop))

    async def delete_all(self, prefix: str) -> None:
        listing = obstore.list(self.store, f"{prefix}/", chunk_size=LIST_PAGE)
        while page := await _bounded(_next_page(listing)):
            await _bounded(obstore.delete_async(self.store, page))

    async def _read(self, key: str, start: int, stop: int) -> bytes:
        try:
            return bytes(await obstore.get_range_async(self.store, key, start=start, end=stop))
        except (FileNotFoundError, NotFoundError):
            raise BytesMissing(key) from None


def bucket_storage(bucket: str, endpoint: str | None) -> BucketStorage:
    """Credentials and region come from the environment, as for every program that uses S3."""
    options: dict[str, str] = {} if endpoint is None else {"endpoint": endpoint}
    is_plain = endpoint is not None and endpoint.startswith("http://")
    store = S3Store(
        bucket,
        client_options={"allow_http": is_plain, "timeout": timedelta(seconds=REQUEST_TIMEOUT_S)},
        retry_config={"retry_timeout": timedelta(seconds=REQUEST_TIMEOUT_S / 2)},
        **options,  # type: ignore[arg-type]
    )
    return BucketStorage(store)


async def _next_page(listing: "obstore.ListStream[Sequence[obstore.ObjectMeta]]") -> list[str]:
    page = await anext(listing, None)
    return [found["path"] for found in page or ()]


async def _bounded(work: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(REQUEST_TIMEOUT_S):
            return await work
    except (TimeoutError, OSError, BaseError) as error:
        raise StorageUnavailable(f"the bucket of STORAGE_BUCKET cannot be used: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    """The reason; below it obstore shows the insides of its request."""
    return str(error).partition("\n")[0]
