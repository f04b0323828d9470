"""The people of a project: their roles, what differs from the role for one person, and how they come and go."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from protocol.ids import ProjectId, UserId
from protocol.model import Command, Empty, Event, WireModel
from protocol.page_mark import MAX_MARK
from protocol.rights import AbilityName, GivenRole, PathAccessName, RoleName
from protocol.session import Person

MAX_GLOB = 256  # characters


class GivenPermissions(WireModel):
    """What one person may do other than their role says; null or absent leaves it to the role."""

    can_read: bool | None = None
    can_write: bool | None = None
    can_delete: bool | None = None
    can_invite: bool | None = None
    can_manage_permissions: bool | None = None


class Permissions(WireModel):
    """As `GivenPermissions`, each of them said."""

    can_read: bool | None
    can_write: bool | None
    can_delete: bool | None
    can_invite: bool | None
    can_manage_permissions: bool | None


class Collaborator(WireModel):
    """Somebody in the project, and what they may do."""

    person: Person
    email: str | None = Field(description="Told only to those who may invite or manage; never in an event")
    role: RoleName
    permissions: Permissions
    abilities: list[AbilityName] = Field(description="What role and permissions come to")
    invited_by: UserId | None
    joined_at: datetime


class CollaboratorList(WireModel):
    """One page of them."""

    collaborators: list[Collaborator]
    next: UserId | None = Field(description="The `after` of the following page; null when this is the last")


class ListCollaborators(Command[CollaboratorList]):
    """The people of the project, keyset paged; a page has no order that means anything to people."""

    name: ClassVar[str] = "collaborators/list"
    after: UserId | None = None
    limit: int = Field(default=100, ge=1, le=500)


class ChangeRole(Command[Collaborator]):
    """Give somebody else another role. Nobody can give or take more than they have themselves."""

    name: ClassVar[str] = "collaborators/change_role"
    mutates: ClassVar[bool] = True
    user_id: UserId
    role: GivenRole


class SetPermissions(Command[Collaborator]):
    """Replace what one person may do other than their role says."""

    name: ClassVar[str] = "collaborators/set_permissions"
    mutates: ClassVar[bool] = True
    user_id: UserId
    permissions: GivenPermissions


class RemoveCollaborator(Command[Empty]):
    """Take somebody else out of the project; their open sockets are told and closed."""

    name: ClassVar[str] = "collaborators/remove"
    mutates: ClassVar[bool] = True
    user_id: UserId


class LeaveProject(Command[Empty]):
    """Leave the project. Its owner cannot: transfer or delete it first."""

    name: ClassVar[str] = "collaborators/leave"
    mutates: ClassVar[bool] = True


class CollaboratorJoined(Event):
    """Somebody came in."""

    name: ClassVar[str] = "collaborators/joined"
    collaborator: Collaborator


class CollaboratorChanged(Event):
    """Somebody has another role or other permissions; their open sockets are told what that means for them."""

    name: ClassVar[str] = "collaborators/changed"
    collaborator: Collaborator


class CollaboratorLeft(Event):
    """Somebody left, or was taken out."""

    name: ClassVar[str] = "collaborators/left"
    user_id: UserId
    is_removed: bool = Field(description="False when they left by themselves")


class Regranted(Event):
    """What the receiver may do here changed; said only to them, without a number."""

    name: ClassVar[str] = "collaborators/regranted"
    role: RoleName
    abilities: list[AbilityName]
    can_write: bool


class PathRight(WireModel):
    """A rule that limits a role on some paths. Of several that match a path, the last decides."""

    id: UUID
    glob: str
    role: GivenRole
    access: PathAccessName
    created_by: UserId | None = Field(description="null: a deleted person")
    created_at: datetime


class PathRightList(WireModel):
    """The rules on paths of a project."""

    rights: list[PathRight] = Field(description="In their order")


class ListPathRights(Command[PathRightList]):
    """All rules on paths of the project; their number is limited."""

    name: ClassVar[str] = "collaborators/path_rights"


class SetPathRight(Command[PathRight]):
    """Add a rule on paths, or give the one of this glob and role another access or place."""

    name: ClassVar[str] = "collaborators/set_path_right"
    mutates: ClassVar[bool] = True
    glob: str = Field(min_length=1, max_length=MAX_GLOB, description="As in .gitignore, without `!` and `/` at the end")
    role: GivenRole
    access: PathAccessName = Field(
        description="hidden: does not exist for the role; read_only; open: lifts what rules before it said"
    )
    before: UUID | None = Field(
        default=None, description="The rule to put it ahead of; null: a new one goes last, an old one keeps its place"
    )


class RemovePathRight(Command[Empty]):
    """Take a rule on paths away."""

    name: ClassVar[str] = "collaborators/remove_path_right"
    mutates: ClassVar[bool] = True
    id: UUID


class PathRightsChanged(Event):
    """All rules as they are now. Told to those who may manage: globs may name what is hidden."""

    name: ClassVar[str] = "collaborators/path_rights_changed"
    rights: list[PathRight]


class Invitation(WireModel):
    """An invitation, without its secret."""

    id: UUID
    email: str | None = Field(description="Null: a link, good for whoever has it")
    role: RoleName
    invited_by: UserId | None
    max_uses: int
    use_count: int
    expires_at: datetime
    created_at: datetime


class Invited(WireModel):
    """A new invitation."""

    invitation: Invitation
    secret: str | None = Field(description="The end of the link, `/invite/<secret>`; null when the command is repeated")
    is_mailed: bool = Field(description="The link is on its way to the address; else whoever invites hands it on")


class Invite(Command[Invited]):
    """Invite one person by address, or whoever has the link. A new one for the same address replaces the one before."""

    name: ClassVar[str] = "collaborators/invite"
    mutates: ClassVar[bool] = True
    role: GivenRole
    email: str | None = Field(default=None, min_length=3, max_length=320, description="Null: a link")
    days: int = Field(default=7, ge=1, le=365, description="Until it expires; a setting may allow less")
    max_uses: int = Field(default=1, ge=1, le=1000, description="How many may come in by a link")


class InvitationList(WireModel):
    """One page of them."""

    invitations: list[Invitation]
    next: str | None = Field(description="The `after` of the following page; null when this is the last")


class ListInvitations(Command[InvitationList]):
    """The invitations that still hold, newest first, without their secrets."""

    name: ClassVar[str] = "collaborators/invitations"
    limit: int = Field(default=50, ge=1, le=200)
    after: str | None = Field(default=None, max_length=MAX_MARK, description="`next` of the page before")


class RevokeInvitation(Command[Empty]):
    """End an invitation before its time."""

    name: ClassVar[str] = "collaborators/revoke_invitation"
    mutates: ClassVar[bool] = True
    id: UUID


class Offer(WireModel):
    """What an invitation offers, to whom, until when."""

    project_id: ProjectId
    project_name: str
    role: RoleName
    own_role: RoleName | None = Field(description="What the caller is in the project already; null: no member")
    inviter: str | None = Field(description="Name of who invites")
    email: str | None = Field(description="The only address that may accept; null: anybody")
    expires_at: datetime


class ShowInvitation(Command[Offer]):
    """What an invitation offers, before it is accepted."""

    name: ClassVar[str] = "collaborators/offer"
    secret: str = Field(min_length=1, max_length=200)


class Accepted(WireModel):
    """Where the invitation led."""

    project_id: ProjectId
    role: RoleName = Field(description="As it is now: who belongs to the project already keeps what they have")


class AcceptInvitation(Command[Accepted]):
    """Join the project. It holds only while who made it may still invite into that role."""

    name: ClassVar[str] = "collaborators/accept"
    mutates: ClassVar[bool] = True
    secret: str = Field(min_length=1, max_length=200)


class DeclineInvitation(Command[Empty]):
    """Turn down an invitation that was made for the caller's address."""

    name: ClassVar[str] = "collaborators/decline"
    mutates: ClassVar[bool] = True
    secret: str = Field(min_length=1, max_length=200)


class InvitationMade(Event):
    """Told to those who may invite."""

    name: ClassVar[str] = "collaborators/invited"
    invitation: Invitation


class InvitationClosed(Event):
    """It was revoked, declined or used up. Told to those who may invite."""

    name: ClassVar[str] = "collaborators/invitation_closed"
    id: UUID
