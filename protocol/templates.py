"""Templates: the files of a project to begin others with, where `{{name}}` stands for what its maker is asked for."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints

from protocol.model import Command, Empty, WireModel
from protocol.projects import (
    MAX_PROMPT,
    MAX_SEARCH,
    Description,
    Project,
    ProjectName,
    Visibility,
    Word,
    Words,
)

MAX_VARIABLES = 20
MAX_VALUE = 200  # characters
MAX_TEMPLATE_MARK = 100  # characters

VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=50)]
Value = Annotated[str, StringConstraints(max_length=MAX_VALUE)]


class GivenVariable(WireModel):
    """`{{name}}` in paths and texts; braces around other names are left as they are."""

    name: VariableName
    label: str = Field(default="", max_length=100, description="What to ask for; empty: the name")
    default: Value | None = Field(default=None, description="Null: it must be given")


class TemplateVariable(GivenVariable):
    """What a template asks for when it is used."""

    in_paths: bool = Field(description="It is part of a file's name, and so its value is one part of a path")


class TemplateAuthor(WireModel):
    """Who made a template."""

    id: UUID
    name: str


class Template(WireModel):
    """A template, without its files."""

    id: UUID
    name: str
    description: str | None
    category: str | None
    tags: list[str]
    tech_stack: list[str]
    prompt: str | None
    variables: list[TemplateVariable]
    is_public: bool
    is_own: bool = Field(description="The caller made it, and may delete it")
    usage_count: int
    author: TemplateAuthor | None = Field(description="Null: it came with the server, or a deleted person made it")
    created_at: datetime
    updated_at: datetime


class TemplateList(WireModel):
    """One page of them."""

    templates: list[Template]
    next: str | None = Field(description="The `after` of the following page; null when this is the last")


class ListTemplates(Command[TemplateList]):
    """Public templates and the caller's own, those used most first."""

    name: ClassVar[str] = "templates/list"
    only_own: bool = False
    category: Word | None = None
    tag: Word | None = None
    search: str | None = Field(default=None, max_length=MAX_SEARCH, description="As for projects")
    limit: int = Field(default=50, ge=1, le=200)
    after: str | None = Field(default=None, max_length=MAX_TEMPLATE_MARK, description="`next` of the page before")


class TemplatePath(WireModel):
    """A file of a template."""

    path: str
    is_directory: bool
    size: int = Field(description="Bytes, before variables are replaced")


class TemplatePathList(WireModel):
    """One page of them."""

    paths: list[TemplatePath]
    next: str | None = Field(description="The `after` of the following page; null when this is the last")


class ListTemplatePaths(Command[TemplatePathList]):
    """What a template would make, in path order."""

    name: ClassVar[str] = "templates/paths"
    id: UUID
    after: str | None = Field(default=None, max_length=1024)
    limit: int = Field(default=500, ge=1, le=1000)


class MakeTemplate(Command[Template]):
    """Make a template of the project's files as they are now. A variable that stands nowhere is refused."""

    name: ClassVar[str] = "templates/make"
    mutates: ClassVar[bool] = True
    template_name: ProjectName
    description: Description = ""
    category: Word | None = None
    tags: Words = Field(default_factory=list)
    prompt: str | None = Field(default=None, max_length=MAX_PROMPT)
    variables: list[GivenVariable] = Field(default_factory=list, max_length=MAX_VARIABLES)
    is_public: bool = Field(default=False, description="Everybody signed in may see and use it")


class UseTemplate(Command[Project]):
    """Make a project of the caller's own from a template. Every value names a variable of it."""

    name: ClassVar[str] = "templates/use"
    mutates: ClassVar[bool] = True
    id: UUID
    project_name: ProjectName
    description: Description | None = Field(default=None, description="Null: the template's")
    visibility: Visibility = "private"
    values: dict[str, Value] = Field(default_factory=dict, max_length=MAX_VARIABLES)


class DeleteTemplate(Command[Empty]):
    """Delete a template that the caller made; projects that began with it stay."""

    name: ClassVar[str] = "templates/delete"
    mutates: ClassVar[bool] = True
    id: UUID
