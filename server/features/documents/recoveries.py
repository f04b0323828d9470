"""Recovery copies as their authors see them: a list without texts, and one with its text."""

from dataclasses import dataclass

from protocol.documents import GetRecovery, ListRecoveries, Recovery, RecoveryList, RecoveryText
from protocol.ids import RecoveryId
from protocol.page_mark import encode_mark
from server.errors import NotFound
from server.feature import Call, Result, Services, marked
from server.store.recoveries import RecoveryItemRow, RecoveryRow, get_recovery, list_my_recoveries


@dataclass(frozen=True, slots=True)
class Recoveries:
    services: Services

    async def list(self, call: Call, command: ListRecoveries) -> Result[RecoveryList]:
        before_created_at, before_id = marked(command.after)
        async with self.services.db.acquire() as connection:
            rows = await list_my_recoveries.all(
                connection,
                project_id=call.caller.project_id,
                user_id=call.caller.principal.user_id,
                before_created_at=before_created_at,
                before_id=before_id,
                limit=command.limit,
            )
        is_last = len(rows) < command.limit
        following = None if is_last else encode_mark(rows[-1].created_at, rows[-1].id)
        return Result(RecoveryList(recoveries=[_recovery(row) for row in rows], next=following))

    async def get(self, call: Call, command: GetRecovery) -> Result[RecoveryText]:
        caller = call.caller
        async with self.services.db.acquire() as connection:
            row = await get_recovery.maybe(connection, recovery_id=command.id)
        if row is None or (row.project_id, row.user_id) != (caller.project_id, caller.principal.user_id):
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
