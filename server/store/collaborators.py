"""The people of a project, as rows; what their roles and permissions come to is decided in access."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.projects import CollaboratorRole
from server.store.queries import query


@dataclass(frozen=True, slots=True)
class CollaboratorRow:
    """Somebody who belongs to a project and has accepted that."""

    user_id: UUID
    role: CollaboratorRole
    permissions: dict[str, object]
    invited_by: UUID | None
    joined_at: datetime
    name: str | None
    email: str | None
    is_guest: bool
    color: str | None


list_collaborators = query("collaborators.list", CollaboratorRow)
lock_collaborators = query("collaborators.lock", CollaboratorRow)
change_collaborator = query("collaborators.change")
remove_collaborator = query("collaborators.remove")
