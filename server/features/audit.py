"""The audit as people read it: of their own account, and of a project that they manage."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from protocol.audit import AuditEntry, AuditPage, AuditPerson, ListOwnAudit, ListProjectAudit
from protocol.ids import ProjectId, UserId
from protocol.page_mark import encode_mark
from server.access.own_sign_in import check_signed_in
from server.access.people import shown_name
from server.access.roles import SIGNED_IN, Ability
from server.feature import Call, CommandSpec, Feature, Home, Job, Result, Services, marked
from server.store import audit as store
from server.store.expiry import expire

EXPIRY_INTERVAL_S = 3600.0


@dataclass(frozen=True, slots=True)
class Commands:
    services: Services

    async def mine(self, call: Call, command: ListOwnAudit) -> Result[AuditPage]:
        principal = call.caller.principal
        check_signed_in(principal)
        before_created_at, before_id = marked(command.after)
        async with self.services.db.acquire() as connection:
            rows = await store.list_person_audit.all(
                connection,
                person_id=principal.user_id,
                before_created_at=before_created_at,
                before_id=before_id,
                limit=command.limit,
            )
        return Result(_page(rows, command.limit, asker=principal.user_id))

    async def project(self, call: Call, command: ListProjectAudit) -> Result[AuditPage]:
        before_created_at, before_id = marked(command.after)
        async with self.services.db.acquire() as connection:
            rows = await store.list_project_audit.all(
                connection,
                project_id=call.caller.project_id,
                before_created_at=before_created_at,
                before_id=before_id,
                limit=command.limit,
            )
        return Result(_page(rows, command.limit, asker=call.caller.principal.user_id))

    async def expire(self) -> None:
        """Forget what happened long ago."""
        before = self.services.clock.now() - timedelta(days=self.services.settings.audit_days)
        await expire(self.services.db, store.expire_audit, before=before)


def build(services: Services) -> Feature:
    commands = Commands(services)
    return Feature(
        slug="audit",
        commands=(
            CommandSpec(ListOwnAudit, commands.mine, SIGNED_IN),
            CommandSpec(ListProjectAudit, commands.project, Ability.MANAGE),
        ),
        jobs=(Job("expire audit", EXPIRY_INTERVAL_S, commands.expire, Home.WORKER),),
    )


def _page(rows: list[store.AuditRow], limit: int, *, asker: UserId) -> AuditPage:
    following = None if len(rows) < limit else encode_mark(rows[-1].created_at, rows[-1].id)
    return AuditPage(entries=[_entry(row, asker) for row in rows], next=following)


def _entry(row: store.AuditRow, asker: UserId) -> AuditEntry:
    """An address is told to nobody but who came from it: those who manage a project learn who, not from where."""
    return AuditEntry(
        id=row.id,
        action=row.action,
        actor=_person(row.actor_id, row.actor_name),
        person=_person(row.person_id, row.person_name),
        project_id=None if row.project_id is None else ProjectId(row.project_id),
        subject=row.subject,
        details=row.details,
        request_id=row.request_id,
        address=row.address if row.actor_id == asker else None,
        at=row.created_at,
    )


def _person(user_id: UUID | None, name: str | None) -> AuditPerson | None:
    return None if user_id is None else AuditPerson(id=UserId(user_id), name=shown_name(name, None))
