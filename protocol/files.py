"""The files of a project: the list, and what changes it. Contents are documents."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from protocol.ids import FileId
from protocol.model import Command, Event, WireModel
from protocol.paths import MAX_PATH_BYTES


class FileEntry(WireModel):
    id: FileId
    path: str
    language: str | None
    size: int = Field(description="Bytes")
    line_count: int
    is_directory: bool
    is_binary: bool
    updated_at: datetime


class FileList(WireModel):
    files: list[FileEntry]
    next_after: str | None = Field(description="Pass as `after` for the next page; null at the end")


class ListFiles(Command[FileList]):
    """Files in path order, keyset paged."""

    name: ClassVar[str] = "files/list"
    after: str | None = Field(default=None, max_length=MAX_PATH_BYTES)
    limit: int = Field(default=500, ge=1, le=1000)


class CreateFile(Command[FileEntry]):
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
    paths: list[str]


class DeleteFile(Command[DeletedFiles]):
    """Delete a file or a whole tree; a tombstone remains, so that an old path is not made anew by a late client."""

    name: ClassVar[str] = "files/delete"
    mutates: ClassVar[bool] = True
    path: str = Field(min_length=1, max_length=MAX_PATH_BYTES)


class FileCreated(Event):
    name: ClassVar[str] = "files/created"
    file: FileEntry


class MovedPath(WireModel):
    id: FileId
    path: str
    to: str


class FilesMoved(Event):
    name: ClassVar[str] = "files/moved"
    moved: list[MovedPath]


class DeletedPath(WireModel):
    id: FileId
    path: str


class FilesDeleted(Event):
    name: ClassVar[str] = "files/deleted"
    deleted: list[DeletedPath]
