"""Looking at projects: one, those of a list, and that somebody looked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from protocol.model import Empty
from protocol.page_mark import encode_mark
from protocol.projects import GetProject, ListProjects, Project, ProjectList, TouchProject
from server.access.principal import Principal
from server.errors import NotFound
from server.feature import Call, Result, Services, marked
from server.features.projects.shown import project
from server.features.projects.words import tsquery
from server.store import projects as store
from server.store.db import Connection

TOUCH_AT_MOST_EVERY = timedelta(minutes=1)
NO_PROJECTS = ProjectList(projects=[], next=None)


@dataclass(frozen=True, slots=True)
class Listing:
    services: Services

    async def get(self, call: Call, _command: GetProject) -> Result[Project]:
        grant = call.caller.grant
        async with self.services.db.acquire() as connection:
            row = await store.get_project(connection, call.caller.project_id)
        if row is None or grant is None:
            raise NotFound("There is no such project.")
        return Result(project(row, grant.role))

    async def list(self, call: Call, command: ListProjects) -> Result[ProjectList]:
        principal = call.caller.principal
        words = None if command.search is None or not command.search.strip() else tsquery(command.search)
        if words is None and command.search and command.search.strip():
            return Result(NO_PROJECTS)
        if command.which == "public" and principal.is_guest and not self.services.settings.guests:
            return Result(NO_PROJECTS)
        async with self.services.db.acquire() as connection:
            listed = await _listed(connection, principal, command, words)
            roles = {row.id: row.role for row in listed if principal.project_id in (None, row.id)}
            rows = await store.projects_of_ids.all(connection, project_ids=list(roles))
        is_last = len(listed) < command.limit
        return Result(
            ProjectList(
                projects=[project(row, roles[row.id].value) for row in rows],
                next=None if is_last else encode_mark(listed[-1].updated_at, listed[-1].id),
            )
        )

    async def touch(self, call: Call, _command: TouchProject) -> Result[Empty]:
        await store.touch_project.run(
            call.transaction,
            project_id=call.caller.project_id,
            now=self.services.clock.now(),
            at_most_every=TOUCH_AT_MOST_EVERY,
        )
        return Result(Empty())


async def _listed(
    connection: Connection, principal: Principal, command: ListProjects, words: str | None
) -> Sequence[store.ListedProjectRow]:
    before_updated_at, before_id = marked(command.after)
    page = {
        "user_id": principal.user_id,
        "is_archived": command.is_archived,
        "before_updated_at": before_updated_at,
        "before_id": before_id,
        "limit": command.limit,
    }
    if command.which == "shared":
        return await store.list_shared_projects.all(connection, words=words, **page)
    if command.which == "public":
        if words is None:
            return await store.list_public_projects.all(connection, **page)
        return await store.search_public_projects.all(connection, words=words, **page)
    only_owned = command.which == "mine"
    return await store.list_my_projects.all(connection, words=words, only_owned=only_owned, **page)
