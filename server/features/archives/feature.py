"""The archives feature put together: how far imports are, and the end of what nobody asks for any more."""

from dataclasses import dataclass
from datetime import timedelta

from protocol.archives import CancelImport, GetImport, ImportProgress
from protocol.ids import ImportId, ProjectId
from protocol.model import Empty
from server.access.roles import SIGNED_IN
from server.errors import NotFound
from server.feature import Call, CommandSpec, Feature, Home, Job, Result, Services
from server.features.archives.importing import CANCELLED, INTERRUPTED
from server.store import archives as store
from server.store.archives import ImportState
from server.store.expiry import expire

EXPIRY_INTERVAL_S = 3600.0
EXPIRY_BATCH = 10  # each takes along what it had unpacked
SILENCE_FACTOR = 1.5  # of the longest time that unpacking may take: then nobody is at work any more
UNDER_WAY = (ImportState.UNPACKING, ImportState.PLACING)


@dataclass(frozen=True, slots=True)
class Archives:
    services: Services

    async def progress(self, call: Call, command: GetImport) -> Result[ImportProgress]:
        async with self.services.db.acquire() as connection:
            row = await store.get_import.maybe(connection, user_id=call.caller.principal.user_id, import_id=command.id)
        if row is None:
            raise NotFound("You have no such import, or it was long ago.")
        return Result(_progress(row, is_over=self._is_over(row)))

    async def cancel(self, call: Call, command: CancelImport) -> Result[Empty]:
        """Its process notices when it next says how far it is, and takes back what it had unpacked."""
        await store.cancel_import.run(
            call.transaction, user_id=call.caller.principal.user_id, import_id=command.id, reason=CANCELLED
        )
        return Result(Empty())

    async def expire(self) -> None:
        """Forget imports of long ago, and what one had unpacked whose process died."""
        before = self.services.clock.now() - timedelta(days=self.services.settings.import_days)
        await expire(self.services.db, store.expire_imports, batch_rows=EXPIRY_BATCH, before=before)
        silent_since = self.services.clock.now() - self._patience
        await expire(self.services.db, store.expire_staged, batch_rows=EXPIRY_BATCH, before=silent_since)

    @property
    def _patience(self) -> timedelta:
        return timedelta(seconds=SILENCE_FACTOR * self.services.settings.import_timeout_s)

    def _is_over(self, row: store.ImportRow) -> bool:
        return row.state in UNDER_WAY and row.told_at < self.services.clock.now() - self._patience


def build(services: Services) -> Feature:
    archives = Archives(services)
    return Feature(
        slug="archives",
        commands=(
            CommandSpec(GetImport, archives.progress, SIGNED_IN),
            CommandSpec(CancelImport, archives.cancel, SIGNED_IN),
        ),
        jobs=(Job("expire imports", EXPIRY_INTERVAL_S, archives.expire, Home.WORKER),),
    )


def _progress(row: store.ImportRow, *, is_over: bool) -> ImportProgress:
    return ImportProgress(
        id=ImportId(row.id),
        state=(ImportState.FAILED if is_over else row.state).value,
        project_id=None if row.project_id is None else ProjectId(row.project_id),
        files=row.files,
        files_total=row.files_total,
        bytes=row.bytes,
        bytes_total=row.bytes_total,
        skipped=row.skipped,
        warnings=list(row.warnings),
        reason=INTERRUPTED if is_over else row.reason,
    )
