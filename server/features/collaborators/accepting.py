"""Invitations as those see them who were invited: shown, accepted, declined. They are in no project yet."""

from dataclasses import dataclass

from protocol.collaborators import (
    Accepted,
    AcceptInvitation,
    CollaboratorJoined,
    DeclineInvitation,
    InvitationClosed,
    Offer,
    ShowInvitation,
)
from protocol.ids import ProjectId, UserId
from protocol.model import Empty
from server.access.people import shown_name
from server.access.principal import Principal
from server.access.roles import Ability, Role
from server.access.secrets import digest
from server.errors import Forbidden, Gone, Invalid, NotFound
from server.feature import Call, Result, Services, rights_changed
from server.features.collaborators.changes import Held, held, recorded
from server.features.collaborators.people import collaborator, granted, may_invite
from server.hub.effects import Effect, Effects
from server.store import invitations as store
from server.store.projects import add_collaborator

NO_SUCH = "This invitation is unknown, used up, revoked or expired. Ask who invited you for a new one."


@dataclass(frozen=True, slots=True)
class Accepting:
    services: Services

    async def show(self, call: Call, command: ShowInvitation) -> Result[Offer]:
        async with self.services.db.acquire() as connection:
            row = await store.find_offer.maybe(
                connection,
                token_hash=digest(command.secret),
                user_id=call.caller.principal.user_id,
                now=self.services.clock.now(),
            )
        if row is None:
            raise NotFound(NO_SUCH)
        return Result(
            Offer(
                project_id=ProjectId(row.project_id),
                project_name=row.project_name,
                role=row.role.value,
                own_role=None if row.own_role is None else row.own_role.value,
                inviter=None if row.invited_by is None else shown_name(row.inviter_name, None),
                email=row.email,
                expires_at=row.expires_at,
            )
        )

    async def accept(self, call: Call, command: AcceptInvitation) -> Result[Accepted]:
        principal, row = call.caller.principal, await self._lock(call, command.secret)
        project_id = ProjectId(row.project_id)
        inviter = () if row.invited_by is None else (UserId(row.invited_by),)
        rows = await held(call.transaction, project_id, principal.user_id, *inviter)
        if (own := rows.get(principal.user_id)) is not None:
            return Result(Accepted(project_id=project_id, role=own.role.value))
        _check_still_holds(row, rows)
        await add_collaborator.run(
            call.transaction,
            project_id=project_id,
            user_id=principal.user_id,
            role=row.role,
            invited_by=row.invited_by,
        )
        await store.use_invitation.run(
            call.transaction, invitation_id=row.id, user_id=principal.user_id, now=self.services.clock.now()
        )
        return Result(Accepted(project_id=project_id, role=row.role.value), await self._joined(call, row))

    async def decline(self, call: Call, command: DeclineInvitation) -> Result[Empty]:
        row = await self._lock(call, command.secret)
        if row.email is None:
            raise Invalid("A link is for whoever has it; there is nothing to decline.")
        await store.decline_invitation.run(call.transaction, invitation_id=row.id, now=self.services.clock.now())
        return Result(Empty(), [await self._closed(call, row, {"declined": True})])

    async def _lock(self, call: Call, secret: str) -> store.InvitationRow:
        """The invitation, held until the commit.

        Raises:
            NotFound: it holds no more.
            Forbidden: it is not for the caller, or their credential is not for this.
        """
        row = await store.lock_invitation.maybe(
            call.transaction, token_hash=digest(secret), now=self.services.clock.now()
        )
        if row is None:
            raise NotFound(NO_SUCH)
        _check_is_for(call.caller.principal, row)
        return row

    async def _joined(self, call: Call, row: store.InvitationRow) -> Effects:
        project_id, user_id = ProjectId(row.project_id), call.caller.principal.user_id
        joined = (await held(call.transaction, project_id, user_id))[user_id]
        event = CollaboratorJoined(collaborator=collaborator(joined))
        details: dict[str, object] = {"role": row.role, "invitation": str(row.id)}
        effects: list[Effect] = [await recorded(call, project_id, event, user_id, details)]
        if row.use_count + 1 == row.max_uses:
            effects.append(await self._closed(call, row, {"used_up": True}))
        return [*effects, rights_changed(project_id=project_id, user_id=user_id)]

    async def _closed(self, call: Call, row: store.InvitationRow, details: dict[str, object]) -> Effect:
        event = InvitationClosed(id=row.id)
        return await recorded(call, ProjectId(row.project_id), event, row.id, details, ability=Ability.INVITE)


def _check_is_for(principal: Principal, row: store.InvitationRow) -> None:
    if principal.is_guest:
        raise Forbidden("Sign in to join a project; a guest is forgotten after a while.")
    if "write" not in principal.scopes:
        raise Forbidden("This token only reads; it cannot answer an invitation.")
    if principal.project_id not in (None, row.project_id):
        raise Forbidden("This token is for another project.")
    if row.email is not None and row.email.lower() != principal.email.lower():
        raise Forbidden(f"This invitation is for {row.email}. Sign in with that address, or ask for a link.")


def _check_still_holds(row: store.InvitationRow, rows: Held) -> None:
    """Invariant: nobody comes in, or back in, by an invitation of somebody who may not invite any more."""
    inviter = None if row.invited_by is None else rows.get(UserId(row.invited_by))
    if inviter is None or not may_invite(granted(inviter), Role(row.role.value)):
        raise Gone("Who made this invitation may not invite any more. Ask somebody else in the project.")
