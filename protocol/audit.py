"""The audit: who changed rights, sessions and tokens. Entries are added with the change itself and never altered."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from protocol.ids import ProjectId, UserId
from protocol.model import Command, WireModel
from protocol.page_mark import MAX_MARK


class AuditPerson(WireModel):
    """Somebody as they are called today; null in place of them stands for an operator or a deleted account."""

    id: UserId
    name: str


class AuditEntry(WireModel):
    """One change."""

    id: UUID
    action: str = Field(description="`<feature>/<what happened>`, such as `accounts/signed_in`")
    actor: AuditPerson | None = Field(description="Who did it")
    person: AuditPerson | None = Field(description="Whose account or rights it changed")
    project_id: ProjectId | None
    subject: str = Field(description="Id of what changed: a session, a token, a person, an invitation")
    details: dict[str, object] = Field(description="What the change was; the names of its fields follow the action")
    request_id: str | None = Field(description="X-Request-ID of the request, or of the handshake of the socket")
    address: str | None = Field(description="Network address it came from; told only of the caller's own changes")
    at: datetime


class AuditPage(WireModel):
    """One page of them."""

    entries: list[AuditEntry]
    next: str | None = Field(description="The `after` of the following page; null when this is the last")


class ListOwnAudit(Command[AuditPage]):
    """What changed about the caller's own sign-ins, tokens and rights, newest first. Needs a sign-in."""

    name: ClassVar[str] = "audit/mine"
    limit: int = Field(default=50, ge=1, le=200)
    after: str | None = Field(default=None, max_length=MAX_MARK, description="`next` of the page before")


class ListProjectAudit(Command[AuditPage]):
    """Who changed rights in the project, newest first."""

    name: ClassVar[str] = "audit/project"
    limit: int = Field(default=50, ge=1, le=200)
    after: str | None = Field(default=None, max_length=MAX_MARK, description="`next` of the page before")
