"""Projects: what a client needs to find and name the one it works in."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from protocol.ids import ProjectId
from protocol.model import Command, Empty, WireModel


class Project(WireModel):
    id: ProjectId
    name: str
    description: str | None
    role: str
    updated_at: datetime


class GetProject(Command[Project]):
    name: ClassVar[str] = "projects/get"


class ProjectList(WireModel):
    projects: list[Project]


class ListProjects(Command[ProjectList]):
    """The caller's own and shared projects, newest first."""

    name: ClassVar[str] = "projects/list"
    limit: int = Field(default=50, ge=1, le=200)


class TouchProject(Command[Empty]):
    """Record that the caller looked at the project now."""

    name: ClassVar[str] = "projects/touch"
    mutates: ClassVar[bool] = True
