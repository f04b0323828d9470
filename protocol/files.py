"""The files of a project: the list, and what changes it. Contents are documents."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Self

from pydantic import Field

from protocol.documents import MAX_ETAG
from protocol.ids import FileId, UploadId, UserId
from protocol.model import Command, Event, WireModel
from protocol.page_mark import MAX_MARK
from protocol.paths import MAX_PATH_BYTES


class FileEntry(WireModel):
    """A file, a directory or a symbolic link, without its content."""

    id: FileId
    path: str
    language: str | None
    mime_type: str | None
    size: int = Field(description="Bytes")
    line_count: int
    checksum: str | None = Field(
        description="SHA-256 of the bytes in hexadecimal; of text that is being edited it follows within seconds"
    )
    is_directory: bool
    is_binary: bool
    is_symlink: bool
    symlink_target: str | None
    is_executable: bool
    is_hidden: bool
    permissions: int | None = Field(description="Unix mode bits, where somebody set them")
    updated_at: datetime
    looks_like: str | None = Field(
        default=None, description="A path beside it that looks the same, told to who made or named it"
    )


class FileList(WireModel):
    """One page of them."""

    files: list[FileEntry]
    next: str | None = Field(description="The `after` of the following page; null when this is the last")


class ListFiles(Command[FileList]):
    """Files in path order, keyset paged."""

    name: ClassVar[str] = "files/list"
    after: str | None = Field(default=None, max_length=MAX_PATH_BYTES)
    limit: int = Field(default=500, ge=1, le=1000)


class CreateFile(Command[FileEntry]):
    """Make a text file, and the directories above it that are missing."""

    name: ClassVar[str] = "files/create"
    mutates: ClassVar[bool] = True
    path: str = Field(min_length=1, max_length=MAX_PATH_BYTES)
    content: str = ""


class MoveFile(Command[FileEntry]):
    """Move or rename a file or a whole tree; open documents follow, the old paths remain as aliases."""

    name: ClassVar[str] = "files/move"
    mutates: ClassVar[bool] = True
    path: str = Field(min_length=1, max_length=MAX_PATH_BYTES)
    to: str = Field(min_length=1, max_length=MAX_PATH_BYTES)


class DeletedFiles(WireModel):
    """Everything that was deleted with the path."""

    paths: list[str]


class DeleteFile(Command[DeletedFiles]):
    """Delete a file or a whole tree; a tombstone remains, so that an old path is not made anew by a late client."""

    name: ClassVar[str] = "files/delete"
    mutates: ClassVar[bool] = True
    path: str = Field(min_length=1, max_length=MAX_PATH_BYTES)


class MakeDirectory(Command[FileEntry]):
    """Make an empty directory, and those above it that are missing."""

    name: ClassVar[str] = "files/directory"
    mutates: ClassVar[bool] = True
    path: str = Field(min_length=1, max_length=MAX_PATH_BYTES)


class MakeLink(Command[FileEntry]):
    """Make a symbolic link: data, which the server never follows."""

    name: ClassVar[str] = "files/link"
    mutates: ClassVar[bool] = True
    path: str = Field(min_length=1, max_length=MAX_PATH_BYTES)
    target: str = Field(
        min_length=1, max_length=MAX_PATH_BYTES, description="Relative to the link's directory, inside the project"
    )


class SetFileProperties(Command[FileEntry]):
    """Change what a file is beside its content; what is not named stays."""

    name: ClassVar[str] = "files/properties"
    mutates: ClassVar[bool] = True
    path: str = Field(min_length=1, max_length=MAX_PATH_BYTES)
    permissions: int | None = Field(default=None, ge=0, le=0o7777, description="Unix mode bits")
    is_executable: bool | None = None
    is_hidden: bool | None = None


class CopyFile(Command[FileEntry]):
    """Copy a file or a whole tree: the content of now, not the history."""

    name: ClassVar[str] = "files/copy"
    mutates: ClassVar[bool] = True
    path: str = Field(min_length=1, max_length=MAX_PATH_BYTES)
    to: str = Field(min_length=1, max_length=MAX_PATH_BYTES)


class DeletedFile(WireModel):
    """A directory stands for all that was deleted with it."""

    id: FileId
    path: str
    is_directory: bool
    is_binary: bool
    size: int = Field(description="Bytes")
    deleted_at: datetime
    deleted_by: UserId | None = Field(description="null: a deleted person")


class DeletedFileList(WireModel):
    """One page of them."""

    files: list[DeletedFile]
    next: str | None = Field(description="The `after` of the following page; null when this is the last")


class ListDeletedFiles(Command[DeletedFileList]):
    """What can be restored, newest deletion first."""

    name: ClassVar[str] = "files/tombstones"
    limit: int = Field(default=50, ge=1, le=200)
    after: str | None = Field(default=None, max_length=MAX_MARK, description="`next` of the page before")


class RestoreFile(Command[FileEntry]):
    """Bring back a deleted file, or a directory with all that went with it, each with its history."""

    name: ClassVar[str] = "files/restore"
    mutates: ClassVar[bool] = True
    id: FileId
    to: str | None = Field(
        default=None, min_length=1, max_length=MAX_PATH_BYTES, description="Another place, when the old one is taken"
    )


class FinishUpload(Command[FileEntry]):
    """Make an upload whose bytes have all arrived the content of the file at its path."""

    name: ClassVar[str] = "files/finish"
    mutates: ClassVar[bool] = True
    upload: UploadId
    if_match: str | None = Field(
        default=None,
        max_length=MAX_ETAG,
        description="The checksum that the file must have now; `*`: any file; empty: there must be none",
    )


class TreeSettings(WireModel):
    """What the owner decided for the whole tree."""

    keeps_case_clashes: bool = Field(description="Whether paths that differ only by case may be there side by side")


class GetTreeSettings(Command[TreeSettings]):
    """How the project's tree behaves."""

    name: ClassVar[str] = "files/settings"


