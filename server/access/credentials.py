"""From what a client presents to who it is: bearer tokens, single-use tickets, session cookies. Stored hashed.

A session token is stored as it is, because Auth.js shares that table.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from protocol.ids import ProjectId, UserId
from server.access.people import shown_name
from server.access.principal import EVERY_SCOPE, Credential, CredentialKind, Principal
from server.access.secrets import SECRET_BYTES, digest
from server.access.tokens import WantedToken, add_token
from server.clock import Clock
from server.errors import Forbidden, Unauthenticated
from server.store import accounts, tokens
from server.store.db import Database

TOUCH_EVERY = timedelta(minutes=1)  # when a sign-in was last used is written no more often
SLIDE_AFTER = timedelta(hours=24)  # a session's end moves once it is this much older than a new one's
TOKENS_PAGE = 100
FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Credentials:
    db: Database
    clock: Clock
    session_days: int = 30

    async def of_token(self, token: str) -> Principal:
        """The holder of a bearer token.

        Raises:
            Unauthenticated: unknown, revoked or expired.
        """
        async with self.db.acquire() as connection:
            now = self.clock.now()
            row = await tokens.find_bearer.maybe(connection, token_hash=digest(token), now=now)
            if row is not None and (row.last_used_at is None or now - row.last_used_at > TOUCH_EVERY):
                await tokens.touch_token.run(connection, token_id=row.id, now=now, at_most_every=TOUCH_EVERY)
        if row is None:
            raise Unauthenticated("This token is unknown, revoked or expired. Make a new one.")
        project_id = None if row.project_id is None else ProjectId(row.project_id)
        principal = _principal(row, frozenset(row.scopes), project_id, row.expires_at)
        return replace(principal, credential=Credential(CredentialKind.TOKEN, row.id, row.created_at))

    async def of_ticket(self, ticket: str) -> Principal:
        """The holder of a ticket, which is used up by this.

        Raises:
            Unauthenticated: unknown, used or expired.
        """
        async with self.db.transaction() as tx:
            row = await tokens.consume_ticket.maybe(tx, token_hash=digest(ticket), now=self.clock.now())
        if row is None:
            raise Unauthenticated("This ticket is unknown, used or expired. Fetch a new one.")
        project_id = None if row.project_id is None else ProjectId(row.project_id)
        principal = _principal(row, frozenset(row.scopes), project_id, row.credential_ends_at)
        return replace(principal, is_by_ticket=True, credential=_credential_of(row))

    async def of_session(self, session_token: str) -> Principal:
        """The person behind a session cookie; a session that is used moves its end.

        Raises:
            Unauthenticated: unknown or expired.
        """
        async with self.db.acquire() as connection:
            now = self.clock.now()
            row = await accounts.find_session.maybe(connection, session_token=session_token, now=now)
            if row is None:
                raise Unauthenticated("Your sign-in has ended. Sign in again.")
            expires = self._slid(row.expires, now)
            if expires > row.expires or row.last_seen_at is None or now - row.last_seen_at > TOUCH_EVERY:
                await accounts.touch_session.run(connection, session_id=row.id, now=now, expires=expires)
        principal = _principal(row, EVERY_SCOPE, None, expires)
        return replace(principal, credential=Credential(CredentialKind.SESSION, row.id, row.created_at))

    def _slid(self, expires: datetime, now: datetime) -> datetime:
        """The end of a session that is used now; moved at most once a day, so that most uses write nothing."""
        fresh = now + timedelta(days=self.session_days)
        return fresh if fresh - expires > SLIDE_AFTER else expires

    async def make_token(self, user_id: UserId, name: str, scopes: frozenset[str], days: int | None = None) -> str:
        """Make a bearer token for somebody, as an operator does, and return it: this is the one time it is seen."""
        expires_at = None if days is None else self.clock.now() + timedelta(days=days)
        async with self.db.transaction() as tx:
            secret, _ = await add_token(tx, user_id, WantedToken(name, scopes, None, expires_at), by=None)
        return secret

    async def tokens_of(self, user_id: UserId) -> list[tokens.TokenRow]:
        """A person's tokens that are not revoked, oldest first."""
        found: list[tokens.TokenRow] = []
        async with self.db.acquire() as connection:
            while True:
                after = found[-1].id if found else FIRST
                page = await tokens.list_my_tokens.all(connection, user_id=user_id, after_id=after, limit=TOKENS_PAGE)
                found += page
                if len(page) < TOKENS_PAGE:
                    return found

    async def make_ticket(self, principal: Principal, project_id: ProjectId, ticket_s: float) -> tuple[str, datetime]:
        """Make a ticket for one handshake of this person in one project; what it opens ends with their credential.

        Raises:
            Forbidden: they came by a ticket themselves, and tickets without end would outlive what they stand for.
        """
        if principal.is_by_ticket:
            raise Forbidden("A socket that a ticket opened makes no tickets. Use the token or the session.")
        ticket, expires = secrets.token_urlsafe(SECRET_BYTES), self.clock.now() + timedelta(seconds=ticket_s)
        async with self.db.transaction() as tx:
            await tokens.create_ticket.run(
                tx,
                token_hash=digest(ticket),
                user_id=principal.user_id,
                project_id=project_id,
                scopes=sorted(principal.scopes),
                expires_at=expires,
                credential_ends_at=principal.expires_at,
                **_ticket_columns(principal.credential),
            )
        return ticket, expires


class _PersonRow(Protocol):
    @property
    def user_id(self) -> UUID: ...
    @property
    def name(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...
    @property
    def color(self) -> str | None: ...
    @property
    def is_guest(self) -> bool: ...


def _principal(
    row: _PersonRow, scopes: frozenset[str], project_id: ProjectId | None, expires_at: datetime | None
) -> Principal:
    name = shown_name(row.name, row.email)
    return Principal(
        UserId(row.user_id),
        name,
        row.email or "",
        scopes,
        project_id,
        expires_at,
        color=row.color,
        is_guest=row.is_guest,
    )


def _ticket_columns(credential: Credential | None) -> dict[str, object]:
    """Where a ticket remembers the sign-in that it ends with."""
    if credential is None:
        return {"session_id": None, "token_id": None, "signed_at": None}
    return {
        "session_id": credential.id if credential.kind is CredentialKind.SESSION else None,
        "token_id": credential.id if credential.kind is CredentialKind.TOKEN else None,
        "signed_at": credential.signed_at,
    }


def _credential_of(row: tokens.TicketRow) -> Credential | None:
    if row.signed_at is None:
        return None
    if row.session_id is not None:
        return Credential(CredentialKind.SESSION, row.session_id, row.signed_at)
    if row.token_id is not None:
        return Credential(CredentialKind.TOKEN, row.token_id, row.signed_at)
    return Credential(CredentialKind.SIGNED, None, row.signed_at)
