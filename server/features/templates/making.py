"""Making a template of a project's files as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from protocol.model import Empty
from protocol.templates import DeleteTemplate, GivenVariable, MakeTemplate, Template, TemplateVariable
from server.errors import Forbidden, Invalid, LimitReached, NotFound
from server.feature import Call, Result, Services
from server.features.files.rights import hidden_paths
from server.features.projects.changing import audited
from server.features.templates.catalogue import template, visible
from server.features.templates.variables import check_declared_once, stored
from server.store import clones
from server.store import projects as project_store
from server.store import templates as store
from server.store.db import Transaction


@dataclass(frozen=True, slots=True)
class Making:
    services: Services

    async def make(self, call: Call, command: MakeTemplate) -> Result[Template]:
        tx, user_id, source_id = call.transaction, call.caller.principal.user_id, call.caller.project_id
        check_declared_once([variable.name for variable in command.variables])
        if await clones.lock_source.maybe(tx, project_id=source_id) is None:
            raise NotFound("There is no such project.")
        await self._make_room(call)
        template_id = await self._create(call, command)
        await self.services.texts.show(tx, source_id)
        hidden = await hidden_paths(tx, call.caller)
        await store.add_files_of(tx, template_id, source_id, hidden=hidden)
        variables = await _placed(tx, template_id, command.variables)
        await store.set_variables.run(tx, template_id=template_id, variables=stored(variables))
        await store.describe_structure.run(tx, template_id=template_id)
        details: dict[str, object] = {"template": str(template_id), "public": command.is_public}
        await audited(call, "made_template", details)
        return Result(template(await visible(tx, template_id, user_id), user_id))

    async def delete(self, call: Call, command: DeleteTemplate) -> Result[Empty]:
        principal = call.caller.principal
        if "write" not in principal.scopes or principal.project_id is not None:
            raise Forbidden("This token is not for your templates.")
        gone = await store.delete_template.run(call.transaction, template_id=command.id, user_id=principal.user_id)
        if not gone:
            raise NotFound("There is no such template, or somebody else made it.")
        return Result(Empty())

    async def _create(self, call: Call, command: MakeTemplate) -> UUID:
        return await store.create_template.one(
            call.transaction,
            source_id=call.caller.project_id,
            name=command.template_name,
            description=command.description or None,
            category=command.category,
            tags=list(dict.fromkeys(command.tags)),
            prompt=command.prompt,
            is_public=command.is_public,
            user_id=call.caller.principal.user_id,
        )

    async def _make_room(self, call: Call) -> None:
        limit, user_id = self.services.settings.templates_per_person, call.caller.principal.user_id
        await project_store.lock_owner.maybe(call.transaction, user_id=user_id)
        if await store.count_templates.one(call.transaction, user_id=user_id) >= limit:
            raise LimitReached(f"One person makes at most {limit} templates. Delete some of yours first.")


async def _placed(tx: Transaction, template_id: UUID, variables: Sequence[GivenVariable]) -> list[TemplateVariable]:
    """The variables with what follows from where they stand.

    Raises:
        Invalid: one stands nowhere, so its name is wrong here or there.
    """
    names = [variable.name for variable in variables]
    uses = {use.name: use for use in await store.uses_of.all(tx, template_id=template_id, names=names)}
    for name in names:
        if not (uses[name].is_in_paths or uses[name].is_in_texts):
            raise Invalid(f"No path and no text holds {{{{{name}}}}}.")
    return [
        TemplateVariable(**variable.model_dump(), in_paths=uses[variable.name].is_in_paths) for variable in variables
    ]
