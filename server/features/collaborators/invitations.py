"""Invitations as those see them who may invite: made, listed, revoked."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from protocol.collaborators import (
    Invitation,
    InvitationClosed,
    InvitationList,
    InvitationMade,
    Invite,
    Invited,
    ListInvitations,
    RevokeInvitation,
)
from protocol.ids import UserId
from protocol.model import Empty
from protocol.page_mark import encode_mark
from server.access.roles import Ability, Role
from server.access.secrets import SECRET_BYTES, digest
from server.errors import Invalid, LimitReached, NotFound
from server.feature import Call, Result, Services, marked
from server.features.collaborators.changes import held, own_abilities, recorded
from server.features.collaborators.people import check_may_invite
from server.store import invitations as store
from server.store.expiry import expire
from server.store.projects import CollaboratorRole

KEPT_DAYS = 30  # after its end an invitation still explains in the audit who came in by it


@dataclass(frozen=True, slots=True)
class Invitations:
    services: Services

    async def invite(self, call: Call, command: Invite) -> Result[Invited]:
        caller, tx = call.caller, call.transaction
        rows = await held(tx, caller.project_id, caller.principal.user_id)
        check_may_invite(own_abilities(caller, rows), Role(command.role))
        self._check(command)
        await self._make_room(call, command.email)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        row = await store.create_invitation.one(
            tx,
            project_id=caller.project_id,
            email=command.email,
            role=CollaboratorRole(command.role),
            token_hash=digest(secret),
            invited_by=caller.principal.user_id,
            max_uses=command.max_uses,
            expires_at=self.services.clock.now() + timedelta(days=command.days),
        )
        made = invitation(row)
        details: dict[str, object] = {"role": row.role, "email": row.email, "max_uses": row.max_uses}
        told = await recorded(
            call, caller.project_id, InvitationMade(invitation=made), row.id, details, ability=Ability.INVITE
        )
        return Result(Invited(invitation=made, secret=secret), [told], kept=Invited(invitation=made, secret=None))

    async def list(self, call: Call, command: ListInvitations) -> Result[InvitationList]:
        before_created_at, before_id = marked(command.after)
        async with self.services.db.acquire() as connection:
            rows = await store.list_open_invitations.all(
                connection,
                project_id=call.caller.project_id,
                before_created_at=before_created_at,
                before_id=before_id,
                now=self.services.clock.now(),
                limit=command.limit,
            )
        following = None if len(rows) < command.limit else encode_mark(rows[-1].created_at, rows[-1].id)
        return Result(InvitationList(invitations=[invitation(row) for row in rows], next=following))

    async def revoke(self, call: Call, command: RevokeInvitation) -> Result[Empty]:
        revoked = await store.revoke_invitation.run(
            call.transaction,
            project_id=call.caller.project_id,
            invitation_id=command.id,
            now=self.services.clock.now(),
        )
        if not revoked:
            raise NotFound("There is no such invitation, or it was revoked before.")
        told = await recorded(
            call, call.caller.project_id, InvitationClosed(id=command.id), command.id, {}, ability=Ability.INVITE
        )
        return Result(Empty(), [told])

    async def expire(self) -> None:
        """Delete invitations that ended long ago."""
        before = self.services.clock.now() - timedelta(days=KEPT_DAYS)
        await expire(self.services.db, store.expire_invitations, before=before)

    def _check(self, command: Invite) -> None:
        """Raises: Invalid when the invitation cannot be made like this."""
        longest = self.services.settings.invitation_days
        if command.days > longest:
            raise Invalid(f"An invitation holds for at most {longest} days here.")
        if command.email is not None and "@" not in command.email.strip("@"):
            raise Invalid(f"{command.email!r} is not an e-mail address.")
        if command.email is not None and command.max_uses > 1:
            raise Invalid("An invitation by address is for one person; make a link for several.")

    async def _make_room(self, call: Call, email: str | None) -> None:
        project_id, now = call.caller.project_id, self.services.clock.now()
        if email is not None:
            await store.revoke_open_invitations_for.run(call.transaction, project_id=project_id, email=email, now=now)
        limit = self.services.settings.invitation_limit
        if await store.count_open_invitations.one(call.transaction, project_id=project_id, now=now) >= limit:
            raise LimitReached(f"A project has at most {limit} open invitations. Revoke some first.")


def invitation(row: store.InvitationRow) -> Invitation:
    return Invitation(
        id=row.id,
        email=row.email,
        role=row.role.value,
        invited_by=None if row.invited_by is None else UserId(row.invited_by),
        max_uses=row.max_uses,
        use_count=row.use_count,
        expires_at=row.expires_at,
        created_at=row.created_at,
    )
