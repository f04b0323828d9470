"""Accounts: who the caller is, and short-lived credentials for sockets."""

from datetime import datetime
from typing import ClassVar

from protocol.ids import UserId
from protocol.model import Command, WireModel


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
