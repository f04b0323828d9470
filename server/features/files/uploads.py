"""Uploads: bytes that arrive in order, possibly over several requests, workers and days, until all are there."""

import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from prometheus_client import Counter

from protocol.ids import UploadId
from server.access.roles import Ability
from server.clock import Clock
from server.errors import Conflict, LimitReached, NotFound, TooLarge
from server.feature import Caller
from server.features.files.languages import text_of
from server.features.files.rights import require
from server.features.files.room import check_room
from server.features.files.tree import valid_path
from server.settings import Settings
from server.store import uploads as store
from server.store.blobs.blobs import BlobRow, Blobs, cut_back
from server.store.db import Database

MOST_DIGESTS = 1_000  # of uploads that arrive here now; one that was forgotten is read again in the end

_received = Counter("flashio_upload_bytes_total", "Bytes of files received")
_reread = Counter("flashio_upload_rereads_total", "Uploads whose bytes were read again for their checksum")


@dataclass(slots=True)
class Digest:
    """SHA-256 of the first `size` bytes."""

    size: int = 0
    sha: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def update(self, data: bytes) -> None:
        self.sha.update(data)
        self.size += len(data)


@dataclass(slots=True)
class Uploads:
    """Every upload belongs to one person and one project; nobody else finds it."""

    db: Database
    clock: Clock
    settings: Settings
    blobs: Blobs
    _digests: OrderedDict[UUID, Digest] = field(default_factory=OrderedDict)

    async def begin(self, caller: Caller, path: str, size: int | None, metadata: str = "") -> store.UploadRow:
        """Make room for `size` bytes that are to become the file at `path`; None: nobody knows yet how many.

        Raises:
            Invalid: the path breaks the rules.
            Forbidden: they may not write it.
            TooLarge: the file or the project would be over its limit.
            LimitReached: they have too many uploads under way.
        """
        path = valid_path(path)
        require(caller, Ability.WRITE, path)
        self._check_size(size or 0)
        owner = caller.principal.user_id
        async with self.db.acquire() as connection:
            await check_room(self.settings, connection, caller.project_id, files=0, size=size or 0)
            if await store.count_uploads.one(connection, user_id=owner) >= self.settings.max_uploads:
                raise LimitReached(f"You have {self.settings.max_uploads} uploads under way. Finish or cancel some.")
        blob = await self.blobs.begin()
        async with self.db.acquire() as connection:
            upload_id = await store.begin_upload.one(
                connection,
                project_id=caller.project_id,
                user_id=owner,
                blob_id=blob.id,
                path=path,
                size=size,
                metadata=metadata,
                expires_at=self.clock.now() + timedelta(hours=self.settings.upload_hours),
            )
        self._keep(blob.id, Digest())
        return await self.find(caller, UploadId(upload_id))

    async def find(self, caller: Caller, upload_id: UploadId) -> store.UploadRow:
        """The caller's upload as it is now.

        Raises:
            NotFound: they have none of this id, or its time is over.
        """
        key = {"upload_id": upload_id, "project_id": caller.project_id, "user_id": caller.principal.user_id}
        async with self.db.acquire() as connection:
            found = await store.get_upload.maybe(connection, **key)
        if found is None or (found.expires_at <= self.clock.now() and found.finished_at is None):
            raise NotFound("There is no such upload, or its time is over. Begin anew.")
        return found

    async def receive(self, upload: store.UploadRow, at: int, stream: AsyncIterator[bytes]) -> int:
        """Add what the stream brings, chunk by chunk, and return where the upload ends then.

        When the stream breaks off, what it brought before stays.

        Raises:
            Conflict: the upload does not end at `at`, or somebody else adds to it now.
            TooLarge: more came than was announced or than a file may hold; up to there it stays.
        """
        blob = upload.blob
        if blob is None or upload.checksum is not None:
            raise Conflict("This upload is whole already.")
        if at != blob.size:
            raise Conflict(f"This upload goes on at byte {blob.size}.")
        growing = _Growing(self, blob, self.settings.max_file_bytes if upload.size is None else upload.size, at)
        try:
            async for piece in stream:
                await growing.take(piece)
        finally:
            await growing.flush()
        return growing.at

    async def cut_back(self, upload: store.UploadRow, at: int) -> None:
        """Forget everything from `at` on, where an earlier `receive` began."""
        async with self.db.acquire() as connection:
            await cut_back.run(connection, blob_id=upload.blob_id, size=at)
        if upload.blob_id is not None:
            self._digests.pop(upload.blob_id, None)

    async def complete(self, upload: store.UploadRow) -> bytes:
        """Write down, and return, the SHA-256 of an upload whose bytes have all arrived.

        Raises:
            Conflict: some are still missing.
        """
        if upload.checksum is not None:
            return upload.checksum
        blob = upload.blob
        if blob is None or upload.size not in (None, blob.size):
            raise Conflict("Some bytes of this upload have not arrived yet.")
        checksum = await self._checksum(blob)
        async with self.db.acquire() as connection:
            await store.complete_upload.run(connection, upload_id=upload.id, size=blob.size, checksum=checksum)
        return checksum

    async def text(self, upload: store.UploadRow) -> str | None:
        """The text that it is; None when it is none, or more than a document may hold."""
        blob = upload.blob
        if blob is None or blob.size > self.settings.max_document_bytes:
            return None
        return text_of(b"".join([piece async for piece in self.blobs.read(blob)]))

    async def mark_finished(self, upload: store.UploadRow) -> None:
        """Its content has been taken over otherwise: those who ask are told that it is done."""
        async with self.db.acquire() as connection:
            await store.finish_upload.run(connection, upload_id=upload.id)

    async def drop(self, upload: store.UploadRow) -> None:
        """End an upload; its bytes are collected later unless a file refers to them."""
        async with self.db.acquire() as connection:
            await store.delete_upload.run(connection, upload_id=upload.id)

    async def add(self, blob: BlobRow, at: int, data: bytes) -> None:
        """Add one chunk and take it into the digest."""
        if not await self.blobs.append(blob, at, data):
            raise Conflict("Somebody else adds to this upload at the same time.")
        _received.inc(len(data))
        digest = self._digests.get(blob.id)
        if digest is not None and digest.size == at:
            digest.update(data)
        else:
            self._digests.pop(blob.id, None)

    async def _checksum(self, blob: BlobRow) -> bytes:
        digest = self._digests.pop(blob.id, None)
        if digest is None or digest.size != blob.size:  # some of it came to another worker
            _reread.inc()
            digest = Digest()
            async for piece in self.blobs.read(blob):
                digest.update(piece)
        return digest.sha.digest()

    def _check_size(self, size: int) -> None:
        if size > self.settings.max_file_bytes:
            raise TooLarge(f"A file holds at most {self.settings.max_file_bytes} bytes.")

    def _keep(self, blob_id: UUID, digest: Digest) -> None:
        self._digests[blob_id] = digest
        if len(self._digests) > MOST_DIGESTS:
            self._digests.popitem(last=False)


@dataclass(slots=True)
class _Growing:
    """Gathers pieces into chunks. Invariant: `at` is where the upload durably ends."""

    uploads: Uploads
    blob: BlobRow
    limit: int
    at: int
    gathered: bytearray = field(default_factory=bytearray)

    async def take(self, piece: bytes) -> None:
        room = self.limit - self.at - len(self.gathered)
        self.gathered += piece[:room]
        chunk_bytes = self.uploads.settings.blob_chunk_bytes
        while len(self.gathered) >= chunk_bytes:
            await self._add(chunk_bytes)
        if len(piece) > room:
            raise TooLarge(f"This upload holds at most {self.limit} bytes.")

    async def flush(self) -> None:
        if self.gathered:
            await self._add(len(self.gathered))

    async def _add(self, size: int) -> None:
        """Taken out before it is added: what could not be added is not tried again."""
        data = bytes(self.gathered[:size])
        del self.gathered[:size]
        await self.uploads.add(self.blob, self.at, data)
        self.at += size
