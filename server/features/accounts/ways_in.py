"""How a person can still sign in: what is asked before one of the ways is taken away."""

from collections.abc import Sequence

from protocol.ids import UserId
from server.access.signed_cookies import PROVIDER as AUTHJS
from server.errors import Conflict
from server.feature import Services
from server.identity.configured import configured_providers
from server.store import providers
from server.store.db import Transaction


async def check_way_in_left(tx: Transaction, services: Services, user_id: UserId) -> None:
    """Call it in the transaction that took a way to sign in away; two at once wait for one another here.

    Raises:
        Conflict: that was the last one.
    """
    email = await providers.lock_person.maybe(tx, user_id=user_id)
    if email is not None and services.post.is_open:
        return
    if not await providers.count_ways_in.one(tx, user_id=user_id, providers=usable_keys(services)):
        raise Conflict("This is your only way to sign in. Add another one before you remove it.")


def usable_keys(services: Services) -> Sequence[str]:
    """`accounts.provider` of those who sign people in today."""
    keys = [provider.key for provider in configured_providers(services.settings, services.clock)]
    return [*keys, AUTHJS] if services.settings.authjs_secrets else keys
