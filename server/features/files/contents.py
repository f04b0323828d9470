"""What an upload becomes: a new file, other bytes in one that is there, or a file in place of one of another kind."""

from protocol.files import FileChanged, FileCreated
from protocol.ids import FileId, ProjectId, UserId
from server.errors import Conflict
from server.feature import numbered
from server.features.files.preconditions import check_precondition
from server.features.files.rows import ensure_parents, entry_of, insert_bytes, insert_text, lock_tree
from server.features.files.tree import Changed, delete_tree
from server.hub.effects import Announce
from server.store import files as store
from server.store.blobs.blobs import BlobRow
from server.store.db import Transaction


async def put_bytes(
    tx: Transaction, project_id: ProjectId, path: str, blob: BlobRow, *, if_match: str | None, user_id: UserId
) -> Changed:
    """Make the file at `path` refer to a blob. Text there is deleted as such, and can be restored.

    Raises:
        Conflict: a directory or a link is there.
        PreconditionFailed: the file is not what `if_match` says.
    """
    there = await _there(tx, project_id, path, if_match)
    if there is None or not there.is_binary:
        return await _replaced(tx, project_id, path, blob, there=there, user_id=user_id)
    if there.checksum == blob.checksum:
        return there, []
    await store.write_blob.run(
        tx, file_id=there.id, blob_id=blob.id, size=blob.size, checksum=blob.checksum, user_id=user_id
    )
    row = await store.get_file.one(tx, file_id=there.id)
    return row, [await numbered(tx, project_id, FileChanged(file=entry_of(row)))]


async def put_text(
    tx: Transaction, project_id: ProjectId, path: str, text: str, *, if_match: str | None, user_id: UserId
) -> Changed:
    """Make a file of text at `path`, in place of bytes if there are any.

    Raises:
        Conflict: a directory or a link is there, or text, which only edits change.
        PreconditionFailed: the file is not what `if_match` says.
    """
    there = await _there(tx, project_id, path, if_match)
    if there is not None and not there.is_binary:
        raise Conflict(f"{path} is text that people may have open: write it as a document.")
    return await _replaced(tx, project_id, path, text, there=there, user_id=user_id)


async def _there(tx: Transaction, project_id: ProjectId, path: str, if_match: str | None) -> store.FileRow | None:
    await lock_tree(tx, project_id)
    there = await store.lock_file_by_path.maybe(tx, project_id=project_id, path=path)
    if there is not None and (there.is_directory or there.is_symlink):
        raise Conflict(f"{path} is a {'directory' if there.is_directory else 'symbolic link'}.")
    check_precondition(if_match, None if there is None or there.checksum is None else there.checksum.hex())
    return there


async def _replaced(
    tx: Transaction,
    project_id: ProjectId,
    path: str,
    content: BlobRow | str,
    *,
    there: store.FileRow | None,
    user_id: UserId,
) -> Changed:
    announced: list[Announce] = []
    if there is not None:
        announced += (await delete_tree(tx, project_id, path, user_id))[1]
    parent_id, made = await ensure_parents(tx, project_id, path, user_id)
    row = await _inserted(tx, project_id, path, content, parent_id=parent_id, user_id=user_id)
    if row is None:
        raise Conflict(f"Somebody else makes {path} at this moment. Try again.")
    return row, [*announced, *made, await numbered(tx, project_id, FileCreated(file=entry_of(row)))]


async def _inserted(
    tx: Transaction,
    project_id: ProjectId,
    path: str,
    content: BlobRow | str,
    *,
    parent_id: FileId | None,
    user_id: UserId,
) -> store.FileRow | None:
    if isinstance(content, str):
        return await insert_text(tx, project_id, path, content, parent_id=parent_id, user_id=user_id)
    return await insert_bytes(tx, project_id, path, content, parent_id=parent_id, user_id=user_id)
