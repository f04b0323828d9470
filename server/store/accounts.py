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
    last_seen_at: datetime | None
    expires: datetime


@dataclass(frozen=True, slots=True)
class OwnSessionRow:
    """A session as its owner sees it in a list."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime | None
    expires: datetime
    method: str | None
    user_agent: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class SignedUserRow:
    """A person whom another program signs in; cookies that it signed before `valid_after` do not hold."""

    id: UUID
    name: str | None
    email: str | None
    valid_after: datetime | None
    color: str | None


@dataclass(frozen=True, slots=True)
class OwnedProjectRow:
    """A project of somebody; `people` counts the others in it."""

    id: UUID
    name: str
    people: int


create_user = query("accounts.create_user", UUID)
create_guest = query("accounts.create_guest", UUID)
count_guests = query("accounts.count_guests", int)
expire_guests = query("accounts.expire_guests")
get_user = query("accounts.get_user", UserRow)
find_user_by_email = query("accounts.find_user_by_email", UserRow)
delete_user = query("accounts.delete_user")
update_profile = query("accounts.update_profile")
list_owned = query("accounts.list_owned", OwnedProjectRow)
lock_owned = query("accounts.lock_owned", UUID)
list_joined = query("accounts.list_joined", UUID)
verify_email = query("accounts.verify_email")
create_session = query("accounts.create_session", UUID)
find_session = query("accounts.find_session", SessionRow)
touch_session = query("accounts.touch_session")
list_sessions = query("accounts.list_sessions", OwnSessionRow)
remove_session = query("accounts.remove_session", UUID)
remove_sessions = query("accounts.remove_sessions", UUID)
remove_oldest_sessions = query("accounts.remove_oldest_sessions", UUID)
end_signed = query("accounts.end_signed")
expire_sessions = query("accounts.expire_sessions")
find_signed_user = query("accounts.find_signed_user", SignedUserRow)
find_linked_user = query("accounts.find_linked_user", SignedUserRow)
lock_account = query("accounts.lock_account", bool)
link_account = query("accounts.link_account")
