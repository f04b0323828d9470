"""The commands of collaborators. What changes rights says so to every worker, for sockets that are open (P5)."""

from dataclasses import dataclass, replace
from uuid import UUID

from protocol.collaborators import (
    AcceptInvitation,
    ChangeRole,
    Collaborator,
    CollaboratorChanged,
    CollaboratorLeft,
    CollaboratorList,
    DeclineInvitation,
    Invite,
    LeaveProject,
    ListCollaborators,
    ListInvitations,
    ListPathRights,
    Regranted,
    RemoveCollaborator,
    RemovePathRight,
    RevokeInvitation,
    SetPathRight,
    SetPermissions,
    ShowInvitation,
)
from protocol.ids import UserId
from protocol.model import Empty, Event
from protocol.outbound import Happened
from server.access.grants import Grant
from server.access.roles import SIGNED_IN, Ability, ability_names
from server.errors import Forbidden, Invalid, NotFound
from server.feature import Call, Caller, CommandSpec, Feature, Home, Job, Result, Services, rights_changed
from server.features.collaborators.accepting import Accepting
from server.features.collaborators.changes import held, own_abilities, recorded
from server.features.collaborators.invitations import Invitations
from server.features.collaborators.path_rights import PathRightCommands
from server.features.collaborators.people import check_is_not_owner, check_may_change, collaborator, granted
from server.hub.effects import NOTHING, Effects, Send
from server.store import collaborators as store
from server.store.collaborators import CollaboratorRow
from server.store.projects import CollaboratorRole

FIRST = UUID(int=0)
EXPIRY_INTERVAL_S = 3600.0
SEES_ADDRESSES = (Ability.INVITE, Ability.MANAGE)  # either will do


@dataclass(frozen=True, slots=True)
class Commands:
    services: Services

    async def list(self, call: Call, command: ListCollaborators) -> Result[CollaboratorList]:
        async with self.services.db.acquire() as connection:
            rows = await store.list_collaborators.all(
                connection,
                project_id=call.caller.project_id,
                after_id=command.after or FIRST,
                limit=command.limit,
            )
        with_email = any(call.caller.may(ability) for ability in SEES_ADDRESSES)
        people = [collaborator(row, with_email=with_email) for row in rows]
        is_last = len(rows) < command.limit
        return Result(CollaboratorList(collaborators=people, next=None if is_last else people[-1].person.id))

    async def change_role(self, call: Call, command: ChangeRole) -> Result[Collaborator]:
        actor, before = await self._held(call, command.user_id)
        return await self._change(call, actor, before, replace(before, role=CollaboratorRole(command.role)))

    async def set_permissions(self, call: Call, command: SetPermissions) -> Result[Collaborator]:
        actor, before = await self._held(call, command.user_id)
        flags: dict[str, object] = command.permissions.model_dump(exclude_none=True)
        return await self._change(call, actor, before, replace(before, permissions=flags))

    async def remove(self, call: Call, command: RemoveCollaborator) -> Result[Empty]:
        actor, before = await self._held(call, command.user_id)
        check_may_change(actor, granted(before), Ability.NONE)
        return Result(Empty(), await self._take_out(call, before, is_removed=True))

    async def leave(self, call: Call, _command: LeaveProject) -> Result[Empty]:
        principal = call.caller.principal
        if "write" not in principal.scopes:
            raise Forbidden("This token only reads.")
        rows = await held(call.transaction, call.caller.project_id, principal.user_id)
        own = rows.get(principal.user_id)
        if own is None:
            raise NotFound("You are no member of this project; you read it because its visibility allows that.")
        check_is_not_owner(own)
        return Result(Empty(), await self._take_out(call, own, is_removed=False))

    async def _held(self, call: Call, user_id: UserId) -> tuple[Ability, CollaboratorRow]:
        """What the caller may do now, and somebody else's row; both stay as they are until the commit.

        Raises:
            Invalid: it is their own row, or the owner's.
            NotFound: there is no such collaborator.
        """
        caller = call.caller
        if user_id == caller.principal.user_id:
            raise Invalid("Nobody changes their own rights. To go, leave the project.")
        rows = await held(call.transaction, caller.project_id, caller.principal.user_id, user_id)
        target = rows.get(user_id)
        if target is None:
            raise NotFound("This person is no collaborator of this project.")
        check_is_not_owner(target)
        return own_abilities(caller, rows), target

    async def _change(
        self, call: Call, actor: Ability, before: CollaboratorRow, after: CollaboratorRow
    ) -> Result[Collaborator]:
        check_may_change(actor, granted(before), granted(after))
        await store.change_collaborator.run(
            call.transaction,
            project_id=call.caller.project_id,
            user_id=before.user_id,
            role=after.role,
            permissions=after.permissions,
        )
        details: dict[str, object] = {
            "role": after.role,
            "permissions": after.permissions,
            "previous": {"role": before.role, "permissions": before.permissions},
        }
        told = CollaboratorChanged(collaborator=collaborator(after))
        return Result(collaborator(after, with_email=True), await self._effects(call, before, told, details))

    async def _take_out(self, call: Call, row: CollaboratorRow, *, is_removed: bool) -> Effects:
        await store.remove_collaborator.run(call.transaction, project_id=call.caller.project_id, user_id=row.user_id)
        told = CollaboratorLeft(user_id=UserId(row.user_id), is_removed=is_removed)
        return await self._effects(call, row, told, {"role": row.role, "removed": is_removed})

    async def _effects(self, call: Call, row: CollaboratorRow, event: Event, details: dict[str, object]) -> Effects:
        project_id = call.caller.project_id
        told = await recorded(call, project_id, event, row.user_id, details, person_id=row.user_id)
        return [told, rights_changed(project_id=project_id, user_id=UserId(row.user_id))]


