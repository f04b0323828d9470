"""Who is calling: the person and what their credential allows, independent of any project."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from protocol.ids import ProjectId, UserId
from protocol.session import Person

# Distinct hues of similar lightness that keep a white name flag readable (contrast at least 4.5:1) in both themes.
COLORS = (
    "#b3261e",
    "#8a5000",
    "#5f6300",
    "#2e6b27",
    "#00696d",
    "#00639b",
    "#3f51b5",
    "#6b4ea2",
    "#8e3a8a",
    "#a8325e",
    "#7a4a3a",
    "#47617a",
)
LIGHT_ALPHA = "33"  # 20 % opacity, for selections

EVERY_SCOPE = frozenset({"read", "write"})


class CredentialKind(StrEnum):
    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - a kind, not a secret
    SIGNED = "signed"  # a cookie that carries its own proof and has no row


@dataclass(frozen=True, slots=True)
class Credential:
    """Which sign-in stands behind a principal, also when a ticket made with it opened the socket.

    `id` is the row's; a signed cookie has none and ends when the person's `valid_after` passes `signed_at`.
    """

    kind: CredentialKind
    id: UUID | None
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Principal:
    """`project_id` narrows the credential to one project; `expires_at` ends it on open sockets too.

    `credential` None: made inside the server, for work without a sign-in. `color` None: the one that follows from who
    they are; a guest has one of their own.
    """

    user_id: UserId
    name: str
    email: str
    scopes: frozenset[str] = EVERY_SCOPE
    project_id: ProjectId | None = None
    expires_at: datetime | None = None
    is_by_ticket: bool = False
    credential: Credential | None = None
    color: str | None = None
    is_guest: bool = False


def person(principal: Principal) -> Person:
    """The identity that others see; the colour is stable per person."""
    color = principal.color or color_of(principal.user_id)
    return Person(id=principal.user_id, name=principal.name, color=color, color_light=color + LIGHT_ALPHA)


def color_of(user_id: UserId) -> str:
    return COLORS[hashlib.sha256(user_id.bytes).digest()[0] % len(COLORS)]
