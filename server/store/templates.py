"""Templates of projects and their files, as rows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.queries import query


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template without its files. `slug` is of those that come with the server; `variables` see migration 0026."""

    id: UUID
    name: str
    description: str | None
    category: str | None
    tags: tuple[str, ...]
    prompt: str | None
    tech_stack: tuple[str, ...]
    variables: dict[str, object]
    is_public: bool
    usage_count: int
    slug: str | None
    keeps_case_clashes: bool
    created_by: UUID | None
    author_name: str | None
    author_email: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class UseRow:
    """Where a variable stands in the files of a template."""

    name: str
    is_in_paths: bool
    is_in_texts: bool


@dataclass(frozen=True, slots=True)
class TemplatePathRow:
    """A file or directory of a template; `size` is in bytes."""

    path: str
    is_directory: bool
    size: int


create_template = query("templates.create", UUID)
ensure_own_template = query("templates.ensure_own", UUID)
discard_files = query("templates.discard_files")
add_texts = query("templates.add_texts")
add_files_of = query("templates.add_files_of")
describe_structure = query("templates.describe_structure")
uses_of = query("templates.uses_of", UseRow)
set_variables = query("templates.set_variables")
get_template = query("templates.get", TemplateRow)
list_templates = query("templates.list", TemplateRow)
list_paths = query("templates.list_paths", TemplatePathRow)
count_templates = query("templates.count_of", int)
delete_template = query("templates.delete")
count_use = query("templates.count_use", int)
lock_template = query("templates.lock", UUID)
make_files = query("templates.make_files")
find_clash = query("templates.find_clash", str)
find_too_large = query("templates.find_too_large", str)
