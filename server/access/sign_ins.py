"""Who is behind a token or a session, remembered for a moment: a storm of reconnects asks the database once each."""

from protocol.ids import UserId
from server.access.credentials import Credentials, digest
from server.access.fresh import Fresh
from server.access.principal import Principal
from server.clock import Clock
from server.errors import Unauthenticated

CACHE_S = 1.0  # a revocation on another worker reaches handshakes here within this (P5)
CACHE_ENTRIES = 10_000

_Key = tuple[str, bytes]  # kind and SHA-256: no secret stays in memory


class SignIns:
    """Tickets are not here: each opens one door, once."""

    def __init__(self, credentials: Credentials, clock: Clock) -> None:
        self._credentials = credentials
        self._clock = clock
        self._principals: Fresh[_Key, Principal] = Fresh(clock, CACHE_S, CACHE_ENTRIES)

    async def of_token(self, token: str) -> Principal:
        """See `Credentials.of_token`."""
        key = ("token", digest(token))
        return self._holding(await self._principals.of(key, lambda: self._credentials.of_token(token)))

    async def of_session(self, session_token: str) -> Principal:
        """See `Credentials.of_session`."""
        key = ("session", digest(session_token))
        return self._holding(await self._principals.of(key, lambda: self._credentials.of_session(session_token)))

    def forget(self, user_id: UserId) -> None:
        """A credential of this person ended, or the person changed: look at all of theirs anew, at once."""
        self._principals.forget(lambda _: False, lambda principal: principal.user_id == user_id)

    def forget_session(self, session_token: str) -> None:
        """This session ended."""
        key = ("session", digest(session_token))
        self._principals.forget(lambda other: other == key)

    def _holding(self, principal: Principal) -> Principal:
        """An end that comes while the answer is remembered is kept to the moment."""
        if principal.expires_at is not None and principal.expires_at <= self._clock.now():
            raise Unauthenticated("Your sign-in has ended. Sign in again.")
        return principal
