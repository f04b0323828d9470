"""The end of an account: its credentials, presence and lone projects go; what its person wrote elsewhere stays.

A project that others belong to is nobody's to take away by leaving: it is transferred or deleted first.
"""

from dataclasses import dataclass

from protocol.accounts import DeleteAccount, DeletionPlan, OwnedProject, PlanDeletion
from protocol.collaborators import CollaboratorLeft
from protocol.ids import ProjectId, UserId
from protocol.model import Empty
from server.access.principal import Principal
from server.errors import Conflict, Invalid
from server.feature import Call, Result, Services, numbered, rights_changed
from server.features.accounts.own_affairs import signed_in
from server.hub.effects import Effect
from server.store import accounts, projects, verification
from server.store.audit import append_audit, forget_addresses
from server.store.db import Transaction

MAX_PROJECTS = 1_000  # deleted with one account, in one transaction
NAMED = 3  # projects in a message


@dataclass(frozen=True, slots=True)
class Departure:
    services: Services

    async def plan(self, call: Call, _command: PlanDeletion) -> Result[DeletionPlan]:
        principal = signed_in(call)
        async with self.services.db.acquire() as connection:
            rows = await accounts.list_owned.all(connection, user_id=principal.user_id, limit=MAX_PROJECTS)
        owned = [_owned(row) for row in rows]
        return Result(
            DeletionPlan(
                confirm=_confirmation(principal),
                deleted=[project for project in owned if not project.people],
                blocking=[project for project in owned if project.people],
            )
        )

    async def delete(self, call: Call, command: DeleteAccount) -> Result[Empty]:
        principal, tx = signed_in(call), call.transaction
        if command.confirm.strip().casefold() != _confirmation(principal).casefold():
            raise Invalid(f"Type {_confirmation(principal)!r} to delete this account.")
        deletions = await self._delete_projects(tx, principal.user_id)
        departures = await _leave_projects(tx, principal.user_id)
        await append_audit(
            tx,
            actor_id=principal.user_id,
            action="accounts/deleted",
            subject=str(principal.user_id),
            details={"projects": len(deletions)},
        )
        await forget_addresses.run(tx, actor_id=principal.user_id)
        await verification.remove.run(tx, identifier=principal.email.lower())
        await accounts.delete_user.run(tx, user_id=principal.user_id)
        return Result(Empty(), [*deletions, *departures, rights_changed(user_id=principal.user_id)])

    async def _delete_projects(self, tx: Transaction, user_id: UserId) -> list[Effect]:
        """Invariant: the rows are locked before people are counted, so that nobody's project goes as they join it."""
        await accounts.lock_owned.all(tx, user_id=user_id)
        owned = await accounts.list_owned.all(tx, user_id=user_id, limit=MAX_PROJECTS + 1)
        shared = [project.name for project in owned if project.people]
        if shared:
            names = ", ".join(shared[:NAMED]) + (" and others" if len(shared) > NAMED else "")
            raise Conflict(f"Others belong to projects of yours: {names}. Transfer or delete these first.")
        if len(owned) > MAX_PROJECTS:
            raise Conflict(f"You own more than {MAX_PROJECTS} projects. Delete some of them first.")
        for project in owned:
            await projects.delete_project(tx, project.id)
        return [rights_changed(project_id=ProjectId(project.id)) for project in owned]


async def _leave_projects(tx: Transaction, user_id: UserId) -> list[Effect]:
    """Who is still there is told that somebody left; the rows go with the person."""
    left = CollaboratorLeft(user_id=user_id, is_removed=False)
    joined = await accounts.list_joined.all(tx, user_id=user_id)
    return [await numbered(tx, ProjectId(project_id), left) for project_id in joined]


def _confirmation(principal: Principal) -> str:
    return principal.email or principal.name


def _owned(row: accounts.OwnedProjectRow) -> OwnedProject:
    return OwnedProject(id=ProjectId(row.id), name=row.name, people=row.people)
