"""What is at a path, for those who may read it: bytes by range, text as it is stored."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from protocol.text_form import TextForm, restored
from server.access.roles import Ability
from server.errors import Conflict
from server.feature import Caller
from server.features.files.rights import missing, require
from server.features.files.tree import valid_path
from server.store import files as store
from server.store.blobs.blobs import Blobs, get_blob
from server.store.db import Database


@dataclass(frozen=True, slots=True)
class Reading:
    db: Database
    blobs: Blobs

    async def find(self, caller: Caller, path: str) -> store.FileRow | None:
        """The live row at a path, of whatever kind; None when there is none.

        Raises:
            Invalid: the path breaks the rules.
            NotFound: it is hidden from them.
            Forbidden: they may not read it.
        """
        path = valid_path(path)
        require(caller, Ability.READ, path)
        async with self.db.acquire() as connection:
            return await store.get_file_by_path.maybe(connection, project_id=caller.project_id, path=path)

    async def file(self, caller: Caller, path: str) -> store.FileRow:
        """The same for a file that has content.

        Raises:
            NotFound: nothing is there.
            Conflict: a directory or a symbolic link is there; the server follows none.
        """
        row = await self.find(caller, path)
        if row is None:
            raise missing(path)
        if row.is_directory:
            raise Conflict(f"{path} is a directory.")
        if row.is_symlink:
            raise Conflict(f"{path} is a symbolic link to {row.symlink_target}; the server follows none.")
        return row

    async def pieces(self, row: store.FileRow, start: int, stop: int) -> AsyncIterator[bytes]:
        """Part of a file of bytes, a chunk at a time.

        Raises:
            NotFound: it was replaced or deleted meanwhile.
        """
        async with self.db.acquire() as connection:
            blob = await get_blob.maybe(connection, blob_id=row.blob_id)
        if blob is None:
            raise missing(row.path)
        async for piece in self.blobs.read(blob, start, stop):
            yield piece

    async def stored_text(self, row: store.FileRow) -> bytes | None:
        """A text file's bytes as they came; None when it is a document, whose text is read from there."""
        async with self.db.acquire() as connection:
            found = await store.read_stored_text.maybe(connection, file_id=row.id)
        return None if found is None else restored(found, TextForm())


def is_text(row: store.FileRow) -> bool:
    """Whether its content is a document, or would become one when somebody opens it."""
    return not (row.is_directory or row.is_binary or row.is_symlink)
