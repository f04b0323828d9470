"""Deleting projects: gone for everybody at once, kept for a while for the owner, then gone for good."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter

from protocol.ids import ProjectId
from protocol.model import Empty
from protocol.page_mark import encode_mark
from protocol.projects import (
    DeletedProject,
    DeletedProjectList,
    DeleteProject,
    ListDeletedProjects,
    Project,
    RestoreProject,
)
from server.access.principal import Principal
from server.access.roles import Role
from server.errors import Forbidden, NotFound
from server.feature import Call, Result, Services, marked, rights_changed
from server.features.projects.shown import project
from server.features.projects.transferring import team_changed
from server.store import projects as store
from server.store.audit import append_audit

PURGE_MARGIN = timedelta(hours=1)  # clocks of processes differ: what may still be restored is not being purged
PURGED_PROJECTS = 100  # looked at together
PURGED_FILES = 200  # each takes its document along, log and snapshots

log = structlog.get_logger(__name__)

_purged = Counter("flashio_projects_purged_total", "Deleted projects that went for good")


@dataclass(frozen=True, slots=True)
class Deleting:
    services: Services

    async def delete(self, call: Call, _command: DeleteProject) -> Result[Empty]:
        project_id, owner, now = call.caller.project_id, call.caller.principal.user_id, self.services.clock.now()
        if not await store.bury_project.run(call.transaction, project_id=project_id, user_id=owner, now=now):
            raise Forbidden("Only the owner deletes a project.")
        await _audited(call, project_id, "deleted")
        team = await team_changed(call.transaction, owner)
        return Result(Empty(), [rights_changed(project_id=project_id), *team])

    async def list(self, call: Call, command: ListDeletedProjects) -> Result[DeletedProjectList]:
        principal = call.caller.principal
        before_deleted_at, before_id = marked(command.after)
        async with self.services.db.acquire() as connection:
            rows = await store.list_deleted_projects.all(
                connection,
                user_id=principal.user_id,
                since=self._restorable_since(),
                before_deleted_at=before_deleted_at,
                before_id=before_id,
                limit=command.limit,
            )
        following = None if len(rows) < command.limit else encode_mark(rows[-1].gone_at, rows[-1].id)
        shown = [self._shown(row) for row in rows if principal.project_id in (None, row.id)]
        return Result(DeletedProjectList(projects=shown, next=following))

    async def restore(self, call: Call, command: RestoreProject) -> Result[Project]:
        principal, tx = call.caller.principal, call.transaction
        _check_may_restore(principal)
        raised = await store.raise_project.run(
            tx, project_id=command.id, user_id=principal.user_id, since=self._restorable_since()
        )
        row = await store.get_project(tx, command.id)
        if not raised or row is None:
            raise NotFound("You deleted no such project, or it is gone for good.")
        await _audited(call, command.id, "restored")
        team = await team_changed(tx, principal.user_id)
        return Result(project(row, Role.OWNER), [rights_changed(project_id=command.id), *team])

    async def purge(self) -> None:
        """Take projects whose retention is over out of the database, a few files at a time."""
        before = self._restorable_since() - PURGE_MARGIN
        async with self.services.db.acquire() as connection:
            due = await store.list_purgeable_projects.all(connection, before=before, limit=PURGED_PROJECTS)
        for project_id in due:
            await self._purge(project_id)

    async def _purge(self, project_id: UUID) -> None:
        while True:
            async with self.services.db.transaction() as tx:
                gone = await store.purge_files.run(tx, project_id=project_id, limit=PURGED_FILES)
            if gone < PURGED_FILES:
                break
        async with self.services.db.transaction() as tx:
            await store.delete_project(tx, project_id)
        _purged.inc()
        log.info("project purged", project=str(project_id))

    def _restorable_since(self) -> datetime:
        return self.services.clock.now() - self._kept

    @property
    def _kept(self) -> timedelta:
        return timedelta(days=self.services.settings.deleted_project_days)

    def _shown(self, row: store.DeletedProjectRow) -> DeletedProject:
        return DeletedProject(
            id=ProjectId(row.id), name=row.name, deleted_at=row.gone_at, kept_until=row.gone_at + self._kept
        )


def _check_may_restore(principal: Principal) -> None:
    if "write" not in principal.scopes:
        raise Forbidden("This token only reads; it cannot bring a project back.")
    if principal.project_id is not None:
        raise Forbidden("This token is for one project that is there; it cannot bring one back.")


async def _audited(call: Call, project_id: UUID, what: str) -> None:
    await append_audit(
        call.transaction,
        actor_id=call.caller.principal.user_id,
        project_id=project_id,
        action=f"projects/{what}",
        subject=str(project_id),
        details={},
    )
