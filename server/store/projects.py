"""Projects and the facts that rights are made of, as rows; what follows from the facts is decided elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from server.store.db import Transaction
from server.store.queries import query


class ProjectStatus(StrEnum):
    """How far a project is."""

    DRAFT = "draft"
    BUILDING = "building"
    BUILT = "built"
    ERROR = "error"
    ARCHIVED = "archived"


class ProjectVisibility(StrEnum):
    """Who may read a project without being a collaborator."""

    PRIVATE = "private"
    PUBLIC = "public"
    TEAM = "team"


class CollaboratorRole(StrEnum):
    """What someone is in a project."""

    OWNER = "owner"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project; `user_id` is its owner."""

    id: UUID
    name: str
    description: str | None
    status: ProjectStatus
    visibility: ProjectVisibility
    template: bool
    user_id: UUID
    event_seq: int
    event_epoch: UUID
    created_at: datetime
    updated_at: datetime
    last_accessed_at: datetime | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class MyProjectRow(ProjectRow):
    """A project of somebody, and what they are in it."""

    role: CollaboratorRole


@dataclass(frozen=True, slots=True)
class StandingRow:
    """How a person stands to a project; `role` and `permissions` are of an accepted collaborator only."""

    project_id: UUID
    user_id: UUID
    project_name: str
    visibility: ProjectVisibility
    role: CollaboratorRole | None
    permissions: dict[str, object] | None
    is_guest: bool
    path_rights_version: int
    is_on_owners_team: bool


create_project = query("projects.create", UUID)
get_project = query("projects.get", ProjectRow)
list_my_projects = query("projects.list_mine", MyProjectRow)
list_standings = query("projects.standings", StandingRow)
add_collaborator = query("projects.add_collaborator")
lock_tree = query("projects.lock_tree", bool)
set_case_clashes = query("projects.set_case_clashes")
get_case_clashes = query("projects.get_case_clashes", bool)
touch_project = query("projects.touch")

_lock_documents = query("projects.lock_documents", UUID)
_delete_project = query("projects.delete")


async def delete_project(tx: Transaction, project_id: UUID) -> bool:
    """Delete a project and everything in it. False when it is gone already."""
    await _lock_documents.all(tx, project_id=project_id)
    return await _delete_project.run(tx, project_id=project_id) == 1
