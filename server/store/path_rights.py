"""Rules on the paths of a project, as rows; what they come to is decided in access."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from server.store.projects import CollaboratorRole
from server.store.queries import query


class PathAccessKind(StrEnum):
    """What a rule leaves of a role's rights to the paths that it matches."""

    HIDDEN = "hidden"
    READ_ONLY = "read_only"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class PathRightRow:
    """One rule; of several that match a path the one with the highest `position` decides."""

    id: UUID
    position: int
    glob: str
    role: CollaboratorRole
    access: PathAccessKind
    created_by: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CompilableRow:
    """One rule and what its project says of letters that differ by case."""

    project_id: UUID
    role: CollaboratorRole
    glob: str
    access: PathAccessKind
    keeps_case_clashes: bool


list_path_rights = query("path_rights.list", PathRightRow)
list_compilable = query("path_rights.list_of", CompilableRow)
begin_change = query("path_rights.begin_change")
add_path_right = query("path_rights.add", UUID)
arrange_path_rights = query("path_rights.arrange")
remove_path_right = query("path_rights.remove")
