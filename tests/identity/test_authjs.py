"""People whom a program with Auth.js signed in are signed in here: with the cookies that the real Auth.js made."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from protocol.session import Hello
from runner.hub_client import HubClient
from server.clock import ManualClock, SystemClock
from tests.harness.asgi import websocket
from tests.harness.worker import Person, Worker, running_worker
from tests.identity.authjs import (
    SECRET,
    VERSION_4_COOKIE,
    VERSION_4_SUBJECT,
    authjs_cookies,
    renewed_cookies,
    signed_in_cookies,
)
from tests.store.examples import add_session

pytestmark = pytest.mark.stock
PLAIN, SECURE = "http://127.0.0.1:8000", "https://ide.example.org"
SIGNED_MODES = {"authjs_secrets": (SECRET,), "public_url": SECURE}


@dataclass(frozen=True, slots=True)
class Visit:
    worker: Worker
    ada: Person

    async def answer(
        self, cookies: dict[str, str], url: str = PLAIN, *, path: str = "/api/accounts/me", origin: str | None = None
    ) -> httpx.Response:
        headers = {"origin": origin or url, "idempotency-key": str(uuid4())}
        transport = httpx.ASGITransport(self.worker.asgi)
        async with httpx.AsyncClient(transport=transport, base_url=url, cookies=cookies, headers=headers) as browser:
            return await browser.post(path)

    async def is_ada(self, cookies: dict[str, str], url: str = PLAIN) -> bool:
        answer = await self.answer(cookies, url)
        return answer.status_code == 200 and answer.json()["id"] == str(self.ada.id)


@pytest.fixture
async def visit(database_url: str) -> AsyncIterator[Visit]:
    async with running_worker(database_url, **SIGNED_MODES) as worker:
        yield Visit(worker, await worker.person())


@pytest.mark.parametrize(("https", "url"), [(False, PLAIN), (True, SECURE)])
async def test_a_cookie_of_authjs_signs_its_person_in(visit: Visit, https: bool, url: str) -> None:
    assert await visit.is_ada(await authjs_cookies(visit.ada.id, https=https), url)


@pytest.mark.parametrize(("prefix", "url"), [("", PLAIN), ("__Secure-", SECURE)])
async def test_a_cookie_of_version_4_signs_its_person_in(visit: Visit, prefix: str, url: str) -> None:
    async with visit.worker.app.db.acquire() as connection:
        await connection.execute("insert into users (id, name) values ($1, 'Ada')", [VERSION_4_SUBJECT])
    answer = await visit.answer({f"{prefix}next-auth.session-token": VERSION_4_COOKIE}, url)
    assert answer.json()["id"] == str(VERSION_4_SUBJECT)
    assert (await visit.answer({f"{prefix}authjs.session-token": VERSION_4_COOKIE}, url)).status_code == 401


async def test_a_cookie_that_had_to_be_cut_is_put_together(visit: Visit) -> None:
    cookies = await authjs_cookies(visit.ada.id, pad="x" * 9_000)
    assert len(cookies) > 2
    assert await visit.is_ada(cookies)
    assert await visit.is_ada(dict(reversed(cookies.items())))
    del cookies["authjs.session-token.1"]
    assert not await visit.is_ada(cookies)


async def test_a_secret_is_changed_without_signing_anybody_out(database_url: str) -> None:
    async with running_worker(database_url, authjs_secrets=("the new one", SECRET)) as worker:
        visit = Visit(worker, await worker.person())
        assert await visit.is_ada(await authjs_cookies(visit.ada.id, secret=[SECRET]))
        assert await visit.is_ada(await authjs_cookies(visit.ada.id, secret=["the new one", SECRET]))
        assert not await visit.is_ada(await authjs_cookies(visit.ada.id, secret="an older one"))


async def test_a_socket_opens_with_a_cookie_of_authjs_and_ends_with_it(visit: Visit) -> None:
    project_id = await visit.worker.project(visit.ada)
    cookies = await authjs_cookies(visit.ada.id, max_age_s=2)
    headers = {"origin": PLAIN, "cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    async with websocket(visit.worker.asgi, "/ws", headers=headers) as connection:
        client = HubClient(connection)  # type: ignore[arg-type]
        await client.greet(Hello(minor=0, client="test", project_id=project_id))
        assert client.welcome.user.id == visit.ada.id
        assert (await connection.when_closed())[0] == 4401


async def test_an_expired_cookie_signs_nobody_in(database_url: str) -> None:
    clock = ManualClock(SystemClock().now())
    async with running_worker(database_url, clock=clock, **SIGNED_MODES) as worker:
        visit = Visit(worker, await worker.person())
        cookies = await authjs_cookies(visit.ada.id, max_age_s=3600)
        assert await visit.is_ada(cookies)
        clock.advance(3601)
        assert not await visit.is_ada(cookies)


async def test_a_cookie_that_is_not_valid_yet_signs_nobody_in(visit: Visit) -> None:
    later = SystemClock().now() + timedelta(hours=1)
    assert not await visit.is_ada(await authjs_cookies(visit.ada.id, nbf=int(later.timestamp())))


async def test_a_tampered_cookie_signs_nobody_in(visit: Visit) -> None:
    [(name, value)] = (await authjs_cookies(visit.ada.id)).items()
    parts = value.split(".")
    for index in (0, 2, 3, 4):
        harmed = [*parts]
        middle = len(harmed[index]) // 2
        harmed[index] = (
            harmed[index][:middle] + ("A" if harmed[index][middle] != "A" else "B") + harmed[index][middle + 1 :]
        )
        assert not await visit.is_ada({name: ".".join(harmed)})
    for nonsense in ("....", "a.b.c.d.e", value[:-1], value + ".", "e30..e30.e30.e30"):
        assert not await visit.is_ada({name: nonsense})


async def test_a_cookie_under_another_name_signs_nobody_in(visit: Visit) -> None:
    """The key depends on the name, so what Auth.js made for another purpose is no sign-in."""
    [(name, value)] = (await authjs_cookies(visit.ada.id)).items()
    assert not await visit.is_ada({f"__Secure-{name}": value}, SECURE)
    assert not await visit.is_ada({"next-auth.session-token": value})
    assert not await visit.is_ada({"flashio-session": value})


@pytest.mark.parametrize(
    ("expected", "named", "is_in"),
    [(None, None, True), (None, "other", False), ("us", "us", True), ("us", "other", False), ("us", None, False)],
)
async def test_a_cookie_for_another_audience_signs_nobody_in(
    database_url: str, expected: str | None, named: str | None, is_in: bool
) -> None:
    async with running_worker(database_url, authjs_audience=expected, **SIGNED_MODES) as worker:
        visit = Visit(worker, await worker.person())
        claims = {} if named is None else {"aud": named}
        assert await visit.is_ada(await authjs_cookies(visit.ada.id, **claims)) is is_in


@pytest.mark.parametrize("subject", [UUID(int=7), "not a uuid", ""])
async def test_a_cookie_of_somebody_unknown_signs_nobody_in(visit: Visit, subject: UUID | str) -> None:
    assert (await visit.answer(await authjs_cookies(subject))).status_code == 401


async def test_signing_out_everywhere_ends_the_cookies_signed_before(visit: Visit) -> None:
    """P5: a signed cookie has no row that could be deleted."""
    cookies = await authjs_cookies(visit.ada.id)
    assert (await visit.answer(cookies, path="/api/accounts/sign_out_everywhere")).status_code == 200
    assert not await visit.is_ada(cookies)
    renewed = {"auth_time": int(SystemClock().now().timestamp()) - 60}
    assert not await visit.is_ada(await authjs_cookies(visit.ada.id, **renewed))
    later = {"auth_time": int(SystemClock().now().timestamp()) + 5}
    assert await visit.is_ada(await authjs_cookies(visit.ada.id, **later))


async def valid_after_ms(visit: Visit) -> float:
    async with visit.worker.app.db.acquire() as connection:
        [row] = await connection.fetch("select valid_after from users where id = $1", [visit.ada.id])
    return float(row[0].timestamp() * 1000)


async def put_the_end_before_now(visit: Visit) -> None:
    async with visit.worker.app.db.acquire() as connection:
        await connection.execute("update users set valid_after = now() - interval '2 s' where id = $1", [visit.ada.id])


async def test_a_cookie_that_authjs_renews_after_signing_out_everywhere_signs_nobody_in(visit: Visit) -> None:
    """P5: a renewed cookie is issued anew, and would else outlive every end."""
    kept = await signed_in_cookies(visit.ada.id)
    assert await visit.is_ada(kept)
    assert (await visit.answer(kept, path="/api/accounts/sign_out_everywhere")).status_code == 200
    await put_the_end_before_now(visit)  # cookies say whole seconds
    renewed = await renewed_cookies(await renewed_cookies(kept))
    assert renewed.keys() == kept.keys()
    answer = await visit.answer(renewed)
    assert (answer.status_code, "docs/authjs.md" in answer.json()["detail"]) == (401, True)


async def test_with_the_documented_callback_signing_out_everywhere_holds_there_and_here(visit: Visit) -> None:
    """P5: and who signs in anew is in."""
    before = await signed_in_cookies(visit.ada.id, validAfter=None)
    assert await visit.is_ada(await renewed_cookies(before, validAfter=None))
    assert (await visit.answer(before, path="/api/accounts/sign_out_everywhere")).status_code == 200
    assert not await visit.is_ada(await renewed_cookies(before, validAfter=None))
    ended_at = await valid_after_ms(visit)
    assert await renewed_cookies(before, validAfter=ended_at) == {}
    await put_the_end_before_now(visit)
    after = await signed_in_cookies(visit.ada.id, validAfter=None)
    assert await visit.is_ada(await renewed_cookies(after, validAfter=await valid_after_ms(visit)))


async def test_without_a_secret_no_signed_cookie_counts(database_url: str) -> None:
    async with running_worker(database_url) as worker:
        visit = Visit(worker, await worker.person())
        assert not await visit.is_ada(await authjs_cookies(visit.ada.id))


async def test_a_session_that_authjs_keeps_in_the_shared_database_counts(visit: Visit) -> None:
    async with visit.worker.app.db.acquire() as connection:
        await add_session(connection, visit.ada.id, "5f0c-of-authjs", SystemClock().now() + timedelta(days=2))
    assert await visit.is_ada({"authjs.session-token": "5f0c-of-authjs"})
    assert await visit.is_ada({"__Secure-authjs.session-token": "5f0c-of-authjs"}, SECURE)
    assert not await visit.is_ada({"authjs.session-token": "5f0c-of-nobody"})
    assert not await visit.is_ada({"authjs.session-token": "5f0c-of-authjs"}, SECURE)


async def test_signing_out_here_ends_the_session_of_authjs_too(visit: Visit) -> None:
    async with visit.worker.app.db.acquire() as connection:
        await add_session(connection, visit.ada.id, "shared", SystemClock().now() + timedelta(days=2))
    cookies = {"authjs.session-token": "shared", "authjs.session-token.0": "old"}
    answer = await visit.answer(cookies, path="/signout")
    forgotten = {cookie.partition("=")[0] for cookie in answer.headers.get_list("set-cookie")}
    assert forgotten >= set(cookies)
    assert not await visit.is_ada(cookies)


async def test_a_cookie_of_ours_that_ended_does_not_hide_theirs(visit: Visit) -> None:
    assert await visit.is_ada({"flashio-session": "ended"} | await authjs_cookies(visit.ada.id))


async def test_a_page_of_somebody_else_gains_nothing_by_their_cookie(visit: Visit) -> None:
    cookies = await authjs_cookies(visit.ada.id)
    for origin in ("https://evil.example", "null"):
        assert (await visit.answer(cookies, origin=origin)).status_code == 403


SECRET_ALONE = {"authjs_secrets": (SECRET,), "authjs_shares": "secret"}


async def test_who_is_known_there_alone_becomes_one_person_here(database_url: str) -> None:
    async with running_worker(database_url, **SECRET_ALONE) as worker:
        visit = Visit(worker, await worker.person("bob"))
        first, again, other = [
            (await visit.answer(await authjs_cookies(subject))).json() for subject in ("7", "7", "8")
        ]
        assert first["name"] == "Ada Lovelace"
        assert (first["id"] == again["id"], first["id"] == other["id"]) == (True, False)
        assert first["email"] == ""


@pytest.mark.parametrize("trusts_email", [True, False])
async def test_their_word_about_an_address_counts_only_when_the_operator_says_so(
    database_url: str, trusts_email: bool
) -> None:
    """Else whoever may choose an address there could take over the account that has it here."""
    async with running_worker(database_url, authjs_trusts_email=trusts_email, **SECRET_ALONE) as worker:
        visit = Visit(worker, await worker.person("ada"))
        assert await visit.is_ada(await authjs_cookies("7")) is trusts_email


async def test_a_subject_that_looks_like_a_person_of_ours_is_not_them(database_url: str) -> None:
    async with running_worker(database_url, **SECRET_ALONE) as worker:
        visit = Visit(worker, await worker.person("bob"))
        assert not await visit.is_ada(await authjs_cookies(visit.ada.id))


async def test_a_server_that_takes_nobody_new_takes_nobody_from_there(database_url: str) -> None:
    async with running_worker(database_url, sign_up="nobody", **SECRET_ALONE) as worker:
        assert (await Visit(worker, await worker.person("bob")).answer(await authjs_cookies("7"))).status_code == 401
