"""Guests: people who gave nothing but a name. They read what is public, show a cursor, and are forgotten."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from protocol.ids import UserId
from server.access.principal import COLORS
from server.errors import Forbidden, LimitReached
from server.feature import Services
from server.features.accounts.signing_in import SignIn, Started, start_session
from server.store import accounts

METHOD = "guest"
MAX_NAME = 40  # characters
NAMELESS = "Guest"


@dataclass(frozen=True, slots=True)
class Guests:
    services: Services

    async def welcome(self, name: str, sign_in: SignIn) -> Started:
        """Make a guest and sign them in.

        Raises:
            Forbidden: this server takes no guests.
            LimitReached: it has too many already.
        """
        settings, clock = self.services.settings, self.services.clock
        if not settings.guests:
            raise Forbidden("This server takes no guests. Sign in.")
        async with self.services.db.transaction() as tx:
            if await accounts.count_guests.one(tx, now=clock.now(), limit=settings.guest_limit) >= settings.guest_limit:
                raise LimitReached("This server has too many guests. Sign in, or come back later.")
            guest_id = await accounts.create_guest.one(
                tx,
                name=" ".join(name.split())[:MAX_NAME] or NAMELESS,
                color=secrets.choice(COLORS),
                expires_at=clock.now() + timedelta(hours=settings.guest_hours),
            )
            return await start_session(tx, settings, clock, UserId(guest_id), sign_in)
