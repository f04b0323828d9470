"""Imports under way and what they unpacked, and what an export packs, as rows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from server.store.queries import query


class ImportState(StrEnum):
    """`REFUSED`: the archive breaks a rule. `FAILED`: it may be tried again. Both left nothing behind."""

    UNPACKING = "unpacking"
    PLACING = "placing"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """How far an import is; sizes in bytes."""

    id: UUID
    project_id: UUID | None
    state: ImportState
    reason: str | None
    files: int
    files_total: int
    bytes: int
    bytes_total: int
    skipped: int
    warnings: tuple[str, ...]
    told_at: datetime


@dataclass(frozen=True, slots=True)
class CaseClashRow:
    """A path to come, and the one of the project that it differs from only by case."""

    path: str
    other: str


@dataclass(frozen=True, slots=True)
class PackedRow:
    """A file as an export packs it: nobody's text, `blob_id` of bytes."""

    id: UUID
    path: str
    is_directory: bool
    is_binary: bool
    symlink_target: str | None
    permissions: int | None
    is_executable: bool
    size: int
    blob_id: UUID | None


@dataclass(frozen=True, slots=True)
class TextRow:
    """`shown` is what the row shows, in the file's own form; `is_behind`: the document's log holds newer edits."""

    id: UUID
    shown: str
    is_behind: bool


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """One file that an import made."""

    id: UUID
    path: str
    is_directory: bool


create_import = query("archives.create_import", UUID)
find_import = query("archives.find_import", UUID)
get_import = query("archives.get_import", ImportRow)
tell_import = query("archives.tell_import")
cancel_import = query("archives.cancel_import")
lock_import = query("archives.lock_import", UUID)
end_import = query("archives.end_import")
forget_staged = query("archives.forget_staged")
expire_staged = query("archives.expire_staged")
expire_imports = query("archives.expire_imports")
stage = query("archives.stage")
list_staged = query("archives.list_staged", str)
list_taken = query("archives.list_taken", str)
find_case_clash = query("archives.find_case_clash", CaseClashRow)
place_tree = query("archives.place_tree", PlacedRow)
keep_case_clashes = query("archives.keep_case_clashes")
manifest = query("archives.manifest", PackedRow)
list_texts = query("archives.list_texts", TextRow)
