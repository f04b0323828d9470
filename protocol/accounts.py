"""Accounts: who the caller is, the caller's sign-ins and bearer tokens, and short-lived credentials for sockets.

Signing in itself needs no signed-in caller, so it is no command: see the pages below `/signin`.
"""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from protocol.ids import ProjectId, UserId
from protocol.model import Command, Empty, Event, WireModel


class Me(WireModel):
    """The caller."""

    id: UserId
    name: str
    email: str
    color: str


class WhoAmI(Command[Me]):
    """Who the caller is."""

    name: ClassVar[str] = "accounts/me"


class Ticket(WireModel):
    """Good for one handshake, until `expires_at`, for the project it was made in."""

    ticket: str
    expires_at: datetime


class CreateTicket(Command[Ticket]):
    """Make a credential for one handshake of a browser, which cannot send a header with it."""

    name: ClassVar[str] = "accounts/ticket"


class ProjectToken(WireModel):
    """Good for any number of handshakes in the project it was made in, until `expires_at`."""

    token: str
    expires_at: datetime


class CreateProjectToken(Command[ProjectToken]):
    """Make an expiring token for a client that uses the same credential at every reconnect, as stock providers do.

    It ends with the sign-in or the token it was made with, and allows no more than that does.
    """

    name: ClassVar[str] = "accounts/project_token"
    minutes: int = Field(default=60, ge=1, le=1440, description="Until it expires")


class Session(WireModel):
    """A sign-in. What it says of the browser and its address was told by them and proves nothing."""

    id: UUID
    method: str | None = Field(description="email, link, passkey or a provider; null: made by another program")
    user_agent: str | None
    address: str | None = Field(description="Network address of the sign-in")
    created_at: datetime
    last_seen_at: datetime | None = Field(description="To the minute")
    expires_at: datetime = Field(description="Moves on while the session is used")
    is_this: bool = Field(description="The session that asks")


class SessionList(WireModel):
    """One page of them."""

    sessions: list[Session]
    next: UUID | None = Field(description="The `after` of the following page; null when this is the last")


class ListSessions(Command[SessionList]):
    """The caller's own sessions, keyset paged. Needs a sign-in, not a bearer token."""

    name: ClassVar[str] = "accounts/sessions"
    after: UUID | None = None
    limit: int = Field(default=100, ge=1, le=500)


class RevokeSession(Command[Empty]):
    """End one of the caller's sessions, perhaps this one; its open sockets close. Needs a sign-in."""

    name: ClassVar[str] = "accounts/revoke_session"
    mutates: ClassVar[bool] = True
    id: UUID


class SignOutEverywhere(Command[Empty]):
    """End all of the caller's sessions and signed cookies. Bearer tokens remain. Needs a sign-in."""

    name: ClassVar[str] = "accounts/sign_out_everywhere"
    mutates: ClassVar[bool] = True
    keep_this: bool = Field(default=True, description="Leave the session that asks; a signed cookie always ends")


class Token(WireModel):
    """A bearer token, without its secret."""

    id: UUID
    label: str
    scopes: list[str]
    project_id: ProjectId | None = Field(description="The one project it is good for; null: all of the person's")
    created_at: datetime
    last_used_at: datetime | None = Field(description="To the minute")
    expires_at: datetime | None


class TokenList(WireModel):
    """One page of them."""

    tokens: list[Token]
    next: UUID | None = Field(description="The `after` of the following page; null when this is the last")


class ListTokens(Command[TokenList]):
    """The caller's tokens that are not revoked, oldest first, keyset paged. Needs a sign-in."""

    name: ClassVar[str] = "accounts/tokens"
    after: UUID | None = None
    limit: int = Field(default=100, ge=1, le=500)


class CreatedToken(WireModel):
    """A new bearer token."""

    secret: str | None = Field(description="Shown once; null when the command is repeated")
    token: Token


class CreateToken(Command[CreatedToken]):
    """Make a bearer token for programs. Needs a sign-in: a token cannot make another."""

    name: ClassVar[str] = "accounts/create_token"
    mutates: ClassVar[bool] = True
    label: str = Field(min_length=1, max_length=255, description="What it is for")
    scopes: list[Literal["read", "write"]] = Field(min_length=1, max_length=2)
    project_id: ProjectId | None = None
    days: int | None = Field(default=None, ge=1, le=3650, description="Until it expires; null: never")


class RevokeToken(Command[Empty]):
    """End one of the caller's tokens; sockets that it opened close. Needs a sign-in."""

    name: ClassVar[str] = "accounts/revoke_token"
    mutates: ClassVar[bool] = True
    id: UUID


class CredentialsEnded(Event):
    """Sign-ins of one person ended before their time; sockets that they opened are told and closed.

    Numbered among the person's events and announced in their room `user:<id>`.
    """

    name: ClassVar[str] = "accounts/ended"
    credentials: list[UUID] = Field(description="Ids of sessions and bearer tokens")
    signed_before: datetime | None = Field(
        default=None, description="Signed cookies issued before this moment have ended too"
    )
