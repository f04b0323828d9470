"""Clones: a new project with the files of another, in a few statements however many files there are."""

from dataclasses import dataclass

from protocol.projects import MAX_NAME, CloneProject, Project
from server.errors import NotFound
from server.feature import Call, Result, Services
from server.features.files.rights import hidden_paths
from server.features.files.room import check_room
from server.features.projects.making import NewProject, own_project, shown_to_owner
from server.store import clones
from server.store import projects as store

COPY_MARK = " (copy)"


@dataclass(frozen=True, slots=True)
class Cloning:
    services: Services

    async def clone(self, call: Call, command: CloneProject) -> Result[Project]:
        """Every edit that was committed when the command came is in it; documents are seeded when they are opened."""
        tx, source_id = call.transaction, call.caller.project_id
        await clones.lock_source.maybe(tx, project_id=source_id)
        source = await store.get_project(tx, source_id)
        if source is None or source.deleted_at is not None:
            raise NotFound("There is no such project.")
        wanted = NewProject(
            command.project_name or source.name[: MAX_NAME - len(COPY_MARK)] + COPY_MARK,
            source.description,
            source.prompt,
            tags=source.tags,
            tech_stack=source.tech_stack,
            source_id=source_id,
        )
        await check_room(self.services.settings, tx, source_id, files=0, size=0)
        project_id = await own_project(self.services.settings, call, wanted)
        await self.services.texts.show(tx, source_id)
        hidden = await hidden_paths(tx, call.caller)
        await clones.copy_files(tx, source_id, project_id, hidden=hidden, user_id=call.caller.principal.user_id)
        return Result(await shown_to_owner(tx, project_id))
