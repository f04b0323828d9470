"""Signing in by a link in a mail: single use, hashed where it is stored, confirmed by a POST, consumed atomically."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from protocol.ids import UserId
from server.access.people import mail_address
from server.access.secrets import SECRET_BYTES, digest
from server.errors import Forbidden, RateLimited, Unauthenticated
from server.feature import Services
from server.features.accounts.signing_in import SignIn, Started, start_session
from server.mail.port import Mail
from server.store import accounts, verification
from server.store.db import Transaction

METHOD = "email"
HOUR = timedelta(hours=1)
CONFIRM_PATH = "/signin/email"


@dataclass(frozen=True, slots=True)
class EmailLinks:
    services: Services

    async def ask(self, address: str, next_path: str) -> str:
        """Send a link to an address and return the address as it is kept.

        Whether somebody has the address is told to nobody: the answer is the same, and so are the limits.

        Raises:
            Invalid: that is no address.
            Forbidden: this server sends no mail.
            RateLimited: the address was sent enough mails for now.
        """
        self.services.post.check_open()
        email, token = mail_address(address), secrets.token_urlsafe(SECRET_BYTES)
        async with self.services.db.transaction() as tx:
            await self._note(tx, email, token)
            is_known = await accounts.find_user_by_email.maybe(tx, email=email) is not None
        if is_known or self.services.settings.sign_up == "anyone":
            self.services.post.send(self._mail(email, token, next_path))
        return email

    async def confirm(self, address: str, token: str, sign_in: SignIn) -> Started:
        """Use a link up and sign its person in; who is new becomes a user.

        Raises:
            Unauthenticated: the link was used, is too old, or never was.
            Forbidden: the person is new, and this server takes nobody new.
        """
        email = mail_address(address)
        async with self.services.db.transaction() as tx:
            if not await verification.consume.maybe(
                tx, identifier=email, token=digest(token).hex(), now=self.services.clock.now()
            ):
                raise Unauthenticated("This link was used already, or it is too old. Ask for a new one.")
            user_id = await self._person(tx, email)
            return await start_session(tx, self.services.settings, self.services.clock, user_id, sign_in)

    async def _note(self, tx: Transaction, email: str, token: str) -> None:
        settings, now = self.services.settings, self.services.clock.now()
        lifetime = timedelta(hours=settings.sign_in_mail_hours)
        sent = await verification.count_newer.one(tx, identifier=email, expires_after=now + lifetime - HOUR)
        if sent >= settings.mails_per_hour:
            raise RateLimited("This address was sent several links already. Look for them, or try again in an hour.")
        await verification.create.run(tx, identifier=email, token=digest(token).hex(), expires=now + lifetime)

    async def _person(self, tx: Transaction, email: str) -> UserId:
        """Whoever has the address now; they have just shown that it is theirs."""
        now = self.services.clock.now()
        if self.services.settings.sign_up == "anyone":
            await accounts.create_user.maybe(tx, email=email, name=None, image=None)
        user = await accounts.find_user_by_email.maybe(tx, email=email)
        if user is None:
            raise Forbidden("This server takes no new people by itself. Ask its operator.")
        await accounts.verify_email.run(tx, user_id=user.id, now=now)
        return UserId(user.id)

    def _mail(self, email: str, token: str, next_path: str) -> Mail:
        settings = self.services.settings
        query = urlencode({"email": email, "token": token, "next": next_path})
        ends = self.services.clock.now() + timedelta(hours=settings.sign_in_mail_hours)
        return Mail(
            to=email,
            subject="Sign in to FlashIO",
            text=(
                f"Open this link to sign in as {email}:\n\n{settings.public_url}{CONFIRM_PATH}?{query}\n\n"
                f"It works once, until {ends:%d %B %Y, %H:%M} UTC.\n"
                "If you did not ask for it, do nothing: nobody can sign in without it.\n"
            ),
        )
