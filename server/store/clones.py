"""Many files copied inside the database, some thousand in a statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from server.store.db import Transaction
from server.store.queries import query

SLICE_FILES = 10_000  # a statement of so many takes seconds of its time limit on a busy machine


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A file that is to be copied, and the id that its copy gets."""

    id: UUID
    copy_id: UUID
    path: str
    is_directory: bool


lock_source = query("clones.lock_source", UUID)
_copy_settings = query("clones.copy_settings")
_list_slice = query("clones.list_slice", SourceRow)
_copy_slice = query("clones.copy_slice")


async def copy_files(
    tx: Transaction, source_id: UUID, project_id: UUID, *, hidden: Sequence[str], user_id: UUID
) -> None:
    """Copy the live files of a project, but for the hidden ones, into one that has none.

    Files that come to the source meanwhile may be missing; `lock_source` keeps those that are copied from going.
    """
    await _copy_settings.run(tx, source_id=source_id, project_id=project_id)
    directories: dict[str, UUID] = {}
    after = ""
    while rows := await _list_slice.all(tx, source_id=source_id, hidden=hidden, after_path=after, limit=SLICE_FILES):
        directories |= {row.path: row.copy_id for row in rows if row.is_directory}
        await _copy_slice.run(
            tx,
            project_id=project_id,
            ids=[row.id for row in rows],
            copy_ids=[row.copy_id for row in rows],
            parent_ids=[parent_in(directories, row.path) for row in rows],
            user_id=user_id,
        )
        after = rows[-1].path


def parent_in(directories: Mapping[str, UUID], path: str) -> UUID | None:
    """The directory that a path lies in; None for what lies in none."""
    return directories.get(path.rpartition("/")[0])
