"""What people may do now is read in several statements; what changes between them must not tell a wrong reason."""

import asyncio
from datetime import timedelta

from protocol.ids import ProjectId, UserId
from server.access.principal import Credential, CredentialKind, Principal
from server.access.standing import Standings
from server.clock import ManualClock
from server.errors import Unauthenticated
from server.store.db import Database
from server.store.projects import add_collaborator
from tests.harness.locks import until_someone_waits_for_a_lock
from tests.store.examples import add_project, add_session, add_user


async def test_a_person_deleted_while_rights_are_read_is_signed_out_and_not_merely_a_stranger(
    database: Database,
) -> None:
    """P5: a client that is told 4403 would offer to ask for access, with a sign-in that is no more."""
    clock = ManualClock()
    async with database.transaction() as tx:
        bob = UserId(await add_user(tx, "Bob"))
        session_id = await add_session(tx, bob, "token", clock.now() + timedelta(days=1))
        project_id = ProjectId(await add_project(tx, await add_user(tx)))
        await add_collaborator.run(tx, project_id=project_id, user_id=bob, role="viewer", invited_by=None)
    principal = Principal(bob, "Bob", "", credential=Credential(CredentialKind.SESSION, session_id, clock.now()))
    standings = Standings(database, clock)
    async with database.transaction() as tx:
        await tx.execute("lock table projects in access exclusive mode")
        await tx.execute("delete from users where id = $1", [bob])
        looking = asyncio.ensure_future(standings.now([(principal, project_id)]))
        await until_someone_waits_for_a_lock(database)
    (verdict,) = await looking
    assert isinstance(verdict, Unauthenticated)
