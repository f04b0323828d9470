"""Projects that begin with a template, in a few statements however many files it has."""

from dataclasses import dataclass

from protocol.ids import ProjectId
from protocol.projects import Project
from protocol.templates import UseTemplate
from server.errors import Invalid, TooLarge
from server.feature import Call, Result, Services
from server.features.files.room import check_room
from server.features.projects.making import NewProject, own_project, shown_to_owner
from server.features.templates.catalogue import visible
from server.features.templates.variables import declared, filled
from server.store import templates as store
from server.store.failures import ConstraintRefused
from server.store.templates import TemplateRow

SAME_PATH = "project_files_live_path"  # the constraint


@dataclass(frozen=True, slots=True)
class Using:
    services: Services

    async def use(self, call: Call, command: UseTemplate) -> Result[Project]:
        tx = call.transaction
        await store.lock_template.maybe(tx, template_id=command.id)
        row = await visible(tx, command.id, call.caller.principal.user_id)
        values = filled(declared(row.variables), command.values)
        description = row.description if command.description is None else command.description
        wanted = NewProject(
            command.project_name,
            description or None,
            row.prompt,
            command.visibility,
            row.tags,
            row.tech_stack,
        )
        project_id = await own_project(self.services.settings, call, wanted)
        await self._make_files(call, row, project_id, values)
        await store.count_use.maybe(tx, template_id=row.id)  # last, because others who use it wait for the row
        return Result(await shown_to_owner(tx, project_id))

    async def _make_files(self, call: Call, row: TemplateRow, project_id: ProjectId, values: dict[str, str]) -> None:
        tx, settings = call.transaction, self.services.settings
        try:
            await store.make_files(tx, row.id, project_id, values, user_id=call.caller.principal.user_id)
        except ConstraintRefused as error:
            if error.constraint == SAME_PATH:
                raise Invalid("With these values two files would have the same path.") from error
            raise Invalid("With these values a path would break the rules, most likely by its length.") from error
        clash = None if row.keeps_case_clashes else await store.find_clash.maybe(tx, project_id=project_id)
        if clash is not None:
            raise Invalid(f"With these values {clash} would differ from another path only by case.")
        limit = settings.max_document_bytes
        if (large := await store.find_too_large.maybe(tx, project_id=project_id, max_bytes=limit)) is not None:
            raise TooLarge(f"With these values {large} would hold more than {limit} bytes of text.")
        await check_room(settings, tx, project_id, files=0, size=0)
