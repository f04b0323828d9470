"""The people of a project: their roles, what differs from the role for one person, and how they come and go."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from protocol.ids import UserId
from protocol.model import Command, Empty, Event, WireModel
from protocol.session import Person

RoleName = Literal["owner", "editor", "reviewer", "viewer"]
GivenRole = Literal["editor", "reviewer", "viewer"]  # a project has one owner; it is transferred, not given
AbilityName = Literal["read", "write", "delete", "comment", "run", "invite", "manage"]


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
    person: Person
    email: str | None = Field(description="Told only to those who may invite or manage; never in an event")
    role: RoleName
    permissions: Permissions
    abilities: list[AbilityName] = Field(description="What role and permissions come to")
    invited_by: UserId | None
    joined_at: datetime


class CollaboratorList(WireModel):
    collaborators: list[Collaborator]
    next_after: UserId | None = Field(description="Pass as `after` for the next page; null at the end")


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
    name: ClassVar[str] = "collaborators/joined"
    collaborator: Collaborator


class CollaboratorChanged(Event):
    """Somebody has another role or other permissions; their open sockets are told what that means for them."""

    name: ClassVar[str] = "collaborators/changed"
    collaborator: Collaborator


class CollaboratorLeft(Event):
    name: ClassVar[str] = "collaborators/left"
    user_id: UserId
    is_removed: bool = Field(description="False when they left by themselves")


class Regranted(Event):
    """What the receiver may do here changed; said only to them, without a number."""

    name: ClassVar[str] = "collaborators/regranted"
    role: RoleName
    abilities: list[AbilityName]
    can_write: bool
