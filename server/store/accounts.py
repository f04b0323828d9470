"""People and their sessions, as rows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.queries import query


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person, or a guest, who has a name, a colour and an end."""

    id: UUID
    name: str | None
    email: str | None
    email_verified: datetime | None
    image: str | None
    is_guest: bool
    color: str | None
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SessionRow:
    """Who is behind a session that still holds."""

    id: UUID
    user_id: UUID
    name: str | None
    email: str | None
    image: str | None
    is_guest: bool
    color: str | None
    created_at: datetime
    expires: datetime


create_user = query("accounts.create_user", UUID)
create_guest = query("accounts.create_guest", UUID)
get_user = query("accounts.get_user", UserRow)
find_user_by_email = query("accounts.find_user_by_email", UserRow)
delete_user = query("accounts.delete_user")
create_session = query("accounts.create_session")
find_session = query("accounts.find_session", SessionRow)
extend_session = query("accounts.extend_session")
delete_session = query("accounts.delete_session")
delete_sessions_of_user = query("accounts.delete_sessions_of_user")
expire_sessions = query("accounts.expire_sessions")