def build(services: Services) -> Feature:
    commands, invitations, accepting = Commands(services), Invitations(services), Accepting(services)
    paths = PathRightCommands(services)
    return Feature(
        slug="collaborators",
        commands=(
            CommandSpec(ListCollaborators, commands.list, Ability.READ),
            CommandSpec(ChangeRole, commands.change_role, Ability.MANAGE),
            CommandSpec(SetPermissions, commands.set_permissions, Ability.MANAGE),
            CommandSpec(RemoveCollaborator, commands.remove, Ability.MANAGE),
            CommandSpec(LeaveProject, commands.leave, Ability.READ),
            CommandSpec(ListPathRights, paths.list, Ability.MANAGE),
            CommandSpec(SetPathRight, paths.set, Ability.MANAGE),
            CommandSpec(RemovePathRight, paths.remove, Ability.MANAGE),
            CommandSpec(Invite, invitations.invite, Ability.INVITE),
            CommandSpec(ListInvitations, invitations.list, Ability.INVITE),
            CommandSpec(RevokeInvitation, invitations.revoke, Ability.INVITE),
            CommandSpec(ShowInvitation, accepting.show, SIGNED_IN),
            CommandSpec(AcceptInvitation, accepting.accept, SIGNED_IN),
            CommandSpec(DeclineInvitation, accepting.decline, SIGNED_IN),
        ),
        jobs=(Job("expire invitations", EXPIRY_INTERVAL_S, invitations.expire, Home.WORKER),),
        regranted=_regranted,
    )


def _regranted(caller: Caller, before: Grant) -> Effects:
    """Tell a socket what it may do from here on."""
    grant = caller.grant
    if grant is None or (grant.role, grant.abilities) == (before.role, before.abilities):
        return NOTHING
    told = Regranted(
        role=grant.role.value, abilities=ability_names(grant.abilities), can_write=grant.allows(Ability.WRITE)
    )
    return [Send(caller.socket, Happened(told.name, told.model_dump(mode="python"), None))]
