"""The caller's own sessions: list them, end one, end all."""

from dataclasses import dataclass
from uuid import UUID

from protocol.accounts import ListSessions, RevokeSession, Session, SessionList, SignOutEverywhere
from protocol.model import Empty
from server.access.principal import CredentialKind, Principal
from server.errors import NotFound
from server.feature import Call, Result, Services
from server.features.accounts.ending import ended
from server.features.accounts.own_affairs import signed_in
from server.store import accounts, tokens
from server.store.audit import append_audit
from server.store.db import Transaction

FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class SessionCommands:
    services: Services

    async def list(self, call: Call, command: ListSessions) -> Result[SessionList]:
        principal = signed_in(call)
        async with self.services.db.acquire() as connection:
            rows = await accounts.list_sessions.all(
                connection,
                user_id=principal.user_id,
                after_id=command.after or FIRST,
                now=self.services.clock.now(),
                limit=command.limit,
            )
        is_last = len(rows) < command.limit
        sessions = [_session(row, _current(principal)) for row in rows]
        return Result(SessionList(sessions=sessions, next=None if is_last else rows[-1].id))

    async def revoke(self, call: Call, command: RevokeSession) -> Result[Empty]:
        principal, tx = signed_in(call), call.transaction
        gone = await accounts.remove_session.all(tx, session_id=command.id, user_id=principal.user_id)
        if not gone:
            raise NotFound("You have no such session; it may have ended already.")
        await _note(tx, principal, "accounts/session_revoked", str(command.id))
        return Result(Empty(), await ended(tx, principal.user_id, gone))

    async def sign_out_everywhere(self, call: Call, command: SignOutEverywhere) -> Result[Empty]:
        principal, tx, now = signed_in(call), call.transaction, self.services.clock.now()
        kept_id = _current(principal) if command.keep_this else None
        gone = await accounts.remove_sessions.all(tx, user_id=principal.user_id, kept_id=kept_id)
        gone += await tokens.revoke_signed.all(tx, user_id=principal.user_id, now=now)
        await accounts.end_signed.run(tx, user_id=principal.user_id, now=now)
        await _note(tx, principal, "accounts/signed_out_everywhere", str(principal.user_id))
        return Result(Empty(), await ended(tx, principal.user_id, gone, signed_before=now))


def _current(principal: Principal) -> UUID | None:
    credential = principal.credential
    return None if credential is None or credential.kind is not CredentialKind.SESSION else credential.id


def _session(row: accounts.OwnSessionRow, current_id: UUID | None) -> Session:
    return Session(
        id=row.id,
        method=row.method,
        user_agent=row.user_agent,
        address=row.address,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires,
        is_this=row.id == current_id,
    )


async def _note(tx: Transaction, principal: Principal, action: str, subject: str) -> None:
    await append_audit(tx, actor_id=principal.user_id, action=action, subject=subject)
