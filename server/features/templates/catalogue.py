"""Looking for templates, and what one would make."""

from dataclasses import dataclass
from uuid import UUID

from protocol.ids import UserId
from protocol.templates import (
    ListTemplatePaths,
    ListTemplates,
    Template,
    TemplateAuthor,
    TemplateList,
    TemplatePath,
    TemplatePathList,
)
from server.access.people import shown_name
from server.errors import Invalid, NotFound
from server.feature import Call, Result, Services
from server.features.projects.words import tsquery
from server.features.templates.variables import declared
from server.store import templates as store
from server.store.db import Connection
from server.store.templates import TemplateRow

MAX_USAGE = (1 << 63) - 1  # as the column holds it
NO_MARK = "Give back the mark that came with the page before, unchanged."


@dataclass(frozen=True, slots=True)
class Catalogue:
    services: Services

    async def list(self, call: Call, command: ListTemplates) -> Result[TemplateList]:
        search = (command.search or "").strip()
        words = tsquery(search) if search else None
        if search and words is None:
            return Result(TemplateList(templates=[], next=None))
        user_id, (before_usage, before_id) = call.caller.principal.user_id, _marked(command.after)
        async with self.services.db.acquire() as connection:
            rows = await store.list_templates.all(
                connection,
                user_id=user_id,
                only_own=command.only_own,
                category=command.category,
                tag=command.tag,
                words=words,
                before_usage=before_usage,
                before_id=before_id,
                limit=command.limit,
            )
        following = f"{rows[-1].usage_count} {rows[-1].id}" if len(rows) == command.limit else None
        return Result(TemplateList(templates=[template(row, user_id) for row in rows], next=following))

    async def list_paths(self, call: Call, command: ListTemplatePaths) -> Result[TemplatePathList]:
        async with self.services.db.acquire() as connection:
            await visible(connection, command.id, call.caller.principal.user_id)
            rows = await store.list_paths.all(
                connection, template_id=command.id, after_path=command.after or "", limit=command.limit
            )
        paths = [TemplatePath(path=row.path, is_directory=row.is_directory, size=row.size) for row in rows]
        return Result(TemplatePathList(paths=paths, next=paths[-1].path if len(paths) == command.limit else None))


async def visible(connection: Connection, template_id: UUID, user_id: UserId) -> TemplateRow:
    """A template that this person may see.

    Raises:
        NotFound: there is none.
    """
    row = await store.get_template.maybe(connection, template_id=template_id, user_id=user_id)
    if row is None:
        raise NotFound("There is no such template, or it is not yours to see.")
    return row


def template(row: TemplateRow, user_id: UserId) -> Template:
    """A template as this person sees it."""
    author = None
    if row.created_by is not None:
        author = TemplateAuthor(id=row.created_by, name=shown_name(row.author_name, row.author_email))
    return Template(
        id=row.id,
        name=row.name,
        description=row.description,
        category=row.category,
        tags=list(row.tags),
        tech_stack=list(row.tech_stack),
        prompt=row.prompt,
        variables=declared(row.variables),
        is_public=row.is_public,
        is_own=row.created_by == user_id,
        usage_count=row.usage_count,
        author=author,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _marked(mark: str | None) -> tuple[int | None, UUID | None]:
    if mark is None:
        return None, None
    usage, _, template_id = mark.partition(" ")
    try:
        before_usage, before_id = int(usage), UUID(template_id)
    except ValueError:
        raise Invalid(NO_MARK) from None
    if not 0 <= before_usage <= MAX_USAGE:
        raise Invalid(NO_MARK)
    return before_usage, before_id
