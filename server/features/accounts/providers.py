"""Signing in with a provider: begun in one browser, finished in the same one, once; and adding one to an account."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from prometheus_client import Counter

from protocol.ids import UserId
from server.access.people import mail_address
from server.access.secrets import SECRET_BYTES, digest
from server.access.vault import Vault
from server.errors import Conflict, FlashError, Forbidden, Invalid, NotFound, Unauthenticated
from server.feature import Services
from server.features.accounts.kept_tokens import keep_tokens
from server.features.accounts.signing_in import SignIn, Started, start_session
from server.identity.port import Attempt, Identity, Provider
from server.store import accounts
from server.store import providers as store
from server.store.audit import append_audit
from server.store.db import Transaction

PATH = "/signin/with"  # of PUBLIC_URL; each provider has an address of its own to come back to (RFC 9700 section 4.4.2)
ANY_PROVIDER = None
MAX_PICTURE = 2048  # characters of an address

_outcomes = Counter("flashio_provider_sign_ins_total", "Returns from providers by outcome", ["provider", "outcome"])


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back in the address. `sender`: the `iss` of RFC 9207; `error`: a provider's own word."""

    state: str
    code: str | None
    sender: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Finished:
    """`started` None: nobody signed in; the provider was added to the account of who was."""

    next_path: str
    started: Started | None


