"""The end of an import: what was staged becomes files of a project, in one transaction."""

from uuid import UUID

from protocol.files import FilesCopied, PlacedPath
from protocol.ids import FileId, ProjectId, UserId
from server.archive.entry import ArchiveRefused, shown
from server.errors import Conflict
from server.feature import numbered
from server.features.archives.staging import Staging
from server.features.files.room import check_room
from server.features.files.rows import ensure_parents, lock_tree
from server.hub.effects import Announce
from server.settings import Settings
from server.store import archives as store
from server.store.archives import ImportState
from server.store.db import Transaction

BATCHES_PER_STATEMENT = 8  # some 30 MiB of text
TOLD_TAKEN = 5


async def place(
    settings: Settings, tx: Transaction, staging: Staging, project_id: ProjectId, user_id: UserId
) -> list[Announce]:
    """Put everything that was staged into the project.

    Raises:
        ArchiveRefused: something of it is there already, or differs from what is there only by case.
        Conflict: a part of the directory that it goes into is a file.
        TooLarge: the project has no room for it.
    """
    keeps_case_clashes = await lock_tree(tx, project_id)
    await check_room(settings, tx, project_id, files=staging.files, size=staging.size_bytes)
    await _refuse_taken(tx, staging.import_id, project_id)
    if not keeps_case_clashes:
        await _refuse_case_clash(tx, staging.import_id, project_id)
    announced: list[Announce] = []
    if staging.into:
        _, announced = await ensure_parents(tx, project_id, f"{staging.into}/x", user_id)
    for first in range(1, staging.batches + 1, BATCHES_PER_STATEMENT):
        placed = await store.place_tree.all(
            tx,
            import_id=staging.import_id,
            project_id=project_id,
            first_batch=first,
            last_batch=first + BATCHES_PER_STATEMENT - 1,
            user_id=user_id,
        )
        announced += await _told(tx, project_id, placed)
    await store.end_import.run(
        tx, import_id=staging.import_id, state=ImportState.DONE, reason=None, project_id=project_id
    )
    await store.forget_staged.run(tx, import_id=staging.import_id)
    return announced


async def _told(tx: Transaction, project_id: ProjectId, placed: list[store.PlacedRow]) -> list[Announce]:
    if not placed:
        return []
    copied = [PlacedPath(id=FileId(row.id), path=row.path, is_directory=row.is_directory) for row in placed]
    return [await numbered(tx, project_id, FilesCopied(copied=copied))]


async def _refuse_taken(tx: Transaction, import_id: UUID, project_id: ProjectId) -> None:
    taken = await store.list_taken.all(tx, import_id=import_id, project_id=project_id, limit=TOLD_TAKEN + 1)
    if taken:
        named = ", ".join(shown(path) for path in taken[:TOLD_TAKEN])
        more = " and more" if len(taken) > TOLD_TAKEN else ""
        raise Conflict(f"The project has {named}{more} already. Import into another directory.")


async def _refuse_case_clash(tx: Transaction, import_id: UUID, project_id: ProjectId) -> None:
    clash = await store.find_case_clash.maybe(tx, import_id=import_id, project_id=project_id)
    if clash is not None:
        raise ArchiveRefused(
            f"{shown(clash.path)} differs from {shown(clash.other)} of the project only by case. "
            "Rename one, or import into another directory."
        )
