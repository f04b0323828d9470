"""Bearer tokens and single-use tickets, as rows; only SHA-256 hashes of the secrets come here."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.queries import query


@dataclass(frozen=True, slots=True)
class BearerRow:
    """A token that still holds and its person; `project_id` narrows it to one project."""

    id: UUID
    user_id: UUID
    project_id: UUID | None
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    name: str | None
    email: str | None
    image: str | None
    is_guest: bool
    color: str | None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its owner sees it in a list."""

    id: UUID
    project_id: UUID | None
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket that was just used up, its person, and the sign-in it was made with."""

    user_id: UUID
    project_id: UUID | None
    scopes: tuple[str, ...]
    credential_ends_at: datetime | None
    session_id: UUID | None
    token_id: UUID | None
    signed_at: datetime | None
    name: str | None
    email: str | None
    image: str | None
    is_guest: bool
    color: str | None


create_token = query("tokens.create", UUID)
create_derived_token = query("tokens.create_derived", UUID)
find_bearer = query("tokens.find_bearer", BearerRow)
touch_token = query("tokens.touch")
list_my_tokens = query("tokens.list_mine", TokenRow)
count_my_tokens = query("tokens.count_mine", int)
revoke_token = query("tokens.revoke", UUID)
revoke_signed = query("tokens.revoke_signed", UUID)
expire_tokens = query("tokens.expire_tokens")
create_ticket = query("tokens.create_ticket")
consume_ticket = query("tokens.consume_ticket", TicketRow)
expire_tickets = query("tokens.expire_tickets")
