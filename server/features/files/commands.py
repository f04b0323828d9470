"""The commands of the file tree; what they change is announced to every worker and numbered for every client."""

from dataclasses import dataclass
from datetime import timedelta

from protocol.files import CreateFile, DeletedFiles, DeleteFile, FileEntry, FileList, ListFiles, MoveFile
from server.access.roles import Ability
from server.feature import Call, CommandSpec, Feature, Home, Job, Result, Services
from server.features.files.tree import create_file, delete_tree, entry_of, move_tree, valid_path
from server.store import files as store
from server.store.expiry import expire

PURGE_INTERVAL_S = 3600.0
PURGE_BATCH = 50  # each takes its document along, log and snapshots


@dataclass(frozen=True, slots=True)
class Commands:
    services: Services

    async def list(self, call: Call, command: ListFiles) -> Result[FileList]:
        async with self.services.db.acquire() as connection:
            rows = await store.list_files.all(
                connection,
                project_id=call.caller.project_id,
                after_path=command.after or "",
                limit=command.limit,
            )
        files = [entry_of(row) for row in rows]
        return Result(FileList(files=files, next_after=files[-1].path if len(files) == command.limit else None))

    async def create(self, call: Call, command: CreateFile) -> Result[FileEntry]:
        caller = call.caller
        row, announced = await create_file(
            call.transaction, caller.project_id, valid_path(command.path), command.content, caller.principal.user_id
        )
        return Result(entry_of(row), announced)

    async def move(self, call: Call, command: MoveFile) -> Result[FileEntry]:
        caller = call.caller
        row, announced = await move_tree(
            call.transaction,
            caller.project_id,
            valid_path(command.path),
            valid_path(command.to),
            caller.principal.user_id,
        )
        return Result(entry_of(row), announced)

    async def delete(self, call: Call, command: DeleteFile) -> Result[DeletedFiles]:
        caller = call.caller
        paths, announced = await delete_tree(
            call.transaction, caller.project_id, valid_path(command.path), caller.principal.user_id
        )
        return Result(DeletedFiles(paths=paths), announced)


async def purge(services: Services) -> None:
    """Delete tombstones whose retention is over, and their documents with them."""
    before = services.clock.now() - timedelta(days=services.settings.tombstone_days)
    await expire(services.db, store.purge_tombstones, batch_rows=PURGE_BATCH, before=before)


def build(services: Services) -> Feature:
    commands = Commands(services)
    return Feature(
        slug="files",
        commands=(
            CommandSpec(ListFiles, commands.list, Ability.READ),
            CommandSpec(CreateFile, commands.create, Ability.WRITE),
            CommandSpec(MoveFile, commands.move, Ability.WRITE),
            CommandSpec(DeleteFile, commands.delete, Ability.DELETE),
        ),
        jobs=(Job("purge tombstones", PURGE_INTERVAL_S, lambda: purge(services), Home.WORKER),),
    )
