"""Accounts: who the caller is, and short-lived credentials for sockets."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from protocol.ids import UserId
from protocol.model import Command, Event, WireModel


class Me(WireModel):
    id: UserId
    name: str
    email: str
    color: str


class WhoAmI(Command[Me]):
    name: ClassVar[str] = "accounts/me"


class Ticket(WireModel):
    """Good for one handshake, until `expires_at`, for the project it was made in."""

    ticket: str
    expires_at: datetime


class CreateTicket(Command[Ticket]):
    name: ClassVar[str] = "accounts/ticket"


class CredentialsEnded(Event):
    """Sign-ins of one person ended before their time; sockets that they opened are told and closed.

    Numbered among the person's events and announced in their room `user:<id>`.
    """

    name: ClassVar[str] = "accounts/ended"
    credentials: list[UUID] = Field(description="Ids of sessions and bearer tokens")
    signed_before: datetime | None = Field(
        default=None, description="Signed cookies issued before this moment have ended too"
    )