@dataclass(frozen=True, slots=True)
class ProviderSignIns:
    services: Services
    providers: Sequence[Provider]
    vault: Vault

    async def begin(self, slug: str, browser: str, next_path: str, user_id: UserId | None) -> str:
        """Where to send a browser that keeps the secret `browser`; with `user_id` to add the provider to an account.

        Raises:
            NotFound: there is no such provider.
            Unavailable: it does not answer.
        """
        provider = self._provider(slug)
        state = secrets.token_urlsafe(SECRET_BYTES)
        address = await provider.address(self._attempt(provider, state, browser))
        async with self.services.db.transaction() as tx:
            await store.create_attempt.run(
                tx,
                attempt_hash=_attempt_hash(state, browser),
                provider=provider.key,
                next_path=next_path,
                user_id=user_id,
                expires_at=self.services.clock.now() + timedelta(seconds=self.services.settings.provider_sign_in_s),
            )
        return address

    async def finish(
        self, slug: str, browser: str, returned: Returned, visit: SignIn, user_id: UserId | None
    ) -> Finished:
        """Somebody came back; `user_id` is who is signed in in this browser.

        Raises:
            NotFound: there is no such provider.
            Unauthenticated: this was not begun here, or the provider proves nothing.
            Unavailable: the provider does not answer.
            Forbidden: they said no there; or they are new, and this server takes nobody new.
            Conflict: the account there belongs to somebody else here.
        """
        provider = self._provider(slug)
        try:
            finished = await self._finished(provider, browser, returned, visit, user_id)
        except FlashError as error:
            _outcomes.labels(slug, str(error.code)).inc()
            raise
        _outcomes.labels(slug, "ok").inc()
        return finished

    async def _finished(
        self, provider: Provider, browser: str, returned: Returned, visit: SignIn, user_id: UserId | None
    ) -> Finished:
        begun = await self._consume(provider, browser, returned.state)
        _check_agreed(provider, returned)
        attempt = self._attempt(provider, returned.state, browser)
        identity = await provider.identify(returned.code or "", returned.sender, attempt)
        async with self.services.db.transaction() as tx:
            await accounts.lock_account.one(tx, provider=provider.key, subject=identity.subject)
            known = await accounts.find_linked_user.maybe(tx, provider=provider.key, subject=identity.subject)
            if begun.user_id is not None:
                await self._add(tx, provider, identity, begun.user_id, user_id, known)
                return Finished(begun.next_path, None)
            person = UserId(known.id) if known is not None else await self._join(tx, provider, identity)
            await keep_tokens(tx, self.vault, provider.key, identity)
            started = await start_session(tx, self.services.settings, self.services.clock, person, visit)
        return Finished(begun.next_path, started)

    async def _consume(self, provider: Provider, browser: str, state: str) -> store.AttemptRow:
        """Take the try out of the database: neither another browser nor another address can, and nobody twice."""
        async with self.services.db.transaction() as tx:
            begun = await store.consume_attempt.maybe(
                tx, attempt_hash=_attempt_hash(state, browser), now=self.services.clock.now()
            )
        if begun is None or begun.provider != provider.key:
            raise Unauthenticated(
                "This was begun in another browser or under another address, took too long, or was used already. "
                "Begin again."
            )
        return begun

    async def _add(
        self,
        tx: Transaction,
        provider: Provider,
        identity: Identity,
        wanted_by: UUID,
        user_id: UserId | None,
        known: accounts.SignedUserRow | None,
    ) -> None:
        if wanted_by != user_id:
            raise Unauthenticated(f"Sign in again before you add {provider.name} to your account.")
        if known is not None and known.id != user_id:
            raise Conflict(
                f"Somebody else here signs in with this account of {provider.name}. They would have to remove it."
            )
        if known is None:
            await self._link(tx, provider, identity, user_id)
        await keep_tokens(tx, self.vault, provider.key, identity)

    async def _join(self, tx: Transaction, provider: Provider, identity: Identity) -> UserId:
        """Who has the verified address here, else somebody new."""
        email = _address(identity.email)
        user = await self._owner(tx, provider, email)
        if user is None:
            if self.services.settings.sign_up == "nobody":
                raise Forbidden("This server takes no new people by itself. Ask its operator.")
            made = await accounts.create_user.maybe(
                tx, email=email, name=identity.name, image=_picture(identity.picture)
            )
            # No row: somebody with this address came at the same moment by another way.
            user = made or await self._owner(tx, provider, email)
        if user is None:
            raise Conflict("Two people came with this address at once. Try again.")
        if email is not None:
            await accounts.verify_email.run(tx, user_id=user, now=self.services.clock.now())
        await self._link(tx, provider, identity, UserId(user))
        return UserId(user)

    async def _owner(self, tx: Transaction, provider: Provider, email: str | None) -> UUID | None:
        """Whoever has this address, if nobody but its owner can sign in as them already."""
        user = None if email is None else await accounts.find_user_by_email.maybe(tx, email=email)
        if user is None:
            return None
        is_open_to_others = user.email_verified is None and await store.count_ways_in.one(
            tx, user_id=user.id, providers=ANY_PROVIDER
        )
        if is_open_to_others:
            raise Forbidden(
                "An account here has this address, but nobody proved it yet. "
                f"Sign in to it as before, and add {provider.name} there."
            )
        return user.id

    async def _link(self, tx: Transaction, provider: Provider, identity: Identity, user_id: UserId) -> None:
        await store.link.run(
            tx,
            user_id=user_id,
            type=provider.kind,
            provider=provider.key,
            subject=identity.subject,
            label=identity.label,
            now=self.services.clock.now(),
        )
        await append_audit(
            tx,
            actor_id=user_id,
            action="accounts/linked",
            subject=identity.subject,
            details={"provider": provider.key},
        )

    def _provider(self, slug: str) -> Provider:
        found = next((provider for provider in self.providers if provider.slug == slug), None)
        if found is None:
            raise NotFound("This server does not sign people in with that.")
        return found

    def _attempt(self, provider: Provider, state: str, browser: str) -> Attempt:
        redirect_uri = f"{self.services.settings.public_url}{PATH}/{provider.slug}/callback"
        return Attempt(state, _derived(browser, "nonce", state), _derived(browser, "verifier", state), redirect_uri)


def _attempt_hash(state: str, browser: str) -> bytes:
    return digest(f"{state} {browser}")


def _derived(browser: str, use: str, state: str) -> str:
    """A secret of one try that is kept nowhere: only the browser can bring back what it is made of."""
    made = hmac.digest(browser.encode(), f"{use} {state}".encode("utf-8", "replace"), hashlib.sha256)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _check_agreed(provider: Provider, returned: Returned) -> None:
    if returned.error == "access_denied":
        raise Forbidden(f"You did not agree at {provider.name}, so nothing happened. Try again, or choose another way.")
    if returned.error is not None or not returned.code:
        raise Unauthenticated(f"{provider.name} could not sign you in. Try again, or choose another way.")


def _address(email: str | None) -> str | None:
    try:
        return None if email is None else mail_address(email)
    except Invalid:
        return None


def _picture(address: str | None) -> str | None:
    is_good = address is not None and address.startswith("https://") and len(address) <= MAX_PICTURE
    return address if is_good else None
