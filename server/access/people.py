"""Finding and making people, for commands and sign-ins alike."""

import re

from protocol.ids import UserId
from server.errors import Conflict, Invalid, NotFound
from server.store import accounts
from server.store.db import Database

# One plain ASCII address: no lists, no display names, no look-alike letters, nothing that a mail header could split.
MAIL_ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
MAX_MAIL_ADDRESS = 320


def mail_address(written: str) -> str:
    """The address in the one form that is compared and kept: without spaces around it, in lower case.

    Raises:
        Invalid: it is none that mail is sent to.
    """
    address = written.strip().lower()
    if len(address) > MAX_MAIL_ADDRESS or not MAIL_ADDRESS.fullmatch(address):
        raise Invalid("That is not an e-mail address. Write it as name@example.org.")
    return address


async def make_user(db: Database, email: str, name: str | None) -> UserId:
    """Make a person.

    Raises:
        Invalid: that is no e-mail address.
        Conflict: it is taken.
    """
    if "@" not in email.strip("@"):
        raise Invalid(f"{email!r} is not an e-mail address.")
    async with db.transaction() as tx:
        if await accounts.find_user_by_email.maybe(tx, email=email) is not None:
            raise Conflict(f"There is a user {email} already.")
        return UserId(await accounts.create_user.one(tx, email=email, name=name, image=None))


async def user_of(db: Database, email: str) -> UserId:
    """The person with this address.

    Raises:
        NotFound: there is none.
    """
    async with db.acquire() as connection:
        user = await accounts.find_user_by_email.maybe(connection, email=email)
    if user is None:
        raise NotFound(f"There is no user {email}; make one with: python -m server user create {email}")
    return UserId(user.id)


def shown_name(name: str | None, email: str | None) -> str:
    """What others see of a person: the name they gave, else what is before the @ of their address."""
    return name or (email or "").partition("@")[0] or "Somebody"
