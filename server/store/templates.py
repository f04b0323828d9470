"""Templates of projects and their files, as rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.clones import SLICE_FILES, parent_in
from server.store.db import Transaction
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


@dataclass(frozen=True, slots=True)
class MadeRow:
    """A file that is to be made of a template's."""

    template_path: str
    path: str
    id: UUID
    is_directory: bool


create_template = query("templates.create", UUID)
ensure_own_template = query("templates.ensure_own", UUID)
discard_files = query("templates.discard_files")
add_texts = query("templates.add_texts")
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
find_clash = query("templates.find_clash", str)
find_too_large = query("templates.find_too_large", str)
_add_slice_of = query("templates.add_slice_of", str)
_copy_settings = query("templates.copy_settings")
_list_slice = query("templates.list_slice", MadeRow)
_make_slice = query("templates.make_slice")


async def add_files_of(tx: Transaction, template_id: UUID, source_id: UUID, *, hidden: Sequence[str]) -> None:
    """Copy the live files of a project, but for the hidden ones, into a template that has none."""
    after: str | None = ""
    while after is not None:
        after = await _add_slice_of.one(
            tx, template_id=template_id, source_id=source_id, hidden=hidden, after_path=after, limit=SLICE_FILES
        )


async def make_files(
    tx: Transaction, template_id: UUID, project_id: UUID, values: Mapping[str, str], *, user_id: UUID
) -> None:
    """Copy the files of a template into a project that has none, with a value for each variable.

    Raises: ConstraintRefused when two files come to the same path, or a path breaks the rules.
    """
    await _copy_settings.run(tx, template_id=template_id, project_id=project_id)
    directories: dict[str, UUID] = {}
    given: dict[str, object] = {"names": list(values.keys()), "given": list(values.values())}
    after = ""
    while rows := await _list_slice.all(tx, template_id=template_id, **given, after_path=after, limit=SLICE_FILES):
        directories |= {row.path: row.id for row in rows if row.is_directory}
        await _make_slice.run(
            tx,
            template_id=template_id,
            project_id=project_id,
            template_paths=[row.template_path for row in rows],
            paths=[row.path for row in rows],
            ids=[row.id for row in rows],
            parent_ids=[parent_in(directories, row.path) for row in rows],
            **given,
            user_id=user_id,
        )
        after = rows[-1].template_path
