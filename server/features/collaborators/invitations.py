"""Invitations as those see them who may invite: made, listed, revoked."""

import secrets
from collections.abc import Sequence
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
from server.access.people import mail_address
from server.access.roles import Ability, Role
from server.access.secrets import SECRET_BYTES, digest
from server.errors import Invalid, LimitReached, NotFound, RateLimited
from server.feature import Call, Result, Services, marked
from server.features.collaborators.changes import held, own_abilities, recorded
from server.features.collaborators.people import check_may_invite
from server.mail.port import Mail
from server.store import invitations as store
from server.store.expiry import expire
from server.store.projects import CollaboratorRole

INVITE_PATH = "/invite"
HOUR = timedelta(hours=1)
MAX_NAME = 100  # characters of a name in a mail
KEPT_DAYS = 30  # after its end an invitation still explains in the audit who came in by it


@dataclass(frozen=True, slots=True)
class Invitations:
    services: Services

    async def invite(self, call: Call, command: Invite) -> Result[Invited]:
        caller, tx = call.caller, call.transaction
        rows = await held(tx, caller.project_id, caller.principal.user_id)
        check_may_invite(own_abilities(caller, rows), Role(command.role))
        email = None if command.email is None else mail_address(command.email)
        self._check(command)
        await self._make_room(call, email)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        row = await store.create_invitation.one(
            tx,
            project_id=caller.project_id,
            email=email,
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
        mails = await self._mails(call, row, secret)
        return Result(
            Invited(invitation=made, secret=secret, is_mailed=bool(mails)),
            [told],
            kept=Invited(invitation=made, secret=None, is_mailed=bool(mails)),
            mails=mails,
        )

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
        if command.email is not None and command.max_uses > 1:
            raise Invalid("An invitation by address is for one person; make a link for several.")

    async def _mails(self, call: Call, row: store.InvitationRow, secret: str) -> Sequence[Mail]:
        """The mail that brings the link to its address; none where this server sends none.

        Raises:
            RateLimited: the inviter has sent enough of them for now.
        """
        settings, inviter = self.services.settings, call.caller.principal
        if row.email is None or not self.services.post.is_open:
            return []
        since = self.services.clock.now() - HOUR
        mailed = await store.count_mailed_invitations.one(call.transaction, invited_by=inviter.user_id, since=since)
        if mailed > settings.invitation_mails_per_hour:
            raise RateLimited("You have sent many invitations within the hour. Go on later, or hand on a link.")
        project = call.caller.grant.project_name if call.caller.grant else ""
        return [_mail(row, _one_line(inviter.name), _one_line(project), f"{settings.public_url}{INVITE_PATH}/{secret}")]

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


def _mail(row: store.InvitationRow, inviter: str, project: str, link: str) -> Mail:
    return Mail(
        to=row.email or "",
        subject=f"{inviter} invites you to {project}",
        text=(
            f"{inviter} invites you to the project {project} as {row.role.value}:\n\n{link}\n\n"
            f"The invitation holds until {row.expires_at:%d %B %Y, %H:%M} UTC, for {row.email} alone.\n"
            "If you do not know what this is about, do nothing.\n"
        ),
    )


def _one_line(text: str) -> str:
    """Names come from people: nothing of them may begin another line of a mail's head."""
    return " ".join(text.split())[:MAX_NAME]
