"""Projects and the facts that rights are made of, as rows; what follows from the facts is decided elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from server.store.db import Connection, Transaction
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
    """A project and its owner; times of work are in minutes."""

    id: UUID
    name: str
    description: str | None
    prompt: str | None
    status: ProjectStatus
    visibility: ProjectVisibility
    thumbnail: str | None
    tech_stack: tuple[str, ...]
    tags: tuple[str, ...]
    template: bool
    source_project_id: UUID | None
    git_repo_url: str | None
    deployment_url: str | None
    build_health: int | None
    lines_of_code: int
    complexity: float | None
    estimated_time: int | None
    actual_time: int | None
    user_id: UUID
    owner_name: str | None
    owner_email: str | None
    event_seq: int
    event_epoch: UUID
    created_at: datetime
    updated_at: datetime
    last_accessed_at: datetime | None
    archived_at: datetime | None
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListedProjectRow:
    """A project in somebody's list, and what they are in it."""

    id: UUID
    role: CollaboratorRole
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DeletedProjectRow:
    """A project that its owner can still have back."""

    id: UUID
    name: str
    gone_at: datetime


@dataclass(frozen=True, slots=True)
class StandingRow:
    """How a person stands to a project; `role` and `permissions` are of an accepted collaborator only."""

    project_id: UUID
    user_id: UUID
    project_name: str
    visibility: ProjectVisibility
    is_archived: bool
    role: CollaboratorRole | None
    permissions: dict[str, object] | None
    is_guest: bool
    path_rights_version: int
    is_on_owners_team: bool


create_project = query("projects.create", UUID)
projects_of_ids = query("projects.of_ids", ProjectRow)
list_my_projects = query("projects.list_mine", ListedProjectRow)
list_shared_projects = query("projects.list_shared", ListedProjectRow)
list_public_projects = query("projects.list_public", ListedProjectRow)
search_public_projects = query("projects.search_public", ListedProjectRow)
list_deleted_projects = query("projects.list_deleted", DeletedProjectRow)
list_team_projects = query("projects.list_of_team", UUID)
list_purgeable_projects = query("projects.list_purgeable", UUID)
count_owned_projects = query("projects.count_owned", int)
list_standings = query("projects.standings", StandingRow)
add_collaborator = query("projects.add_collaborator")
lock_owner = query("projects.lock_owner", UUID)
lock_tree = query("projects.lock_tree", bool)
set_case_clashes = query("projects.set_case_clashes")
get_case_clashes = query("projects.get_case_clashes", bool)
update_project = query("projects.update")
set_visibility = query("projects.set_visibility")
archive_project = query("projects.archive")
unarchive_project = query("projects.unarchive")
set_owner = query("projects.set_owner")
bury_project = query("projects.bury")
raise_project = query("projects.raise")
purge_files = query("projects.purge_files")
touch_project = query("projects.touch")
note_change = query("projects.note_change")

_lock_documents = query("projects.lock_documents", UUID)
_delete_project = query("projects.delete")


async def delete_project(tx: Transaction, project_id: UUID) -> bool:
    """Delete a project and everything in it. False when it is gone already."""
    await _lock_documents.all(tx, project_id=project_id)
    return await _delete_project.run(tx, project_id=project_id) == 1


async def get_project(connection: Connection, project_id: UUID) -> ProjectRow | None:
    """One project, deleted or not; None when it is gone for good."""
    return await projects_of_ids.maybe(connection, project_ids=[project_id])
