"""The files feature put together: its commands, and what goes by itself when its time is over."""

from dataclasses import dataclass
from datetime import timedelta

from protocol.files import (
    ChangeTreeSettings,
    CopyFile,
    CreateFile,
    DeleteFile,
    FileRightsChanged,
    FinishUpload,
    GetTreeSettings,
    ListDeletedFiles,
    ListFiles,
    MakeDirectory,
    MakeLink,
    MoveFile,
    RestoreFile,
    SetFileProperties,
)
from protocol.outbound import Happened
from server.access.grants import Grant
from server.access.roles import Ability
from server.feature import Caller, CommandSpec, Feature, Home, Job, Services
from server.features.files.commands import Commands
from server.features.files.finishing import Finishing
from server.features.files.tree_settings import SettingCommands
from server.features.files.uploads import Uploads
from server.hub.effects import NOTHING, Effects, Send
from server.store import files as store
from server.store import uploads as upload_store
from server.store.blobs.blobs import Blobs, blobs_of
from server.store.expiry import expire

PURGE_INTERVAL_S = 3600.0
COLLECT_INTERVAL_S = 3600.0
FINISH_TIMEOUT_S = 120.0  # the bytes may have to be read once more, for their checksum
PURGE_BATCH = 50  # each takes its document along, log and snapshots


@dataclass(frozen=True, slots=True)
class Upkeep:
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
    settings = SettingCommands(services)
    return Feature(
        slug="files",
        commands=(
            CommandSpec(ListFiles, commands.list, Ability.READ),
            CommandSpec(CreateFile, commands.create, Ability.WRITE),
            CommandSpec(MakeDirectory, commands.make_directory, Ability.WRITE),
            CommandSpec(MakeLink, commands.make_link, Ability.WRITE),
            CommandSpec(FinishUpload, finishing.finish, Ability.WRITE, timeout_s=FINISH_TIMEOUT_S, owns_commit=True),
            CommandSpec(SetFileProperties, commands.set_properties, Ability.WRITE),
            CommandSpec(MoveFile, commands.move, Ability.WRITE),
            CommandSpec(CopyFile, commands.copy, Ability.WRITE),
            CommandSpec(DeleteFile, commands.delete, Ability.DELETE),
            CommandSpec(ListDeletedFiles, commands.list_deleted, Ability.READ),
            CommandSpec(RestoreFile, commands.restore, Ability.WRITE),
            CommandSpec(GetTreeSettings, settings.get, Ability.READ),
            CommandSpec(ChangeTreeSettings, settings.change, Ability.MANAGE),
        ),
        jobs=(
            Job("purge tombstones", PURGE_INTERVAL_S, upkeep.purge, Home.WORKER),
            Job("collect unused bytes", COLLECT_INTERVAL_S, upkeep.collect, Home.WORKER),
        ),
        regranted=_regranted,
    )


def _regranted(caller: Caller, before: Grant) -> Effects:
    """Tell a socket that its list of files is no longer what it may see."""
    if caller.paths == before.paths:
        return NOTHING
    return [Send(caller.socket, Happened(FileRightsChanged.name, {}, None))]
