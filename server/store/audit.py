"""Who did what to whose rights, sessions and tokens, from where: rows that are only ever added. Never holds a secret.

`action` is `<feature slug>/<what happened>`, `subject` says to what: the id of a session, a token, a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.db import Transaction
from server.store.queries import query
from server.visit import current_visit


@dataclass(frozen=True, slots=True)
class AuditRow:
    """`actor_id` None: an operator, or a person whose account is gone."""

    id: UUID
    action: str
    actor_id: UUID | None
    actor_name: str | None
    person_id: UUID | None
    person_name: str | None
    project_id: UUID | None
    subject: str
    details: dict[str, object]
    request_id: str | None
    address: str | None
    created_at: datetime


insert_audit = query("audit.append")
list_project_audit = query("audit.list_of_project", AuditRow)
list_person_audit = query("audit.list_of_person", AuditRow)
forget_addresses = query("audit.forget_addresses")
expire_audit = query("audit.expire")


async def append_audit(
    tx: Transaction,
    *,
    actor_id: UUID | None,
    action: str,
    subject: str,
    project_id: UUID | None = None,
    person_id: UUID | None = None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write down a change in the transaction that makes it. `person_id`: whom it concerns; the actor when None."""
    visit = current_visit()
    await insert_audit.run(
        tx,
        actor_id=actor_id,
        person_id=person_id or actor_id,
        project_id=project_id,
        action=action,
        subject=subject,
        details=dict(details or {}),
        request_id=visit.request_id,
        address=visit.address,
    )
