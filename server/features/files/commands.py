"""The commands of the file tree; what they change is announced to every worker and numbered for every client."""

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.files import (
    CopyFile,
    CreateFile,
    DeletedFile,
    DeletedFileList,
    DeletedFiles,
    DeleteFile,
    FileChanged,
    FileEntry,
    FileList,
    ListDeletedFiles,
    ListFiles,
    MakeDirectory,
    MakeLink,
    MoveFile,
    RestoreFile,
    SetFileProperties,
)
from protocol.ids import FileId, UserId
from protocol.page_mark import encode_mark
from server.access.roles import Ability
from server.feature import Call, Result, Services, marked, numbered
from server.features.files.copying import copy_tree, restore_tree
from server.features.files.listing import page_seen
from server.features.files.lookalikes import find_look_alike
from server.features.files.rights import missing, require, require_below
from server.features.files.room import claim_room
from server.features.files.rows import entry_of, lock_tree
from server.features.files.tree import (
    Changed,
    create_file,
    delete_tree,
    make_directory,
    make_link,
    move_tree,
    valid_path,
)
from server.store import files as store


@dataclass(frozen=True, slots=True)
class Commands:
    services: Services

    async def list(self, call: Call, command: ListFiles) -> Result[FileList]:
        caller = call.caller

        async def read(last: store.FileRow | None, limit: int) -> Sequence[store.FileRow]:
            after = (command.after or "") if last is None else last.path
            async with self.services.db.acquire() as connection:
                return await store.list_files.all(
                    connection, project_id=caller.project_id, after_path=after, limit=limit
                )

        rows, has_more = await page_seen(caller, command.limit, read)
        return Result(FileList(files=[entry_of(row) for row in rows], next=rows[-1].path if has_more else None))

    async def create(self, call: Call, command: CreateFile) -> Result[FileEntry]:
        path = await self._to_be_made(call, command.path, len(command.content.encode("utf-8", "replace")))
        caller = call.caller
        return await _result(
            call,
            await create_file(call.transaction, caller.project_id, path, command.content, caller.principal.user_id),
        )

    async def make_directory(self, call: Call, command: MakeDirectory) -> Result[FileEntry]:
        path = await self._to_be_made(call, command.path)
        caller = call.caller
        return await _result(
            call, await make_directory(call.transaction, caller.project_id, path, caller.principal.user_id)
        )

    async def make_link(self, call: Call, command: MakeLink) -> Result[FileEntry]:
        path = await self._to_be_made(call, command.path)
        caller = call.caller
        return await _result(
            call, await make_link(call.transaction, caller.project_id, path, command.target, caller.principal.user_id)
        )

    async def set_properties(self, call: Call, command: SetFileProperties) -> Result[FileEntry]:
        caller, tx, path = call.caller, call.transaction, valid_path(command.path)
        require(caller, Ability.WRITE, path)
        await lock_tree(tx, caller.project_id)
        row = await store.lock_file_by_path.maybe(tx, project_id=caller.project_id, path=path)
        if row is None:
            raise missing(path)
        await store.set_properties.run(
            tx,
            file_id=row.id,
            permissions=command.permissions,
            is_executable=command.is_executable,
            is_hidden=command.is_hidden,
            user_id=caller.principal.user_id,
        )
        entry = entry_of(await store.get_file.one(tx, file_id=row.id))
        return Result(entry, [await numbered(tx, caller.project_id, FileChanged(file=entry))])

    async def move(self, call: Call, command: MoveFile) -> Result[FileEntry]:
        caller, path, to = call.caller, valid_path(command.path), valid_path(command.to)
        require(caller, Ability.WRITE, path)
        require(caller, Ability.WRITE, to)
        await lock_tree(call.transaction, caller.project_id)
        await require_below(call.transaction, caller, Ability.WRITE, path, to)
        return await _result(
            call, await move_tree(call.transaction, caller.project_id, path, to, caller.principal.user_id)
        )

    async def copy(self, call: Call, command: CopyFile) -> Result[FileEntry]:
        caller, path, to = call.caller, valid_path(command.path), valid_path(command.to)
        require(caller, Ability.READ, path)
        require(caller, Ability.WRITE, to)
        return await _result(call, await copy_tree(self.services, call.transaction, caller, path, to=to))

    async def delete(self, call: Call, command: DeleteFile) -> Result[DeletedFiles]:
        caller, path = call.caller, valid_path(command.path)
        require(caller, Ability.DELETE, path)
        await lock_tree(call.transaction, caller.project_id)
        await require_below(call.transaction, caller, Ability.DELETE, path)
        paths, announced = await delete_tree(call.transaction, caller.project_id, path, caller.principal.user_id)
        return Result(DeletedFiles(paths=paths), announced)

    async def list_deleted(self, call: Call, command: ListDeletedFiles) -> Result[DeletedFileList]:
        caller, first = call.caller, marked(command.after)

        async def read(last: store.TombstoneRow | None, limit: int) -> Sequence[store.TombstoneRow]:
            before_deleted_at, before_id = first if last is None else (last.gone_at, last.id)
            async with self.services.db.acquire() as connection:
                return await store.list_deleted.all(
                    connection,
                    project_id=caller.project_id,
                    before_deleted_at=before_deleted_at,
                    before_id=before_id,
                    limit=limit,
                )

        rows, has_more = await page_seen(caller, command.limit, read)
        following = encode_mark(rows[-1].gone_at, rows[-1].id) if has_more else None
        return Result(DeletedFileList(files=[_deleted(row) for row in rows], next=following))

    async def restore(self, call: Call, command: RestoreFile) -> Result[FileEntry]:
        to = None if command.to is None else valid_path(command.to)
        restored = await restore_tree(self.services.settings, call.transaction, call.caller, command.id, to=to)
        return await _result(call, restored)

    async def _to_be_made(self, call: Call, path: str, size: int = 0) -> str:
        """The path in its one form, for one more file that the caller may make and the project has room for."""
        path = valid_path(path)
        require(call.caller, Ability.WRITE, path)
        await claim_room(self.services.settings, call.transaction, call.caller.project_id, files=1, size=size)
        return path


async def _result(call: Call, changed: Changed) -> Result[FileEntry]:
    """The entry of what was made or named, with a warning where it looks like another."""
    row, announced = changed
    looks_like = await find_look_alike(call.transaction, row, call.caller.paths.sees)
    return Result(entry_of(row).model_copy(update={"looks_like": looks_like}), announced)


def _deleted(row: store.TombstoneRow) -> DeletedFile:
    return DeletedFile(
        id=FileId(row.id),
        path=row.path,
        is_directory=row.is_directory,
        is_binary=row.is_binary,
        size=row.size,
        deleted_at=row.gone_at,
        deleted_by=None if row.deleted_by is None else UserId(row.deleted_by),
    )
