"""The file tree of a project, its tombstones and its aliases, as rows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from server.store.queries import query


class PathMatch(StrEnum):
    """How a path leads to a file."""

    LIVE = "live"
    ALIAS = "alias"
    TOMBSTONE = "tombstone"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file or directory without its content; `size` is in bytes, `checksum` is SHA-256."""

    id: UUID
    project_id: UUID
    path: str
    parent_id: UUID | None
    is_directory: bool
    is_binary: bool
    is_symlink: bool
    symlink_target: str | None
    is_executable: bool
    is_hidden: bool
    permissions: int | None
    language: str | None
    mime_type: str | None
    size: int
    checksum: bytes | None
    line_count: int
    content_seq: int
    blob_id: UUID | None
    last_modified_by: UUID | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoomRow:
    """How many live files a project has, directories too, and their bytes."""

    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class TracedPathRow:
    """The file that a path names or used to name; `path` is where it is now. Deleted files keep `deleted_at`."""

    file_id: UUID
    path: str
    is_directory: bool
    deleted_at: datetime | None
    via: PathMatch
    is_document: bool


@dataclass(frozen=True, slots=True)
class ContentRow:
    """What a file holds: text (of a document: its cache as of `content_seq`) or bytes."""

    content: str | None
    content_seq: int
    binary_content: bytes | None
    is_directory: bool
    is_binary: bool
    is_symlink: bool
    size: int
    checksum: bytes | None


@dataclass(frozen=True, slots=True)
class MovedRow:
    """One file that a move took along."""

    id: UUID
    old_path: str
    new_path: str
    is_directory: bool


@dataclass(frozen=True, slots=True)
class DeletedRow:
    """One file that a deletion took along."""

    id: UUID
    path: str
    is_directory: bool


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """One file that a copy made or a restoration brought back."""

    id: UUID
    path: str
    is_directory: bool


@dataclass(frozen=True, slots=True)
class TombstoneRow:
    """What was deleted, when, and by whom (None: a deleted person)."""

    id: UUID
    path: str
    is_directory: bool
    is_binary: bool
    size: int
    gone_at: datetime
    deleted_by: UUID | None


@dataclass(frozen=True, slots=True)
class ClashRow:
    """Two live paths that differ only by case."""

    path: str
    other: str


@dataclass(frozen=True, slots=True)
class AliasRow:
    """Which file used to be at a path."""

    file_id: UUID
    created_at: datetime


list_files = query("files.list", FileRow)
get_file = query("files.get", FileRow)
get_file_by_path = query("files.get_by_path", FileRow)
lock_file_by_path = query("files.lock_by_path", FileRow)
count_room = query("files.count_room", RoomRow)
write_blob = query("files.write_blob")
trace_path = query("files.trace_path", TracedPathRow)
create_file = query("files.create", UUID)
read_content = query("files.read_content", ContentRow)
read_stored_text = query("files.read_stored_text", str)
read_content_for_seed = query("files.read_content_for_seed", ContentRow)
write_content = query("files.write_content")
refresh_content = query("files.refresh_content")
move_tree = query("files.move_tree", MovedRow)
delete_tree = query("files.delete_tree", DeletedRow)
purge_tombstones = query("files.purge_tombstones")
find_case_clash = query("files.find_case_clash", str)
list_foreign_names = query("files.list_foreign_names", str)
list_names = query("files.list_names", str)
set_properties = query("files.set_properties")
set_kind = query("files.set_kind")
count_tree = query("files.count_tree", RoomRow)
list_paths = query("files.list_paths", str)
list_paths_below = query("files.list_paths_below", str)
list_deleted_below = query("files.list_deleted_below", str)
find_clashing_pair = query("files.find_clashing_pair", ClashRow)
copy_tree = query("files.copy_tree", PlacedRow)
list_deleted = query("files.list_deleted", TombstoneRow)
get_deleted = query("files.get_deleted", TombstoneRow)
restore_tree = query("files.restore_tree", PlacedRow)
add_alias = query("files.add_alias")
find_alias = query("files.find_alias", AliasRow)
