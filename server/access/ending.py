"""Whether the sign-in behind a principal has ended, asked of the database."""

from collections.abc import Sequence

from server.access.principal import Principal
from server.clock import Clock
from server.store import credentials
from server.store.db import Database


async def ended_among(db: Database, clock: Clock, principals: Sequence[Principal]) -> list[Principal]:
    """Those whose credential or person is gone, in the order given; two statements, however many they are.

    Raises:
        StorageUnavailable: nobody can know now; open sockets keep what they have (P5).
    """
    now = clock.now()
    ids = {p.credential.id for p in principals if p.credential is not None and p.credential.id is not None}
    async with db.acquire() as connection:
        held = set(await credentials.list_held.all(connection, credential_ids=list(ids), now=now))
        people = await credentials.list_people.all(
            connection, user_ids=list({principal.user_id for principal in principals}), now=now
        )
    valid_after = {person.id: person.valid_after for person in people}

    def is_ended(principal: Principal) -> bool:
        if principal.user_id not in valid_after:
            return True
        credential = principal.credential
        if credential is None:
            return False
        if credential.id is not None:
            return credential.id not in held
        since = valid_after[principal.user_id]
        return since is not None and credential.signed_at < since

    return [principal for principal in principals if is_ended(principal)]
