"""The commands of the file tree; what they change is announced to every worker and numbered for every client."""

from dataclasses import dataclass
from datetime import timedelta

from protocol.files import (
    CreateFile,
    DeletedFiles,
    DeleteFile,
    FileEntry,
    FileList,
    FinishUpload,
    ListFiles,
    MoveFile,
)
from server.access.roles import Ability
from server.feature import Call, CommandSpec, Feature, Home, Job, Result, Services
from server.features.files.finishing import Finishing
from server.features.files.rights import require
from server.features.files.room import check_room
from server.features.files.tree import create_file, delete_tree, entry_of, move_tree, valid_path
from server.features.files.uploads import Uploads
from server.store import files as store
from server.store import uploads as upload_store
from server.store.blobs.blobs import Blobs, blobs_of
from server.store.expiry import expire

PURGE_INTERVAL_S = 3600.0
COLLECT_INTERVAL_S = 3600.0
FINISH_TIMEOUT_S = 120.0  # the bytes may have to be read once more, for their checksum
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
        caller, path = call.caller, valid_path(command.path)
        require(caller, Ability.WRITE, path)
        size = len(command.content.encode("utf-8", "replace"))
        await check_room(self.services.settings, call.transaction, caller.project_id, files=1, size=size)
        row, announced = await create_file(
            call.transaction, caller.project_id, path, command.content, caller.principal.user_id
        )
        return Result(entry_of(row), announced)

    async def move(self, call: Call, command: MoveFile) -> Result[FileEntry]:
        caller, path, to = call.caller, valid_path(command.path), valid_path(command.to)
        require(caller, Ability.WRITE, path)
        require(caller, Ability.WRITE, to)
        row, announced = await move_tree(call.transaction, caller.project_id, path, to, caller.principal.user_id)
        return Result(entry_of(row), announced)

    async def delete(self, call: Call, command: DeleteFile) -> Result[DeletedFiles]:
        caller, path = call.caller, valid_path(command.path)
        require(caller, Ability.DELETE, path)
        paths, announced = await delete_tree(call.transaction, caller.project_id, path, caller.principal.user_id)
        return Result(DeletedFiles(paths=paths), announced)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What goes by itself when its time is over."""

    services: Services
    blobs: Blobs

    async def purge(self) -> None:
        """Delete tombstones whose retention is over, and their documents with them."""
        before = self.services.clock.now() - timedelta(days=self.services.settings.tombstone_days)
        await expire(self.services.db, store.purge_tombstones, batch_rows=PURGE_BATCH, before=before)

    async def collect(self) -> None:
        """Delete uploads that nobody went on with, then bytes that nothing refers to any more."""
        now = self.services.clock.now()
        await expire(self.services.db, upload_store.expire_uploads, before=now)
        await self.blobs.collect(now - timedelta(hours=self.services.settings.blob_keep_hours))


def build(services: Services) -> Feature:
    blobs = blobs_of(services.settings, services.db)
    uploads = Uploads(services.db, services.clock, services.settings, blobs)
    commands, finishing, upkeep = Commands(services), Finishing(services, uploads), Upkeep(services, blobs)
    return Feature(
        slug="files",
        commands=(
            CommandSpec(ListFiles, commands.list, Ability.READ),
            CommandSpec(CreateFile, commands.create, Ability.WRITE),
            CommandSpec(FinishUpload, finishing.finish, Ability.WRITE, timeout_s=FINISH_TIMEOUT_S, owns_commit=True),
            CommandSpec(MoveFile, commands.move, Ability.WRITE),
            CommandSpec(DeleteFile, commands.delete, Ability.DELETE),
        ),
        jobs=(
            Job("purge tombstones", PURGE_INTERVAL_S, upkeep.purge, Home.WORKER),
            Job("collect unused bytes", COLLECT_INTERVAL_S, upkeep.collect, Home.WORKER),
        ),
    )
