"""What passkeys sign: random, single use, short-lived, and for one person where that is known."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from prometheus_client import Counter

from protocol.ids import UserId
from server.access.secrets import SECRET_BYTES
from server.errors import LimitReached, Unauthenticated
from server.feature import Services
from server.store import passkeys
from server.store.db import Transaction

_refused = Counter("flashio_passkey_challenges_refused_total", "Passkeys not asked for because too many were already")


@dataclass(frozen=True, slots=True)
class Challenges:
    services: Services

    async def make(self, user_id: UserId | None) -> bytes:
        """A challenge for this person, or for whoever signs in.

        Raises:
            LimitReached: too many wait for their answer.
        """
        settings, now = self.services.settings, self.services.clock.now()
        limit, challenge = settings.passkey_challenge_limit, secrets.token_bytes(SECRET_BYTES)
        async with self.services.db.transaction() as tx:
            if await passkeys.count_challenges.one(tx, now=now, limit=limit) >= limit:
                _refused.inc()
                raise LimitReached("Too many people use passkeys at this moment. Try again in some minutes.")
            await passkeys.create_challenge.run(
                tx,
                challenge_hash=sha256(challenge).digest(),
                user_id=user_id,
                expires_at=now + timedelta(seconds=settings.passkey_challenge_s),
            )
        return challenge

    async def take(self, tx: Transaction, challenge: bytes, user_id: UserId | None) -> None:
        """Use a challenge up.

        Raises:
            Unauthenticated: it was answered already, is too old, or never was this person's.
        """
        is_good = await passkeys.consume_challenge.maybe(
            tx, challenge_hash=sha256(challenge).digest(), user_id=user_id, now=self.services.clock.now()
        )
        if not is_good:
            raise Unauthenticated("That took too long, or it was sent twice. Try again.")
