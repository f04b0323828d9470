"""Recovery copies as their authors see them: a list without texts, and one with its text."""

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.documents import GetRecovery, ListRecoveries, Recovery, RecoveryList, RecoveryText
from protocol.ids import RecoveryId
from protocol.page_mark import encode_mark
from server.errors import NotFound
from server.feature import Call, Result, Services, marked
from server.features.files.listing import page_seen
from server.store.recoveries import RecoveryItemRow, RecoveryRow, get_recovery, list_my_recoveries


@dataclass(frozen=True, slots=True)
class Recoveries:
    services: Services

    async def list(self, call: Call, command: ListRecoveries) -> Result[RecoveryList]:
        """Of files that are hidden from their author now, the copies are kept, and not shown."""
        caller, first = call.caller, marked(command.after)

        async def read(last: RecoveryItemRow | None, limit: int) -> Sequence[RecoveryItemRow]:
            before_created_at, before_id = first if last is None else (last.created_at, last.id)
            async with self.services.db.acquire() as connection:
                return await list_my_recoveries.all(
                    connection,
                    project_id=caller.project_id,
                    user_id=caller.principal.user_id,
                    before_created_at=before_created_at,
                    before_id=before_id,
                    limit=limit,
                )

        rows, has_more = await page_seen(caller, command.limit, read)
        following = encode_mark(rows[-1].created_at, rows[-1].id) if has_more else None
        return Result(RecoveryList(recoveries=[_recovery(row) for row in rows], next=following))

    async def get(self, call: Call, command: GetRecovery) -> Result[RecoveryText]:
        caller = call.caller
        async with self.services.db.acquire() as connection:
            row = await get_recovery.maybe(connection, recovery_id=command.id)
        is_own = row is not None and (row.project_id, row.user_id) == (caller.project_id, caller.principal.user_id)
        if row is None or not is_own or not caller.paths.sees(row.path):
            raise NotFound("You have no such recovery copy here; they are deleted after a while.")
        return Result(RecoveryText(recovery=_recovery(row), text=row.text))


def _recovery(row: RecoveryItemRow | RecoveryRow) -> Recovery:
    return Recovery(
        id=RecoveryId(row.id),
        path=row.path,
        reason=row.reason,
        size_bytes=row.size_bytes,
        created_at=row.created_at.isoformat(),
    )
