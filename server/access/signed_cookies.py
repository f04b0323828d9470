"""Who is behind a cookie that Auth.js signed: somebody of the database that both share, or of theirs alone."""

from dataclasses import dataclass
from uuid import UUID

from protocol.ids import UserId
from server.access.authjs import AuthJsSecrets, SignedClaims
from server.access.people import mail_address, shown_name
from server.access.principal import EVERY_SCOPE, Credential, CredentialKind, Principal
from server.clock import Clock
from server.errors import Invalid, Unauthenticated
from server.settings import Settings
from server.store import accounts
from server.store.db import Database, Transaction

PROVIDER = "authjs"  # of `accounts`, for people whom the other program knows by a subject of its own
UNDATED = (
    "You signed out everywhere, and your sign-in does not say whether it began after that. "
    "Ask the operator to let Auth.js set auth_time (docs/authjs.md)."
)
MAX_NAME = 255  # characters; the column holds no more


@dataclass(frozen=True, slots=True)
class SignedCookies:
    db: Database
    clock: Clock
    settings: Settings

    async def principal(self, cookie_name: str, value: str) -> Principal:
        """The person of a signed cookie. One issued before the person's `valid_after` does not hold.

        Invariant: of who ever signed out everywhere only cookies that say when the person signed in are taken: any
        other may be the renewed form of one that was to end.

        Raises:
            Unauthenticated: it does not hold, or its person is nobody here.
        """
        secrets = AuthJsSecrets(self.settings.authjs_secrets, self.settings.authjs_audience)
        claims = secrets.read(cookie_name, value, self.clock.now())
        user = await self._user(claims)
        if user is None:
            raise Unauthenticated("This server does not know you. Ask its operator.")
        if user.valid_after is not None and claims.signed_at < user.valid_after:
            raise Unauthenticated("You signed out everywhere. Sign in again.")
        if user.valid_after is not None and claims.is_renewable:
            raise Unauthenticated(UNDATED)
        return Principal(
            UserId(user.id),
            shown_name(user.name, user.email),
            user.email or "",
            EVERY_SCOPE,
            None,
            claims.expires_at,
            credential=Credential(CredentialKind.SIGNED, None, claims.signed_at),
            color=user.color,
        )

    async def _user(self, claims: SignedClaims) -> accounts.SignedUserRow | None:
        if self.settings.authjs_shares == "database":
            user_id = _uuid(claims.subject)
            if user_id is None:
                return None
            async with self.db.acquire() as connection:
                return await accounts.find_signed_user.maybe(connection, user_id=user_id)
        async with self.db.transaction() as tx:
            linked = await accounts.find_linked_user.maybe(tx, provider=PROVIDER, subject=claims.subject)
            return linked or await self._linked(tx, claims)

    async def _linked(self, tx: Transaction, claims: SignedClaims) -> accounts.SignedUserRow | None:
        """Who has the address, if its owner was proven elsewhere; else somebody new."""
        # Two cookies of one new person may come at once.
        await accounts.lock_account.one(tx, provider=PROVIDER, subject=claims.subject)
        linked = await accounts.find_linked_user.maybe(tx, provider=PROVIDER, subject=claims.subject)
        if linked is not None:
            return linked
        email = _address(claims.email) if self.settings.authjs_trusts_email else None
        user = None if email is None else await accounts.find_user_by_email.maybe(tx, email=email)
        if user is None and self.settings.sign_up == "nobody":
            return None
        user_id = user.id if user is not None else await self._made(tx, claims, email)
        await accounts.link_account.run(
            tx, user_id=user_id, type="oidc", provider=PROVIDER, provider_account_id=claims.subject
        )
        return await accounts.find_linked_user.maybe(tx, provider=PROVIDER, subject=claims.subject)

    async def _made(self, tx: Transaction, claims: SignedClaims, email: str | None) -> UUID:
        name = claims.name and claims.name[:MAX_NAME]
        user_id = await accounts.create_user.one(tx, email=email, name=name, image=None)
        if email is not None:
            await accounts.verify_email.run(tx, user_id=user_id, now=self.clock.now())
        return user_id


def is_signed(value: str) -> bool:
    """Whether the value is encrypted claims (RFC 7516 section 3.1: five parts), and not the token of a session."""
    return value.count(".") == 4


def _uuid(subject: str) -> UUID | None:
    try:
        return UUID(subject)
    except ValueError:
        return None


def _address(email: str | None) -> str | None:
    try:
        return None if email is None else mail_address(email)
    except Invalid:
        return None
