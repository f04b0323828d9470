"""Rules that limit a role on some paths: listed, set and removed by those whom none of them binds."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from protocol.collaborators import (
    ListPathRights,
    PathRight,
    PathRightList,
    PathRightsChanged,
    RemovePathRight,
    SetPathRight,
)
from protocol.ids import ProjectId, UserId
from protocol.model import Empty
from server.access.globs import GlobRefused, check_glob
from server.access.roles import Ability, Role
from server.errors import Forbidden, Invalid, NotFound, TooLarge
from server.feature import Call, Result, Services, rights_changed
from server.features.collaborators.changes import held, own_abilities, recorded
from server.hub.effects import Effects
from server.store import path_rights as store
from server.store.db import Connection
from server.store.path_rights import PathRightRow

MOST_EVER = 1_000  # rules that a project can have, whatever the setting; one event tells them all


@dataclass(frozen=True, slots=True)
class PathRightCommands:
    services: Services

    async def list(self, call: Call, _command: ListPathRights) -> Result[PathRightList]:
        async with self.services.db.acquire() as connection:
            rows = await _all(connection, call.caller.project_id)
        return Result(PathRightList(rights=[_right(row) for row in rows]))

    async def set(self, call: Call, command: SetPathRight) -> Result[PathRight]:
        try:
            glob = check_glob(command.glob)
        except GlobRefused as error:
            raise Invalid(str(error)) from None
        before = await _begin(call)
        right_id = await store.add_path_right.one(
            call.transaction,
            project_id=call.caller.project_id,
            glob=glob,
            role=command.role,
            access=command.access,
            user_id=call.caller.principal.user_id,
        )
        self._check_number(before, right_id)
        if command.before is not None:
            ids = _placed([row.id for row in before], right_id, command.before)
            await store.arrange_path_rights.run(call.transaction, ids=ids)
        rights, effects = await _told(call, right_id, command.model_dump(mode="json"))
        return Result(next(right for right in rights if right.id == right_id), effects)

    async def remove(self, call: Call, command: RemovePathRight) -> Result[Empty]:
        gone = next((row for row in await _begin(call) if row.id == command.id), None)
        if gone is None:
            raise _no_such_rule()
        await store.remove_path_right.run(call.transaction, project_id=call.caller.project_id, right_id=gone.id)
        details: dict[str, object] = {"glob": gone.glob, "role": gone.role, "access": gone.access, "removed": True}
        return Result(Empty(), (await _told(call, gone.id, details))[1])

    def _check_number(self, before: Sequence[PathRightRow], right_id: UUID) -> None:
        most = self.services.settings.max_path_rights
        if len(before) >= most and all(row.id != right_id for row in before):
            raise TooLarge(f"A project has at most {most} rules on paths. Join some in one glob, or remove some.")


async def _begin(call: Call) -> list[PathRightRow]:
    """Hold the project's rules until the commit, and return them.

    Raises:
        Forbidden: the caller may not manage any more, or a rule binds them: nobody widens their own rights.
    """
    caller, tx = call.caller, call.transaction
    own = await held(tx, caller.project_id, caller.principal.user_id)
    if Ability.MANAGE not in own_abilities(caller, own):
        raise Forbidden("You may not change what others may do in this project.")
    await store.begin_change.run(tx, project_id=caller.project_id)
    rows = await _all(tx, caller.project_id)
    role = own[caller.principal.user_id].role.value
    if Role(role) is not Role.OWNER and any(row.role.value == role for row in rows):
        raise Forbidden("Rules on paths bind you yourself, so you cannot change any. Ask the owner.")
    return rows


async def _told(call: Call, right_id: UUID, details: dict[str, object]) -> tuple[list[PathRight], Effects]:
    """The rules as they are now, audited and announced; open sockets are looked at anew (P5)."""
    project_id = call.caller.project_id
    rows = await _all(call.transaction, project_id)
    rights = [_right(row) for row in rows]
    event = PathRightsChanged(rights=rights)
    told = await recorded(call, project_id, event, right_id, details, ability=Ability.MANAGE)
    return rights, [told, rights_changed(project_id=project_id)]


async def _all(connection: Connection, project_id: ProjectId) -> list[PathRightRow]:
    return await store.list_path_rights.all(connection, project_id=project_id, limit=MOST_EVER)


def _placed(ids: Sequence[UUID], right_id: UUID, before: UUID) -> list[UUID]:
    """The ids in their new order.

    Raises:
        NotFound: there is no rule to put it ahead of.
    """
    others = [each for each in ids if each != right_id]
    if before not in others:
        raise _no_such_rule()
    at = others.index(before)
    return [*others[:at], right_id, *others[at:]]


def _no_such_rule() -> NotFound:
    return NotFound("There is no such rule. List them anew.")


def _right(row: PathRightRow) -> PathRight:
    return PathRight(
        id=row.id,
        glob=row.glob,
        role=row.role.value,
        access=row.access.value,
        created_by=None if row.created_by is None else UserId(row.created_by),
        created_at=row.created_at,
    )
