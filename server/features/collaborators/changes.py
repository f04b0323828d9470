"""What every change of a project's people shares: rows held until the commit, an audit entry, a numbered event."""

from collections.abc import Mapping
from uuid import UUID

from protocol.ids import ProjectId, UserId
from protocol.model import Event
from server.access.roles import Ability
from server.feature import Call, Caller, numbered
from server.features.collaborators.people import granted
from server.hub.effects import Announce
from server.store.audit import append_audit
from server.store.collaborators import CollaboratorRow, lock_collaborators
from server.store.db import Transaction

Held = Mapping[UserId, CollaboratorRow]


async def held(tx: Transaction, project_id: ProjectId, *user_ids: UserId) -> Held:
    """The rows of those among them who are collaborators, which stay as they are until the commit."""
    rows = await lock_collaborators.all(tx, project_id=project_id, user_ids=list(user_ids))
    return {UserId(row.user_id): row for row in rows}


def own_abilities(caller: Caller, rows: Held) -> Ability:
    """What the caller may do now: never more than their credential allows."""
    own = rows.get(caller.principal.user_id)
    return Ability.NONE if own is None or caller.grant is None else granted(own) & caller.grant.abilities


async def recorded(
    call: Call,
    project_id: ProjectId,
    event: Event,
    subject: UUID,
    details: dict[str, object],
    *,
    ability: Ability = Ability.READ,
    person_id: UUID | None = None,
) -> Announce:
    """Audit a change and number its event; the effect tells it. `person_id`: whose rights changed, if anybody's."""
    await append_audit(
        call.transaction,
        actor_id=call.caller.principal.user_id,
        person_id=person_id,
        project_id=project_id,
        action=event.name,
        subject=str(subject),
        details=details,
    )
    return await numbered(call.transaction, project_id, event, ability)
