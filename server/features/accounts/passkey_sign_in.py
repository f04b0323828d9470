"""Signing in with a passkey: the browser offers those it knows, the signature says who it is."""

from dataclasses import dataclass

import structlog
from prometheus_client import Counter

from protocol.accounts import PasskeyOptions
from protocol.ids import UserId
from server.access.passkeys import (
    RelyingParty,
    challenge_of,
    credential_id_of,
    credential_of,
    proven,
    sign_in_options,
)
from server.errors import Unauthenticated
from server.feature import Services
from server.features.accounts.challenges import Challenges
from server.features.accounts.signing_in import SignIn, Started, start_session
from server.store import passkeys
from server.store.audit import append_audit
from server.store.db import Transaction

METHOD = "passkey"
UNKNOWN = "This server does not know this passkey. Sign in another way; then you can add it again."
COPIED = (
    "This passkey was refused: its counter went back, as if somebody had a copy of it. Sign in another way, "
    "remove it from your account, and add a new one."
)

log = structlog.get_logger(__name__)

_set_back = Counter("flashio_passkey_counters_back_total", "Sign-ins refused because a passkey's counter went back")


@dataclass(frozen=True, slots=True)
class PasskeySignIn:
    services: Services

    async def ask(self) -> PasskeyOptions:
        """What a browser needs to sign somebody in.

        Raises:
            Forbidden: this server has no name of its own.
            LimitReached: too many are asked for already.
        """
        party = RelyingParty.of(self.services.settings.public_url)
        challenge = await Challenges(self.services).make(None)
        return PasskeyOptions(options=sign_in_options(party, challenge), origin=party.origin)

    async def confirm(self, text: str, sign_in: SignIn) -> Started:
        """Sign in whose passkey made this answer, JSON of the browser's credential. Its challenge is used up.

        Raises:
            Invalid: it is no such answer.
            Unauthenticated: the passkey is unknown here, did not sign the challenge, or its counter went back.
        """
        party, credential = RelyingParty.of(self.services.settings.public_url), credential_of(text)
        challenge, credential_id = challenge_of(credential), credential_id_of(credential)
        async with self.services.db.transaction() as tx:
            await Challenges(self.services).take(tx, challenge, None)
        async with self.services.db.transaction() as tx:
            key = await passkeys.find_passkey.maybe(tx, credential_id=credential_id)
            if key is None:
                raise Unauthenticated(UNKNOWN)
            proof = proven(party, credential, challenge, owner=key.user_id, public_key=key.public_key)
            advanced = await passkeys.count_up.maybe(
                tx,
                passkey_id=key.id,
                counter=proof.counter,
                is_backed_up=proof.is_backed_up,
                now=self.services.clock.now(),
            )
            if advanced:
                return await start_session(
                    tx, self.services.settings, self.services.clock, UserId(key.user_id), sign_in
                )
            await self._note_copy(tx, key, proof.counter)
        raise Unauthenticated(COPIED)

    async def _note_copy(self, tx: Transaction, key: passkeys.KeyRow, counter: int) -> None:
        """Somebody signed with a key whose counter was further along: one of the two is a copy."""
        _set_back.inc()
        log.warning("passkey counter went back", passkey=str(key.id), person=str(key.user_id))
        await append_audit(
            tx,
            actor_id=key.user_id,
            action="accounts/passkey_refused",
            subject=str(key.id),
            details={"counter": counter},
        )
