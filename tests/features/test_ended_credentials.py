"""A sign-in that ended is known as ended: by the event that says so, and by asking (P5)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from protocol.accounts import CreateTicket
from protocol.ids import UserId
from server.access.credentials import Credentials
from server.access.ending import ended_among
from server.access.principal import Credential, CredentialKind, Principal
from server.access.tokens import end_token
from server.clock import ManualClock, SystemClock
from server.errors import Unauthenticated
from server.store import accounts
from server.store.db import Database
from tests.features.test_accounts import knock
from tests.harness.worker import Worker
from tests.store.examples import add_session, add_user

MORNING = datetime(2026, 1, 1, 8, tzinfo=UTC)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def principal(kind: CredentialKind, credential_id: UUID | None, signed_at: datetime = MORNING) -> Principal:
    return Principal(UserId(uuid4()), "Ada", "", credential=Credential(kind, credential_id, signed_at))


async def test_asking_finds_sessions_tokens_and_people_that_are_gone(database: Database) -> None:
    clock = ManualClock(MORNING)
    credentials = Credentials(database, clock)
    ends = MORNING + timedelta(days=30)
    async with database.transaction() as tx:
        user_id, gone = UserId(await add_user(tx)), UserId(await add_user(tx, "Gone"))
        await add_session(tx, user_id, "kept", ends)
        await add_session(tx, user_id, "ended", ends)
    kept, ended = [await credentials.of_session(token) for token in ("kept", "ended")]
    bearer = await credentials.of_token(await credentials.make_token(user_id, "test", frozenset({"read"})))
    revoked = await credentials.of_token(await credentials.make_token(user_id, "test", frozenset({"read"})))
    nobody = replace(kept, user_id=gone, credential=None)
    await end(database, user_id, session=ended, token=revoked)
    async with database.acquire() as connection:
        await connection.execute("delete from users where id = $1", [gone])
    everyone = [kept, ended, bearer, revoked, nobody]
    assert await ended_among(database, clock, everyone) == [ended, revoked, nobody]
    clock.advance(timedelta(days=31).total_seconds())
    assert await ended_among(database, clock, everyone) == [kept, ended, revoked, nobody]


async def end(database: Database, user_id: UserId, *, session: Principal, token: Principal) -> None:
    assert session.credential is not None
    assert token.credential is not None
    assert token.credential.id is not None
    async with database.transaction() as tx:
        await accounts.remove_session.all(tx, session_id=session.credential.id, user_id=user_id)
        assert await end_token(tx, user_id, token.credential.id, MORNING, by=None)


async def test_asking_finds_signed_cookies_from_before_a_sign_out_everywhere(database: Database) -> None:
    async with database.transaction() as tx:
        user_id = UserId(await add_user(tx))
        await tx.execute("update users set valid_after = $1 where id = $2", [NOON, user_id])
    before, after = (
        replace(principal(CredentialKind.SIGNED, None, signed_at), user_id=user_id) for signed_at in (MORNING, NOON)
    )
    assert await ended_among(database, SystemClock(), [before, after]) == [before]


async def test_a_ticket_of_a_revoked_token_or_an_ended_session_opens_nothing(worker: Worker) -> None:
    """P5: else a ticket would outlive the revocation by half a minute."""
    credentials = worker.app.door.credentials
    ada = await worker.person()
    project_id = await worker.project(ada)
    bearer = await credentials.of_token(ada.token)
    session = await credentials.of_session(await worker.session(ada))
    of_token, of_session, of_holding = [
        (await credentials.make_ticket(holder, project_id, 30))[0] for holder in (bearer, session, session)
    ]
    assert (await credentials.of_ticket(of_holding)).credential == session.credential
    await end(worker.app.db, ada.id, session=session, token=bearer)
    for ticket in (of_token, of_session):
        assert await knock(worker, project_id, ticket=ticket) == ("unauthenticated", 4401)


async def test_a_ticket_stands_for_the_token_it_was_made_with(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    credentials = worker.app.door.credentials
    async with worker.client(ada, project_id) as client:
        ticket = (await client.command(CreateTicket())).ticket
    opened = await credentials.of_ticket(ticket)
    assert opened.credential == (await credentials.of_token(ada.token)).credential
    with pytest.raises(Unauthenticated):
        await credentials.of_ticket(ticket)
