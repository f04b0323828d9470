"""Projects: what a client needs to find and name the one it works in, and what people do with whole projects."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from protocol.ids import ProjectId, Seq, UserId
from protocol.model import Command, Empty, Event, WireModel
from protocol.page_mark import MAX_MARK
from protocol.session import NumberedEvent, ResumeFrom

MAX_NAME = 255
MAX_DESCRIPTION = 2_000
MAX_PROMPT = 50_000
MAX_WORDS = 30  # tags of a project, or parts of its tech stack
MAX_SEARCH = 200

ProjectName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME)]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_DESCRIPTION)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
Words = Annotated[list[Word], Field(max_length=MAX_WORDS)]
Visibility = Literal["private", "team", "public"]
Status = Literal["draft", "building", "built", "error", "archived"]
GivenStatus = Literal["draft", "building", "built", "error"]  # archiving is a command of its own


class ProjectOwner(WireModel):
    """Who owns a project."""

    id: UserId
    name: str


class Project(WireModel):
    """A project as its list shows it; `role` is the caller's."""

    id: ProjectId
    name: str
    description: str | None
    prompt: str | None = Field(description="What it began from, where an assistant made it")
    status: Status
    visibility: Visibility
    tags: list[str]
    tech_stack: list[str]
    thumbnail: str | None
    git_repo_url: str | None
    deployment_url: str | None
    build_health: int | None = Field(description="0 to 100, of the last builds")
    lines_of_code: int
    complexity: float | None = Field(description="0 to 10")
    estimated_time: int | None = Field(description="Minutes")
    actual_time: int | None = Field(description="Minutes")
    template: bool
    source_project_id: ProjectId | None = Field(description="What it was cloned from; null when that is gone, too")
    owner: ProjectOwner
    role: str = Field(description="What the caller is in it")
    created_at: datetime
    updated_at: datetime
    last_accessed_at: datetime | None
    archived_at: datetime | None = Field(description="Since when nobody changes anything in it")


class GetProject(Command[Project]):
    """The project that the caller works in."""

    name: ClassVar[str] = "projects/get"


class ProjectList(WireModel):
    """One page of them."""

    projects: list[Project]
    next: str | None = Field(description="The `after` of the following page; null when this is the last")


class ListProjects(Command[ProjectList]):
    """Projects, newest change first. `mine` are those the caller owns, `shared` those of others that they belong to or
    read as part of the owner's team; without `which` all that they belong to."""

    name: ClassVar[str] = "projects/list"
    which: Literal["mine", "shared", "public"] | None = None
    search: str | None = Field(
        default=None, max_length=MAX_SEARCH, description="Beginnings of words of the name, the description or the tags"
    )
    is_archived: bool | None = Field(default=None, description="Only archived ones, or only others")
    limit: int = Field(default=50, ge=1, le=200)
    after: str | None = Field(default=None, max_length=MAX_MARK, description="`next` of the page before")


class CreateProject(Command[Project]):
    """Make an empty project of the caller's own."""

    name: ClassVar[str] = "projects/create"
    mutates: ClassVar[bool] = True
    project_name: ProjectName
    description: Description = ""
    prompt: str | None = Field(default=None, max_length=MAX_PROMPT)
    visibility: Visibility = "private"
    tags: Words = Field(default_factory=list)
    tech_stack: Words = Field(default_factory=list)


class CloneProject(Command[Project]):
    """Make a project of the caller's own with the files of this one as they are now: no people and no history."""

    name: ClassVar[str] = "projects/clone"
    mutates: ClassVar[bool] = True
    project_name: ProjectName | None = Field(default=None, description="Null: the name of this one, marked as a copy")


class UpdateProject(Command[Project]):
    """Change what a project is called and how it is described; null leaves a value as it is."""

    name: ClassVar[str] = "projects/update"
    mutates: ClassVar[bool] = True
    project_name: ProjectName | None = None
    description: Description | None = Field(default=None, description="Empty: none")
    tags: Words | None = None
    tech_stack: Words | None = None
    status: GivenStatus | None = None


class SetVisibility(Command[Project]):
    """Say who reads the project without belonging to it; who may not any more is told and closed."""

    name: ClassVar[str] = "projects/set_visibility"
    mutates: ClassVar[bool] = True
    visibility: Visibility


class ArchiveProject(Command[Project]):
    """Let nobody change anything in the project until it leaves the archive; open editors turn read-only."""

    name: ClassVar[str] = "projects/archive"
    mutates: ClassVar[bool] = True


class UnarchiveProject(Command[Project]):
    """Make an archived project one that is worked on again."""

    name: ClassVar[str] = "projects/unarchive"
    mutates: ClassVar[bool] = True


class TransferProject(Command[Project]):
    """Hand the project to one of its people, as its owner; who owned it stays as an editor."""

    name: ClassVar[str] = "projects/transfer"
    mutates: ClassVar[bool] = True
    user_id: UserId


class DeleteProject(Command[Empty]):
    """Delete the project, as its owner. Everybody is told and closed; for some days the owner can have it back."""

    name: ClassVar[str] = "projects/delete"
    mutates: ClassVar[bool] = True


class DeletedProject(WireModel):
    """A project that can be restored."""

    id: ProjectId
    name: str
    deleted_at: datetime
    kept_until: datetime = Field(description="It goes for good soon after")


class DeletedProjectList(WireModel):
    """One page of them."""

    projects: list[DeletedProject]
    next: str | None = Field(description="The `after` of the following page; null when this is the last")


class ListDeletedProjects(Command[DeletedProjectList]):
    """What the caller deleted and can have back, newest deletion first."""

    name: ClassVar[str] = "projects/deleted"
    limit: int = Field(default=50, ge=1, le=200)
    after: str | None = Field(default=None, max_length=MAX_MARK, description="`next` of the page before")


class RestoreProject(Command[Project]):
    """Bring back a project that the caller deleted, with all that was in it."""

    name: ClassVar[str] = "projects/restore"
    mutates: ClassVar[bool] = True
    id: ProjectId


class ProjectChanged(Event):
    """What everybody in the project may know of its settings, as they are now."""

    name: ClassVar[str] = "projects/changed"
    project_name: str
    description: str | None
    status: Status
    visibility: Visibility
    tags: list[str]
    tech_stack: list[str]
    owner: ProjectOwner
    archived_at: datetime | None


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
