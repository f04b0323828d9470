"""Changes of the tree inside a caller's transaction, each with the numbered event that tells of it."""

from protocol.files import DeletedPath, FileCreated, FilesDeleted, FilesMoved, MovedPath
from protocol.ids import FileId, ProjectId, UserId
from protocol.paths import PathRefused, check_link_target, check_path
from server.errors import Conflict, Invalid
from server.feature import numbered
from server.features.files.languages import language_of, mime_type_of
from server.features.files.rights import missing
from server.features.files.rows import (
    ensure_parents,
    entry_of,
    insert_row,
    insert_text,
    is_hidden,
    lock_tree,
    refuse_case_clash,
)
from server.hub.effects import Announce
from server.store import files as store
from server.store.db import Transaction
from server.store.failures import ConstraintRefused

Changed = tuple[store.FileRow, list[Announce]]


def valid_path(path: str) -> str:
    """The path in its one form.

    Raises:
        Invalid: it breaks a rule of `protocol.paths`.
    """
    try:
        return check_path(path)
    except PathRefused as error:
        raise Invalid(str(error)) from None


async def create_file(tx: Transaction, project_id: ProjectId, path: str, content: str, user_id: UserId) -> Changed:
    """Make a text file and the directories above it.

    Raises:
        Conflict: something is there already, or a part of the path is a file.
    """
    await lock_tree(tx, project_id)
    parent_id, announced = await ensure_parents(tx, project_id, path, user_id)
    row = await insert_text(tx, project_id, path, content, parent_id=parent_id, user_id=user_id)
    return await _made(tx, project_id, path, row, announced)


async def make_directory(tx: Transaction, project_id: ProjectId, path: str, user_id: UserId) -> Changed:
    """Make an empty directory and those above it.

    Raises:
        Conflict: something is there already, or a part of the path is a file.
    """
    await lock_tree(tx, project_id)
    parent_id, announced = await ensure_parents(tx, project_id, path, user_id)
    row = await insert_row(tx, project_id, path, parent_id, user_id, is_directory=True)
    return await _made(tx, project_id, path, row, announced)


async def make_link(tx: Transaction, project_id: ProjectId, path: str, target: str, user_id: UserId) -> Changed:
    """Make a symbolic link. It is data: nothing here follows it.

    Raises:
        Invalid: it would lead out of the project.
        Conflict: something is there already, or a part of the path is a file.
    """
    try:
        target = check_link_target(path, target)
    except PathRefused as error:
        raise Invalid(str(error)) from None
    await lock_tree(tx, project_id)
    parent_id, announced = await ensure_parents(tx, project_id, path, user_id)
    row = await insert_row(tx, project_id, path, parent_id, user_id, symlink_target=target, size=len(target.encode()))
    return await _made(tx, project_id, path, row, announced)


async def move_tree(tx: Transaction, project_id: ProjectId, path: str, to: str, user_id: UserId) -> Changed:
    """Move a file or directory with all that is under it; a name may change by its case alone.

    Raises:
        NotFound: nothing is at `path`.
        Conflict: something is at `to`, or `to` lies inside `path`.
        Invalid: a path below would become too long.
    """
    if (to + "/").startswith(path + "/") and to != path:
        raise Conflict("A directory cannot move into itself.")
    await lock_tree(tx, project_id)
    if await store.get_file_by_path.maybe(tx, project_id=project_id, path=to) is not None:
        raise Conflict(f"{to} exists already.")
    await refuse_case_clash(tx, project_id, to, except_path=path)
    parent_id, announced = await ensure_parents(tx, project_id, to, user_id)
    moved = await _moved(tx, project_id, path, to, parent_id, user_id)
    if not moved:
        raise missing(path)
    told = FilesMoved(moved=[MovedPath(id=FileId(row.id), path=row.old_path, to=row.new_path) for row in moved])
    row = await _renamed(tx, await store.get_file_by_path.one(tx, project_id=project_id, path=to))
    return row, [*announced, await numbered(tx, project_id, told)]


async def delete_tree(
    tx: Transaction, project_id: ProjectId, path: str, user_id: UserId
) -> tuple[list[str], list[Announce]]:
    """Delete a file or directory with all that is under it; tombstones remain.

    Raises:
        NotFound: nothing is at `path`.
    """
    await lock_tree(tx, project_id)
    deleted = await store.delete_tree.all(tx, project_id=project_id, path=path, user_id=user_id)
    if not deleted:
        raise missing(path)
    told = FilesDeleted(deleted=[DeletedPath(id=FileId(row.id), path=row.path) for row in deleted])
    return [row.path for row in deleted], [await numbered(tx, project_id, told)]


async def _made(
    tx: Transaction, project_id: ProjectId, path: str, row: store.FileRow | None, announced: list[Announce]
) -> Changed:
    if row is None:
        raise Conflict(f"{path} exists already.")
    return row, [*announced, await numbered(tx, project_id, FileCreated(file=entry_of(row)))]


async def _moved(
    tx: Transaction, project_id: ProjectId, path: str, to: str, parent_id: FileId | None, user_id: UserId
) -> list[store.MovedRow]:
    try:
        return await store.move_tree.all(
            tx, project_id=project_id, old_path=path, new_path=to, parent_id=parent_id, user_id=user_id
        )
    except ConstraintRefused as error:
        raise Invalid("A path below would become longer than paths may be.") from error


async def _renamed(tx: Transaction, row: store.FileRow) -> store.FileRow:
    """What follows from a name follows the new one."""
    is_plain = not (row.is_directory or row.is_symlink)
    await store.set_kind.run(
        tx,
        file_id=row.id,
        language=language_of(row.path) if is_plain and not row.is_binary else None,
        mime_type=mime_type_of(row.path, is_binary=row.is_binary) if is_plain else None,
        is_hidden=is_hidden(row.path),
    )
    return await store.get_file.one(tx, file_id=row.id)
