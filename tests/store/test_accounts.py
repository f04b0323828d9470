"""People, sessions, tokens, tickets: found while they hold, and not a moment longer."""

import asyncio
import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from server.store import accounts, tokens
from server.store.db import Connection, Database
from server.store.failures import ConstraintRefused
from tests.store.examples import add_project, add_session, add_user

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
NOBODY_YET = UUID(int=0)


def new_hash() -> bytes:
    return hashlib.sha256(secrets.token_bytes(16)).digest()


async def add_token(connection: Connection, user_id: UUID, token_hash: bytes, **changes: object) -> UUID:
    values = {"project_id": None, "name": "laptop", "scopes": ["read", "write"], "expires_at": None} | changes
    return await tokens.create_token.one(connection, user_id=user_id, token_hash=token_hash, **values)


async def test_an_address_is_found_in_whatever_case_and_taken_once(database: Database) -> None:
    async with database.acquire() as connection:
        created = await accounts.create_user.one(connection, email="Ada@Example.org", name="Ada", image=None)
        found = await accounts.find_user_by_email.one(connection, email="ada@EXAMPLE.org")
        again = await accounts.create_user.maybe(connection, email="ADA@example.org", name="Eve", image=None)
    assert (found.id, found.email, found.is_guest) == (created, "Ada@Example.org", False)
    assert again is None


async def test_a_session_is_found_until_it_expires(database: Database) -> None:
    async with database.acquire() as connection:
        user_id = await add_user(connection)
        await add_session(connection, user_id, "s", LATER)
        session = await accounts.find_session.one(connection, session_token="s", now=NOW)
        assert (session.user_id, session.expires) == (user_id, LATER)
        assert await accounts.find_session.maybe(connection, session_token="s", now=LATER) is None
        assert await accounts.expire_sessions.run(connection, now=LATER, limit=10) == 1


async def test_a_session_is_deleted_by_its_person_alone(database: Database) -> None:
    async with database.acquire() as connection:
        user_id = await add_user(connection)
        session_id = await add_session(connection, user_id, "s", LATER)
        other = await add_user(connection, "Eve")
        assert await accounts.remove_session.all(connection, session_id=session_id, user_id=other) == []
        assert await accounts.remove_session.all(connection, session_id=session_id, user_id=user_id) == [session_id]
        assert await accounts.find_session.maybe(connection, session_token="s", now=NOW) is None


async def test_the_session_of_a_guest_ends_with_the_guest(database: Database) -> None:
    async with database.acquire() as connection:
        guest = await accounts.create_guest.one(connection, name="Fox", color="#aabbcc", expires_at=LATER)
        far = LATER + timedelta(days=1)
        await add_session(connection, guest, "g", far)
        assert (await accounts.find_session.one(connection, session_token="g", now=NOW)).is_guest
        assert await accounts.find_session.maybe(connection, session_token="g", now=LATER) is None


async def test_a_bearer_token_names_its_person_project_and_scopes(database: Database) -> None:
    async with database.transaction() as tx:
        user_id = await add_user(tx)
        project_id = await add_project(tx, user_id)
        token_hash = new_hash()
        token_id = await add_token(tx, user_id, token_hash, project_id=project_id, scopes=["read"])
        bearer = await tokens.find_bearer.one(tx, token_hash=token_hash, now=NOW)
    assert (bearer.id, bearer.user_id, bearer.project_id, bearer.scopes) == (token_id, user_id, project_id, ("read",))
    assert bearer.name == "Ada"


async def test_an_expired_or_revoked_token_is_not_found(database: Database) -> None:
    async with database.acquire() as connection:
        user_id, expiring, revoked = await add_user(connection), new_hash(), new_hash()
        await add_token(connection, user_id, expiring, expires_at=LATER)
        token_id = await add_token(connection, user_id, revoked)
        assert await tokens.find_bearer.maybe(connection, token_hash=expiring, now=NOW)
        assert await tokens.find_bearer.maybe(connection, token_hash=expiring, now=LATER) is None
        gone = await tokens.revoke_token.all(connection, token_id=token_id, user_id=user_id, now=NOW)
        assert gone == [token_id]
        assert await tokens.find_bearer.maybe(connection, token_hash=revoked, now=NOW) is None
        mine = await tokens.list_my_tokens.all(connection, user_id=user_id, after_id=NOBODY_YET, limit=10)
        assert [row.expires_at for row in mine] == [LATER]


async def test_nobody_revokes_the_token_of_another(database: Database) -> None:
    async with database.acquire() as connection:
        token_id = await add_token(connection, await add_user(connection), new_hash())
        other = await add_user(connection, "Eve")
        assert await tokens.revoke_token.all(connection, token_id=token_id, user_id=other, now=NOW) == []


async def test_the_use_of_a_token_is_written_at_most_once_in_a_while(database: Database) -> None:
    minute = timedelta(minutes=1)
    async with database.acquire() as connection:
        token_id = await add_token(connection, await add_user(connection), new_hash())
        touched = [
            await tokens.touch_token.run(connection, token_id=token_id, now=NOW + wait, at_most_every=minute)
            for wait in (timedelta(0), timedelta(seconds=30), timedelta(seconds=61))
        ]
    assert touched == [1, 0, 1]


async def test_a_token_in_the_clear_is_refused_by_the_schema(database: Database) -> None:
    async with database.acquire() as connection:
        with pytest.raises(ConstraintRefused):
            await add_token(connection, await add_user(connection), b"secret-token")


async def test_a_ticket_opens_one_door_once_even_when_two_try_together(database: Database) -> None:
    token_hash = new_hash()
    async with database.acquire() as connection:
        await add_ticket(connection, token_hash)

    async def consume() -> bool:
        async with database.acquire() as connection:
            return await tokens.consume_ticket.maybe(connection, token_hash=token_hash, now=NOW) is not None

    assert sorted(await asyncio.gather(*(consume() for _ in range(4)))) == [False, False, False, True]


async def test_an_expired_ticket_opens_nothing_and_is_used_up(database: Database) -> None:
    token_hash = new_hash()
    async with database.acquire() as connection:
        await add_ticket(connection, token_hash)
        assert await tokens.consume_ticket.maybe(connection, token_hash=token_hash, now=LATER) is None
        assert await tokens.consume_ticket.maybe(connection, token_hash=token_hash, now=NOW) is None


async def add_ticket(connection: Connection, token_hash: bytes) -> None:
    await tokens.create_ticket.run(
        connection,
        credential_ends_at=None,
        session_id=None,
        token_id=None,
        signed_at=None,
        token_hash=token_hash,
        user_id=await add_user(connection),
        project_id=None,
        scopes=["read"],
        expires_at=LATER,
    )
