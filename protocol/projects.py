"""Projects: what a client needs to find and name the one it works in."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from protocol.ids import ProjectId, Seq
from protocol.model import Command, Empty, WireModel
from protocol.page_mark import MAX_MARK
from protocol.session import NumberedEvent, ResumeFrom


class Project(WireModel):
    """A project as its list shows it; `role` is the caller's."""

    id: ProjectId
    name: str
    description: str | None
    role: str
    updated_at: datetime


class GetProject(Command[Project]):
    """The project that the caller works in."""

    name: ClassVar[str] = "projects/get"


class ProjectList(WireModel):
    """One page of them."""

    projects: list[Project]
    next: str | None = Field(description="The `after` of the following page; null when this is the last")


class ListProjects(Command[ProjectList]):
    """The caller's own and shared projects, newest first."""

    name: ClassVar[str] = "projects/list"
    limit: int = Field(default=50, ge=1, le=200)
    after: str | None = Field(default=None, max_length=MAX_MARK, description="`next` of the page before")


class Resumed(WireModel):
    """`recovered`: `missed` holds every event since the one named; else fetch lists anew."""

    epoch: str
    seq: Seq
    recovered: bool
    missed: list[NumberedEvent]


class ResumeEvents(Command[Resumed]):
    """Be told the project's events from here on; the server does this for a socket when it says Hello."""

    name: ClassVar[str] = "projects/resume"
    resume: ResumeFrom | None = None


class TouchProject(Command[Empty]):
    """Record that the caller looked at the project now."""

    name: ClassVar[str] = "projects/touch"
    mutates: ClassVar[bool] = True
