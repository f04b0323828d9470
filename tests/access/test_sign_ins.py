"""Sign-ins that are remembered end all the same: revoked within a second, expired to the moment (P5)."""

from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest

from protocol.ids import UserId
from server.access.credentials import Credentials
from server.access.sign_ins import CACHE_S, SignIns
from server.clock import ManualClock
from server.errors import Unauthenticated
from server.store.db import Database
from server.transport.door import SESSION_COOKIE
from tests.harness.asgi import HOST
from tests.harness.worker import running_worker
from tests.store.examples import add_user

DAY_S = timedelta(days=1).total_seconds()


@dataclass
class Visitor:
    credentials: Credentials
    sign_ins: SignIns
    clock: ManualClock
    user_id: UserId

    async def revoke(self) -> None:
        """As another process does."""
        (token,) = await self.credentials.tokens_of(self.user_id)
        await self.credentials.revoke_token(self.user_id, token.id)


@pytest.fixture
async def visitor(database: Database) -> Visitor:
    clock = ManualClock()
    credentials = Credentials(database, clock)
    async with database.transaction() as tx:
        user_id = UserId(await add_user(tx))
    return Visitor(credentials, SignIns(credentials, clock), clock, user_id)


async def test_a_token_that_another_worker_revokes_is_refused_within_a_second(visitor: Visitor) -> None:
    token = await visitor.credentials.make_token(visitor.user_id, "test", frozenset({"read"}))
    assert (await visitor.sign_ins.of_token(token)).user_id == visitor.user_id
    await visitor.revoke()
    visitor.clock.advance(CACHE_S)
    with pytest.raises(Unauthenticated):
        await visitor.sign_ins.of_token(token)
    assert CACHE_S <= 1


async def test_a_token_that_this_worker_hears_is_revoked_is_refused_at_once(visitor: Visitor) -> None:
    token = await visitor.credentials.make_token(visitor.user_id, "test", frozenset({"read"}))
    await visitor.sign_ins.of_token(token)
    await visitor.revoke()
    visitor.sign_ins.forget(visitor.user_id)
    with pytest.raises(Unauthenticated):
        await visitor.sign_ins.of_token(token)


@pytest.mark.parametrize("kind", ["token", "session"])
async def test_a_remembered_sign_in_ends_at_the_moment_it_expires(visitor: Visitor, kind: str) -> None:
    if kind == "token":
        secret = await visitor.credentials.make_token(visitor.user_id, "test", frozenset({"read"}), days=1)
        sign_in = visitor.sign_ins.of_token
    else:
        secret, _ = await visitor.credentials.start_session(visitor.user_id, days=1)
        sign_in = visitor.sign_ins.of_session
    visitor.clock.advance(DAY_S - CACHE_S / 2)
    await sign_in(secret)
    visitor.clock.advance(CACHE_S / 4)
    await sign_in(secret)
    visitor.clock.advance(CACHE_S / 4)
    with pytest.raises(Unauthenticated):
        await sign_in(secret)


async def test_a_session_that_signs_out_is_refused_at_once(database_url: str) -> None:
    async with running_worker(database_url, clock=ManualClock()) as worker:
        ada, door = await worker.person(), worker.app.door
        cookie, _ = await door.credentials.start_session(ada.id, 1)
        assert (await door.sign_ins.of_session(cookie)).user_id == ada.id
        headers = {"cookie": f"{SESSION_COOKIE}={cookie}", "origin": f"http://{HOST}"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(worker.asgi), base_url=f"http://{HOST}") as http:
            assert (await http.post("/signout", headers=headers)).status_code == 303
        with pytest.raises(Unauthenticated):
            await door.sign_ins.of_session(cookie)
