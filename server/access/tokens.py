"""Bearer tokens as they are made and ended; whoever may do so was asked before."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from protocol.ids import ProjectId, UserId
from server.access.principal import CredentialKind, Principal
from server.access.secrets import SECRET_BYTES, digest
from server.errors import Forbidden
from server.store import tokens
from server.store.audit import append_audit
from server.store.db import Transaction

TOKEN_PREFIX = "flash_"  # noqa: S105 - lets secret scanners find a leaked token


@dataclass(frozen=True, slots=True)
class WantedToken:
    """`project_id` None: every project of the person; `expires_at` None: until it is revoked."""

    name: str
    scopes: frozenset[str]
    project_id: ProjectId | None = None
    expires_at: datetime | None = None


async def add_token(tx: Transaction, user_id: UserId, wanted: WantedToken, *, by: UserId | None) -> tuple[str, UUID]:
    """Make a token and return it with its id. Only its hash is kept, so this is the one time it is seen."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token_id = await tokens.create_token.one(
        tx,
        user_id=user_id,
        project_id=wanted.project_id,
        name=wanted.name,
        token_hash=digest(secret),
        scopes=sorted(wanted.scopes),
        expires_at=wanted.expires_at,
    )
    await _note_made(tx, token_id, user_id, wanted, by=by)
    return secret, token_id


async def add_derived_token(tx: Transaction, principal: Principal, wanted: WantedToken) -> str:
    """Make a token that ends when the sign-in or the token does that it is made with.

    Raises:
        Forbidden: the caller came by such a token, or by nothing that can end.
    """
    refused = Forbidden("A project token makes no other. Ask for one with the sign-in or the token it came from.")
    credential, secret = principal.credential, TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    if credential is None:
        raise refused
    kind = credential.kind
    made = await tokens.create_derived_token.maybe(
        tx,
        user_id=principal.user_id,
        project_id=wanted.project_id,
        name=wanted.name,
        token_hash=digest(secret),
        scopes=sorted(wanted.scopes),
        expires_at=wanted.expires_at,
        session_id=credential.id if kind is CredentialKind.SESSION else None,
        parent_id=credential.id if kind is CredentialKind.TOKEN else None,
        signed_at=credential.signed_at if kind is CredentialKind.SIGNED else None,
    )
    if made is None:
        raise refused
    await _note_made(tx, made, principal.user_id, wanted, by=principal.user_id)
    return secret


async def end_token(
    tx: Transaction, user_id: UserId, token_id: UUID, now: datetime, *, by: UserId | None
) -> list[UUID]:
    """Revoke a token of this person and what was derived from it, and return all their ids.

    None are returned when the person has no such token, or it is revoked already.
    """
    gone = await tokens.revoke_token.all(tx, token_id=token_id, user_id=user_id, now=now)
    if not gone:
        return gone
    await append_audit(tx, actor_id=by, person_id=user_id, action="accounts/token_revoked", subject=str(token_id))
    return gone


async def _note_made(
    tx: Transaction, token_id: UUID, user_id: UserId, wanted: WantedToken, *, by: UserId | None
) -> None:
    await append_audit(
        tx,
        actor_id=by,
        person_id=user_id,
        project_id=wanted.project_id,
        action="accounts/token_created",
        subject=str(token_id),
        details={"name": wanted.name, "scopes": sorted(wanted.scopes)},
    )
