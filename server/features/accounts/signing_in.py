"""Every way to sign in ends here: a session in the database, its token for a cookie, a line in the audit."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from protocol.ids import UserId
from server.access.secrets import SECRET_BYTES
from server.clock import Clock
from server.features.accounts.ending import ended
from server.hub.effects import Effects
from server.settings import Settings
from server.store import accounts
from server.store.audit import append_audit
from server.store.db import Transaction

MAX_USER_AGENT = 500  # characters; the column holds no more
MAX_ADDRESS = 64


@dataclass(frozen=True, slots=True)
class SignIn:
    """How and from where somebody signs in, as their list of sessions shows it; the browser is their word."""

    method: str
    user_agent: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """`token` goes into the cookie and nowhere else; `effects` end the sessions that were one too many."""

    token: str
    effects: Effects


async def start_session(tx: Transaction, settings: Settings, clock: Clock, user_id: UserId, sign_in: SignIn) -> Started:
    """Make a session; past the limit of sessions per person the oldest end."""
    now = clock.now()
    token, expires = secrets.token_urlsafe(SECRET_BYTES), now + timedelta(days=settings.session_days)
    session_id = await accounts.create_session.one(
        tx,
        session_token=token,
        user_id=user_id,
        expires=expires,
        now=now,
        method=sign_in.method,
        user_agent=sign_in.user_agent and sign_in.user_agent[:MAX_USER_AGENT],
        address=sign_in.address and sign_in.address[:MAX_ADDRESS],
    )
    surplus = await accounts.remove_oldest_sessions.all(tx, user_id=user_id, keep=settings.sessions_per_person)
    await append_audit(
        tx,
        actor_id=user_id,
        action="accounts/signed_in",
        subject=str(session_id),
        details={"method": sign_in.method},
    )
    return Started(token, await ended(tx, user_id, surplus))
