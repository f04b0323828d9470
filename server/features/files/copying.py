"""Copies of whole trees, and the return of what was deleted."""

from protocol.files import FilesCopied, FilesRestored, PlacedPath
from protocol.ids import FileId, ProjectId
from server.access.roles import Ability
from server.errors import Conflict, Invalid, NotFound
from server.feature import Caller, Services, numbered
from server.features.files.rights import hidden_below, missing, require, require_restorable
from server.features.files.room import check_room
from server.features.files.rows import ensure_parents, lock_tree, refuse_case_clash
from server.features.files.tree import Changed
from server.settings import Settings
from server.store import files as store
from server.store.db import Transaction
from server.store.failures import ConstraintRefused


async def copy_tree(services: Services, tx: Transaction, caller: Caller, path: str, *, to: str) -> Changed:
    """Copy a file or directory with all that the caller sees under it, in so many statements however large it is.

    A text is copied with every edit that is committed.

    Raises:
        NotFound: nothing is at `path`.
        Forbidden: some of it would come to lie where the caller may not write.
        Conflict: something is at `to`, or `to` lies inside `path`.
        TooLarge: the project has no room for it.
    """
    if (to + "/").startswith(path + "/"):
        raise Conflict("A directory cannot be copied into itself.")
    project_id, user_id = caller.project_id, caller.principal.user_id
    await lock_tree(tx, project_id)
    hidden = await hidden_below(tx, caller, path, to)
    await services.texts.show(tx, project_id, path)
    size = await store.count_tree.one(tx, project_id=project_id, path=path, hidden=hidden)
    await check_room(services.settings, tx, project_id, files=size.files, size=size.bytes)
    await _refuse_taken(tx, project_id, to)
    parent_id, announced = await ensure_parents(tx, project_id, to, user_id)
    try:
        copied = await store.copy_tree.all(
            tx,
            project_id=project_id,
            old_path=path,
            new_path=to,
            hidden=hidden,
            parent_id=parent_id,
            user_id=user_id,
        )
    except ConstraintRefused as error:
        raise Invalid("A path below would become longer than paths may be.") from error
    if not copied:
        raise missing(path)
    row = await store.get_file_by_path.one(tx, project_id=project_id, path=to)
    return row, [*announced, await numbered(tx, project_id, FilesCopied(copied=_placed(copied)))]


async def restore_tree(
    settings: Settings, tx: Transaction, caller: Caller, file_id: FileId, *, to: str | None
) -> Changed:
    """Bring back a deleted file, or a directory with all that went with it, documents and their history too.

    `to` names another place when the old one is taken.

    Raises:
        NotFound: nothing of this id is deleted that the caller sees, or its retention is over.
        Forbidden: they may not write where it goes, or some of it.
        Conflict: the place is taken.
        TooLarge: the project has no room for it.
    """
    project_id, user_id = caller.project_id, caller.principal.user_id
    await lock_tree(tx, project_id)
    tombstone = await store.get_deleted.maybe(tx, project_id=project_id, file_id=file_id)
    if tombstone is None or not caller.paths.sees(tombstone.path):
        raise NotFound("Nothing of this id is deleted, or it is gone for good.")
    path = to or tombstone.path
    require(caller, Ability.WRITE, path)
    await require_restorable(tx, caller, tombstone, path)
    await _refuse_taken(tx, project_id, path)
    parent_id, announced = await ensure_parents(tx, project_id, path, user_id)
    try:
        restored = await store.restore_tree.all(
            tx,
            project_id=project_id,
            file_id=file_id,
            old_path=tombstone.path,
            new_path=path,
            deleted_at=tombstone.gone_at,
            parent_id=parent_id,
            user_id=user_id,
        )
    except ConstraintRefused as error:
        raise Invalid("A path below would become longer than paths may be.") from error
    await check_room(settings, tx, project_id, files=0, size=0)
    row = await store.get_file.one(tx, file_id=file_id)
    return row, [*announced, await numbered(tx, project_id, FilesRestored(restored=_placed(restored)))]


async def _refuse_taken(tx: Transaction, project_id: ProjectId, path: str) -> None:
    if await store.get_file_by_path.maybe(tx, project_id=project_id, path=path) is not None:
        raise Conflict(f"{path} exists already.")
    await refuse_case_clash(tx, project_id, path)


def _placed(rows: list[store.PlacedRow]) -> list[PlacedPath]:
    return [PlacedPath(id=FileId(row.id), path=row.path, is_directory=row.is_directory) for row in rows]
