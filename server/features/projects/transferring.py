"""Handing a project to another of its people: what both may do changes at the same moment (P5)."""

from dataclasses import dataclass, replace

from protocol.collaborators import CollaboratorChanged
from protocol.ids import ProjectId, UserId
from protocol.projects import Project, TransferProject
from server.access.roles import Role
from server.errors import Forbidden, Invalid, NotFound
from server.feature import Call, Result, Services, rights_changed
from server.features.collaborators.changes import Held, recorded
from server.features.collaborators.changes import held as held_people
from server.features.collaborators.people import collaborator
from server.features.projects.changing import audited, held, told
from server.features.projects.making import make_room
from server.features.projects.shown import project
from server.hub.effects import Effect
from server.store import projects as store
from server.store.collaborators import CollaboratorRow, change_collaborator
from server.store.db import Transaction
from server.store.projects import CollaboratorRole

MAX_TEAM_PROJECTS = 1_000  # looked at anew at once; the poll of rights comes to the others


@dataclass(frozen=True, slots=True)
class Transferring:
    services: Services

    async def transfer(self, call: Call, command: TransferProject) -> Result[Project]:
        caller, heir_id = call.caller.principal.user_id, command.user_id
        people = await held_people(call.transaction, call.caller.project_id, caller, heir_id)
        heir = _heir(people, caller, heir_id)
        await make_room(self.services.settings, call.transaction, heir_id)
        # Invariant: a project has one owner at any moment, so the old one steps down first.
        effects: list[Effect] = [
            await _become(call, people[caller], CollaboratorRole.EDITOR),
            await _become(call, heir, CollaboratorRole.OWNER),
        ]
        await store.set_owner.run(call.transaction, project_id=call.caller.project_id, user_id=heir_id)
        await audited(call, "transferred", {"from": str(caller), "to": str(heir_id)})
        row = await held(call)
        effects += [await told(call, row), rights_changed(project_id=call.caller.project_id)]
        for person in (caller, heir_id):
            effects += await team_changed(call.transaction, person)
        return Result(project(row, Role.EDITOR), effects)


def _heir(people: Held, caller: UserId, heir_id: UserId) -> CollaboratorRow:
    """Who gets the project.

    Raises:
        Forbidden: the caller does not own it.
        Invalid: it is theirs already, or would be a guest's.
        NotFound: that is nobody in the project.
    """
    own, heir = people.get(caller), people.get(heir_id)
    if own is None or own.role is not CollaboratorRole.OWNER:
        raise Forbidden("Only the owner hands a project over.")
    if heir_id == caller:
        raise Invalid("This project is yours already.")
    if heir is None:
        raise NotFound("This person is no collaborator of this project. Invite them first.")
    if heir.is_guest:
        raise Invalid("A guest is forgotten after a while, and so cannot own a project.")
    return heir


async def _become(call: Call, row: CollaboratorRow, role: CollaboratorRole) -> Effect:
    """Give somebody a role as it comes, without what differed for them before."""
    after = replace(row, role=role, permissions={})
    project_id = call.caller.project_id
    await change_collaborator.run(
        call.transaction, project_id=project_id, user_id=row.user_id, role=role, permissions=after.permissions
    )
    details: dict[str, object] = {
        "role": role,
        "permissions": {},
        "previous": {"role": row.role, "permissions": row.permissions},
    }
    return await recorded(call, project_id, CollaboratorChanged(collaborator=collaborator(after)), row.user_id, details)


async def team_changed(tx: Transaction, owner: UserId) -> list[Effect]:
    """Who is on an owner's team follows from all of the owner's projects: look anew at those that the team reads."""
    siblings = await store.list_team_projects.all(tx, user_id=owner, limit=MAX_TEAM_PROJECTS)
    return [rights_changed(project_id=ProjectId(sibling)) for sibling in siblings]