class ChangeTreeSettings(Command[TreeSettings]):
    """Change how the project's tree behaves. Case clashes that are there keep the project from refusing them."""

    name: ClassVar[str] = "files/change_settings"
    mutates: ClassVar[bool] = True
    keeps_case_clashes: bool


class TreeSettingsChanged(Event):
    """Somebody changed how the project's tree behaves."""

    name: ClassVar[str] = "files/settings_changed"
    settings: TreeSettings


Sees = Callable[[str], bool]  # whether somebody sees a path


class FileCreated(Event):
    """A file, a directory or a link was made."""

    name: ClassVar[str] = "files/created"
    file: FileEntry

    def seen_by(self, sees: Sees) -> Self | None:
        return self if sees(self.file.path) else None


class FileChanged(Event):
    """Other bytes, or other properties. Edits of text are told by its document."""

    name: ClassVar[str] = "files/changed"
    file: FileEntry

    def seen_by(self, sees: Sees) -> Self | None:
        return self if sees(self.file.path) else None


class MovedPath(WireModel):
    """A file that is somewhere else now."""

    id: FileId
    path: str
    to: str


class FilesMoved(Event):
    """A file or a tree is somewhere else now; open documents stay open."""

    name: ClassVar[str] = "files/moved"
    moved: list[MovedPath]
    is_partial: bool = Field(
        default=False, description="Others came into the receiver's sight, or left it: fetch the list anew"
    )

    def seen_by(self, sees: Sees) -> Self | None:
        """Who sees only one of a file's two places is not told the other."""
        seen = [(sees(file.path), sees(file.to)) for file in self.moved]
        if not any(saw or sees_now for saw, sees_now in seen):
            return None
        moved = [file for file, both in zip(self.moved, seen, strict=True) if all(both)]
        return self.model_copy(
            update={"moved": moved, "is_partial": any(saw is not sees_now for saw, sees_now in seen)}
        )


class DeletedPath(WireModel):
    """A file that is no more."""

    id: FileId
    path: str


class FilesDeleted(Event):
    """A file or a tree was deleted."""

    name: ClassVar[str] = "files/deleted"
    deleted: list[DeletedPath]

    def seen_by(self, sees: Sees) -> Self | None:
        deleted = [file for file in self.deleted if sees(file.path)]
        return self.model_copy(update={"deleted": deleted}) if deleted else None


class PlacedPath(WireModel):
    """A file that is there now."""

    id: FileId
    path: str
    is_directory: bool


class FilesCopied(Event):
    """Made by a copy; `path` is where each of them is."""

    name: ClassVar[str] = "files/copied"
    copied: list[PlacedPath]

    def seen_by(self, sees: Sees) -> Self | None:
        copied = [file for file in self.copied if sees(file.path)]
        return self.model_copy(update={"copied": copied}) if copied else None


class FilesRestored(Event):
    """Deleted files are there again."""

    name: ClassVar[str] = "files/restored"
    restored: list[PlacedPath]

    def seen_by(self, sees: Sees) -> Self | None:
        restored = [file for file in self.restored if sees(file.path)]
        return self.model_copy(update={"restored": restored}) if restored else None


class FileRightsChanged(Event):
    """The receiver may now see or change other files: fetch the list anew. Said only to them, without a number."""

    name: ClassVar[str] = "files/rights_changed"
