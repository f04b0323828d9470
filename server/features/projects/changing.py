"""Changes of a project's settings, each audited and told to everybody in it."""

from dataclasses import dataclass

from protocol.projects import ArchiveProject, Project, SetVisibility, UnarchiveProject, UpdateProject
from server.errors import Conflict, NotFound
from server.feature import Call, Result, Services, numbered, rights_changed
from server.features.projects.shown import changed, project
from server.hub.effects import Announce
from server.store import projects as store
from server.store.audit import append_audit
from server.store.projects import ProjectRow, ProjectVisibility


@dataclass(frozen=True, slots=True)
class Changing:
    services: Services

    async def update(self, call: Call, command: UpdateProject) -> Result[Project]:
        before = await held(call)
        if before.archived_at is not None:
            raise Conflict("This project is archived. Take it out of the archive first.")
        await store.update_project.run(
            call.transaction,
            project_id=before.id,
            name=command.project_name,
            description=command.description,
            tags=None if command.tags is None else list(dict.fromkeys(command.tags)),
            tech_stack=None if command.tech_stack is None else list(dict.fromkeys(command.tech_stack)),
            status=command.status,
        )
        row = await held(call)
        return Result(project(row, role_of(call)), [await told(call, row)])

    async def set_visibility(self, call: Call, command: SetVisibility) -> Result[Project]:
        before, wanted = await held(call), ProjectVisibility(command.visibility)
        if before.visibility is wanted:
            return Result(project(before, role_of(call)))
        await store.set_visibility.run(call.transaction, project_id=before.id, visibility=wanted)
        return await _rights_changed(call, "visibility_changed", {"from": before.visibility, "to": wanted})

    async def archive(self, call: Call, _command: ArchiveProject) -> Result[Project]:
        return await self._archived(call, is_archived=True)

    async def unarchive(self, call: Call, _command: UnarchiveProject) -> Result[Project]:
        return await self._archived(call, is_archived=False)

    async def _archived(self, call: Call, *, is_archived: bool) -> Result[Project]:
        before = await held(call)
        if (before.archived_at is not None) is is_archived:
            return Result(project(before, role_of(call)))
        if is_archived:
            await store.archive_project.run(call.transaction, project_id=before.id, now=self.services.clock.now())
            return await _rights_changed(call, "archived", {})
        await store.unarchive_project.run(call.transaction, project_id=before.id)
        return await _rights_changed(call, "unarchived", {})


async def held(call: Call) -> ProjectRow:
    """The caller's project, which nobody else changes until the commit.

    Raises:
        NotFound: it is gone.
    """
    await store.lock_tree.maybe(call.transaction, project_id=call.caller.project_id)
    row = await store.get_project(call.transaction, call.caller.project_id)
    if row is None or row.deleted_at is not None:
        raise NotFound("There is no such project.")
    return row


def role_of(call: Call) -> str:
    return call.caller.grant.role if call.caller.grant else ""


async def told(call: Call, row: ProjectRow) -> Announce:
    """The effect that tells everybody in the project how it is now."""
    return await numbered(call.transaction, call.caller.project_id, changed(row))


async def audited(call: Call, what: str, details: dict[str, object]) -> None:
    """Write down who changed what with the rights in the project, or with its being there at all."""
    project_id = call.caller.project_id
    await append_audit(
        call.transaction,
        actor_id=call.caller.principal.user_id,
        project_id=project_id,
        action=f"projects/{what}",
        subject=str(project_id),
        details=details,
    )


async def _rights_changed(call: Call, what: str, details: dict[str, object]) -> Result[Project]:
    await audited(call, what, details)
    row = await held(call)
    effects = [await told(call, row), rights_changed(project_id=call.caller.project_id)]
    return Result(project(row, role_of(call)), effects)
