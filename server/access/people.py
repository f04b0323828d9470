"""Finding and making people, for commands and sign-ins alike."""

from protocol.ids import UserId
from server.errors import Conflict, Invalid, NotFound
from server.store import accounts
from server.store.db import Database


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
