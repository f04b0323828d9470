"""Single rows of the tree: made and described. Callers hold the lock of the project's tree."""

import hashlib
from pathlib import PurePosixPath

from protocol.files import FileCreated, FileEntry
from protocol.ids import FileId, ProjectId, UserId
from protocol.text_form import line_count, unified
from server.errors import Conflict, NotFound
from server.feature import numbered
from server.features.files.languages import language_of, mime_type_of
from server.hub.effects import Announce
from server.store import files as store
from server.store import projects as project_store
from server.store.blobs.blobs import BlobRow
from server.store.db import Transaction

EMPTY: dict[str, object] = {
    "is_directory": False,
    "content": None,
    "blob_id": None,
    "size": 0,
    "checksum": None,
    "line_count": 0,
    "language": None,
    "mime_type": None,
    "is_binary": False,
    "symlink_target": None,
    "permissions": None,
    "is_executable": False,
}


async def lock_tree(tx: Transaction, project_id: ProjectId) -> bool:
    """Hold the project's tree until the transaction ends; whether it keeps paths that differ only by case.

    Raises:
        NotFound: the project is gone.
    """
    keeps_case_clashes = await project_store.lock_tree.maybe(tx, project_id=project_id)
    if keeps_case_clashes is None:
        raise NotFound("There is no such project.")
    return keeps_case_clashes


async def refuse_case_clash(tx: Transaction, project_id: ProjectId, path: str, except_path: str = "") -> None:
    """Pass when no path is taken that is the same but for case, or the project wants such paths.

    Raises:
        Conflict: one is, and would overwrite this one on the disks of many machines.
    """
    if await lock_tree(tx, project_id):
        return
    clash = await store.find_case_clash.maybe(tx, project_id=project_id, path=path, except_path=except_path)
    if clash is not None:
        raise Conflict(f"{path} differs from {clash} only by case. Choose another name, or let the project keep both.")


async def insert_text(
    tx: Transaction, project_id: ProjectId, path: str, content: str, *, parent_id: FileId | None, user_id: UserId
) -> store.FileRow | None:
    """A row of text as it came, line ends and BOM included; None when the path is taken."""
    data = content.encode("utf-8", "replace")
    return await insert_row(
        tx,
        project_id,
        path,
        parent_id,
        user_id,
        content=content,
        size=len(data),
        checksum=hashlib.sha256(data).digest(),
        line_count=line_count(unified(content)[0]),
        language=language_of(path, content),
        mime_type=mime_type_of(path, is_binary=False),
    )


async def insert_bytes(
    tx: Transaction, project_id: ProjectId, path: str, blob: BlobRow, *, parent_id: FileId | None, user_id: UserId
) -> store.FileRow | None:
    """A row that refers to a blob; None when the path is taken."""
    return await insert_row(
        tx,
        project_id,
        path,
        parent_id,
        user_id,
        is_binary=True,
        blob_id=blob.id,
        size=blob.size,
        checksum=blob.checksum,
        mime_type=mime_type_of(path, is_binary=True),
    )


async def insert_row(
    tx: Transaction, project_id: ProjectId, path: str, parent_id: FileId | None, user_id: UserId, **columns: object
) -> store.FileRow | None:
    """One row; None when the path is taken.

    Raises:
        Conflict: a path that differs only by case is taken.
    """
    await refuse_case_clash(tx, project_id, path)
    file_id = await store.create_file.maybe(
        tx,
        **(EMPTY | columns),
        project_id=project_id,
        path=path,
        parent_id=parent_id,
        is_hidden=is_hidden(path),
        user_id=user_id,
    )
    return None if file_id is None else await store.get_file.one(tx, file_id=file_id)


async def ensure_parents(
    tx: Transaction, project_id: ProjectId, path: str, user_id: UserId
) -> tuple[FileId | None, list[Announce]]:
    """Make the directories above a path that are missing; returns the one it lies in, None for the root.

    Raises:
        Conflict: a part of the path is a file.
    """
    parent_id: FileId | None = None
    announced = []
    for parent in reversed(PurePosixPath(path).parents[:-1]):
        row = await store.get_file_by_path.maybe(tx, project_id=project_id, path=str(parent))
        if row is None:
            row = await insert_row(tx, project_id, str(parent), parent_id, user_id, is_directory=True)
            if row is not None:
                announced.append(await numbered(tx, project_id, FileCreated(file=entry_of(row))))
        if row is None:  # somebody else made it meanwhile
            row = await store.get_file_by_path.maybe(tx, project_id=project_id, path=str(parent))
        if row is None:
            raise Conflict(f"Somebody else changes {parent} at this moment. Try again.")
        if not row.is_directory:
            raise Conflict(f"{parent} is a file, not a directory.")
        parent_id = FileId(row.id)
    return parent_id, announced


def entry_of(row: store.FileRow) -> FileEntry:
    return FileEntry(
        id=FileId(row.id),
        path=row.path,
        language=row.language,
        mime_type=row.mime_type,
        size=row.size,
        line_count=row.line_count,
        checksum=None if row.checksum is None else row.checksum.hex(),
        is_directory=row.is_directory,
        is_binary=row.is_binary,
        is_symlink=row.is_symlink,
        symlink_target=row.symlink_target,
        is_executable=row.is_executable,
        is_hidden=row.is_hidden,
        permissions=row.permissions,
        updated_at=row.updated_at,
    )


def is_hidden(path: str) -> bool:
    """Whether the name says so, as on Unix."""
    return PurePosixPath(path).name.startswith(".")
