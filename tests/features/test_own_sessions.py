"""A person's sessions: the cookie, the list, and the end of one or all of them (P5)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.requests import HTTPConnection
from starlette.responses import Response

from protocol.accounts import CredentialsEnded
from server.bus.local import Exchange, LocalBus
from server.clock import ManualClock
from server.features.accounts.signing_in import SignIn, start_session
from server.hub.announcement import Announcement
from server.settings import Settings
from server.store.db import Database
from server.transport.cookies import session_token, set_session
from tests.harness.worker import Person, Worker, running_worker
from tests.store.examples import add_user

DAY_S = timedelta(days=1).total_seconds()
PUBLIC = Settings(public_url="https://ide.example.org")


async def command(browser: httpx.AsyncClient, name: str, **body: Any) -> httpx.Response:
    return await browser.post(f"/api/accounts/{name}", json=body, headers={"idempotency-key": str(uuid4())})


async def sessions_of(browser: httpx.AsyncClient) -> list[dict[str, Any]]:
    return (await command(browser, "sessions")).json()["sessions"]


async def holds(worker: Worker, session: str) -> bool:
    async with worker.browser(session) as browser:
        return (await browser.post("/api/accounts/me")).status_code == 200


@asynccontextmanager
async def ends_heard(database_url: str) -> AsyncIterator[tuple[Worker, Person, list[CredentialsEnded]]]:
    """A worker, a person, and what other workers hear of their sign-ins that ended."""
    exchange, heard = Exchange(), []
    listener = LocalBus(exchange)
    await listener.start()
    async with running_worker(database_url, bus=LocalBus(exchange)) as worker:
        ada = await worker.person()

        def hear(payload: bytes) -> None:
            announced = Announcement.unpacked(payload)
            assert announced is not None
            assert announced.name == CredentialsEnded.name
            heard.append(CredentialsEnded.model_validate(announced.body))

        listener.subscribe(f"user:{ada.id}", hear, lambda: None)
        yield worker, ada, heard
    await listener.stop()


def connection(url: str, cookie: str = "") -> HTTPConnection:
    scheme, _, host = url.partition("://")
    headers = [(b"host", host.encode()), (b"cookie", cookie.encode())]
    return HTTPConnection(
        {"type": "http", "scheme": scheme, "path": "/", "query_string": b"", "server": None, "headers": headers}
    )


def cookie_at(url: str, settings: Settings) -> str:
    response = Response()
    set_session(response, connection(url), settings, "secret")
    return response.headers["set-cookie"]


def test_over_tls_the_cookie_is_for_this_host_alone() -> None:
    for cookie in (cookie_at("https://127.0.0.1", Settings()), cookie_at("http://ide.example.org", PUBLIC)):
        name, _, flags = cookie.partition("=secret; ")
        assert name == "__Host-flashio-session"
        assert {"httponly", "path=/", "samesite=lax", "secure"} <= set(flags.lower().split("; "))
        assert "domain" not in flags.lower()


def test_without_tls_the_cookie_has_a_name_that_browsers_take() -> None:
    name, _, flags = cookie_at("http://127.0.0.1:8000", PUBLIC).partition("=secret; ")
    assert name == "flashio-session"
    assert "httponly" in flags.lower()
    assert "secure" not in flags.lower()


def test_over_tls_a_cookie_that_a_neighbour_could_have_set_is_not_read() -> None:
    plain = connection("https://ide.example.org", "flashio-session=planted")
    assert session_token(plain, PUBLIC) is None
    both = connection("https://ide.example.org", "flashio-session=planted; __Host-flashio-session=real")
    assert session_token(both, PUBLIC) == "real"


async def test_a_session_that_is_used_moves_its_end_once_a_day(database_url: str) -> None:
    clock = ManualClock()
    async with running_worker(database_url, clock=clock) as worker:
        session = await worker.session(await worker.person())

        async def ends() -> Any:
            return (await worker.app.door.credentials.of_session(session)).expires_at

        first = await ends()
        clock.advance(DAY_S - 1)
        assert await ends() == first
        clock.advance(2)
        moved = await ends()
        assert moved == clock.now() + timedelta(days=30)
        clock.advance(30 * DAY_S - 1)
        assert await holds(worker, session)


async def test_a_session_that_is_not_used_ends_after_thirty_days(database_url: str) -> None:
    """P5."""
    clock = ManualClock()
    async with running_worker(database_url, clock=clock) as worker:
        session = await worker.session(await worker.person())
        clock.advance(30 * DAY_S + 1)
        assert not await holds(worker, session)


async def test_a_person_sees_their_own_sessions_and_which_one_asks(worker: Worker) -> None:
    ada, eve = await worker.person("ada"), await worker.person("eve")
    await worker.session(eve)
    await worker.session(ada)
    async with worker.browser(await worker.session(ada)) as browser:
        listed = await sessions_of(browser)
    assert [session["isThis"] for session in listed].count(True) == 1
    assert [session["method"] for session in listed] == ["test", "test"]


async def test_the_list_of_sessions_has_pages(worker: Worker) -> None:
    ada = await worker.person()
    for _ in range(4):
        await worker.session(ada)
    seen: list[str] = []
    async with worker.browser(await worker.session(ada)) as browser:
        after = None
        while True:
            page = (await command(browser, "sessions", limit=2, after=after)).json()
            seen += [session["id"] for session in page["sessions"]]
            after = page["next"]
            if after is None:
                break
    assert len(set(seen)) == len(seen) == 5


async def test_a_revoked_session_ends_here_and_is_announced(database_url: str) -> None:
    """P5."""
    async with ends_heard(database_url) as (worker, ada, heard):
        other = await worker.session(ada)
        async with worker.browser(await worker.session(ada)) as browser:
            [ended] = [session["id"] for session in await sessions_of(browser) if not session["isThis"]]
            assert (await command(browser, "revoke_session", id=ended)).status_code == 200
            assert not await holds(worker, other)
            assert [session["isThis"] for session in await sessions_of(browser)] == [True]
            assert (await command(browser, "revoke_session", id=ended)).status_code == 404
        assert heard == [CredentialsEnded(credentials=[UUID(ended)])]


async def test_nobody_ends_the_session_of_another(worker: Worker) -> None:
    ada, eve = await worker.person("ada"), await worker.person("eve")
    session = await worker.session(ada)
    async with worker.browser(session) as browser:
        [listed] = await sessions_of(browser)
    async with worker.browser(await worker.session(eve)) as browser:
        assert (await command(browser, "revoke_session", id=listed["id"])).status_code == 404
    assert await holds(worker, session)


@pytest.mark.parametrize("keep_this", [True, False])
async def test_signing_out_everywhere_leaves_this_session_or_none(database_url: str, keep_this: bool) -> None:
    """P5: bearer tokens remain."""
    async with ends_heard(database_url) as (worker, ada, heard):
        mine, others = await worker.session(ada), [await worker.session(ada) for _ in range(3)]
        eves = await worker.session(await worker.person("eve"))
        async with worker.browser(mine) as browser:
            assert (await command(browser, "sign_out_everywhere", keepThis=keep_this)).status_code == 200
        assert [await holds(worker, session) for session in (mine, *others, eves)] == [keep_this, *[False] * 3, True]
        async with worker.http(ada) as http:
            assert (await http.post("/api/accounts/me")).status_code == 200
        [event] = heard
        assert len(event.credentials) == (3 if keep_this else 4)
        assert event.signed_before is not None


async def test_signing_out_ends_the_session_and_its_cookie(database_url: str) -> None:
    """P5."""
    async with ends_heard(database_url) as (worker, ada, heard):
        session = await worker.session(ada)
        async with worker.browser(session) as browser:
            answer = await browser.post("/signout")
            assert answer.status_code == 303
            assert 'flashio-session=""' in answer.headers["set-cookie"]
            assert "max-age=0" in answer.headers["set-cookie"].lower()
        assert not await holds(worker, session)
        assert len(heard) == 1


async def test_one_session_too_many_ends_the_oldest(database_url: str) -> None:
    """P10."""
    clock = ManualClock()
    async with running_worker(database_url, clock=clock, sessions_per_person=2) as worker:
        ada, sessions = await worker.person(), []
        for _ in range(3):
            sessions.append(await worker.session(ada))
            clock.advance(1)
        assert [await holds(worker, session) for session in sessions] == [False, True, True]


@pytest.mark.parametrize("name", ["sessions", "revoke_session", "sign_out_everywhere", "tokens", "create_token"])
async def test_a_bearer_token_changes_nothing_about_signing_in(worker: Worker, name: str) -> None:
    """P5: who found a token must not be able to make it last, or to lock its owner out."""
    bodies = {"revoke_session": {"id": str(uuid4())}, "create_token": {"label": "mine", "scopes": ["read"]}}
    async with worker.http(await worker.person()) as http:
        assert (await command(http, name, **bodies.get(name, {}))).status_code == 403


async def test_what_is_done_to_sign_ins_is_in_the_audit(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.browser(await worker.session(ada)) as browser:
        await command(browser, "create_token", label="robot", scopes=["read"])
        await command(browser, "sign_out_everywhere")
    async with worker.app.db.acquire() as connection:
        rows = await connection.fetch("select action from audit_log where actor_id = $1 order by created_at", [ada.id])
    assert [row[0] for row in rows] == [
        "accounts/signed_in",
        "accounts/token_created",
        "accounts/signed_out_everywhere",
    ]


async def test_a_browser_that_writes_novels_about_itself_signs_in_all_the_same(database: Database) -> None:
    async with database.transaction() as tx:
        user_id = await add_user(tx)
        sign_in = SignIn("email", "Mozilla/5.0 " * 1_000, "2001:db8::1" * 100)
        assert (await start_session(tx, Settings(), ManualClock(), user_id, sign_in)).token
