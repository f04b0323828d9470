"""Invitations into projects, as rows; only SHA-256 hashes of their secrets come here."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.projects import CollaboratorRole
from server.store.queries import query


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation; without an address it is a link, good for whoever has it."""

    id: UUID
    project_id: UUID
    email: str | None
    role: CollaboratorRole
    invited_by: UUID | None
    max_uses: int
    use_count: int
    expires_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OfferRow:
    """What an invitation that still holds offers; `own_role` is of who asks, None when they are no member."""

    project_id: UUID
    project_name: str
    email: str | None
    role: CollaboratorRole
    own_role: CollaboratorRole | None
    invited_by: UUID | None
    inviter_name: str | None
    expires_at: datetime


create_invitation = query("invitations.create", InvitationRow)
list_open_invitations = query("invitations.list_open", InvitationRow)
count_open_invitations = query("invitations.count_open", int)
count_mailed_invitations = query("invitations.count_mailed", int)
lock_invitation = query("invitations.lock_by_token", InvitationRow)
find_offer = query("invitations.find_offer", OfferRow)
use_invitation = query("invitations.use")
decline_invitation = query("invitations.decline")
revoke_invitation = query("invitations.revoke")
revoke_open_invitations_for = query("invitations.revoke_open_for")
expire_invitations = query("invitations.expire")
