"""Signing in by a link in a mail, from the form to the session, through a real mail server."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from server.clock import Clock, ManualClock
from server.store import accounts
from tests.harness.mail_server import MailServer, mail_server
from tests.harness.worker import Worker, running_worker

OURS = "http://127.0.0.1:8000"
ADA = "ada@example.org"


@dataclass(frozen=True, slots=True)
class Inn:
    """A worker with a mail server."""

    worker: Worker
    mails: MailServer

    async def ask(self, email: str, next_path: str = "/", **headers: str) -> httpx.Response:
        async with self.worker.browser() as browser:
            return await browser.post("/signin/email", data={"email": email, "next": next_path}, headers=headers)

    async def link(self, email: str = ADA, next_path: str = "/") -> str:
        """Ask for a link and take it out of the mail."""
        assert (await self.ask(email, next_path)).status_code == 200
        text = (await self.mails.next()).get_content()
        return re.search(r"^http://\S+$", text, re.MULTILINE)[0]

    async def press(self, browser: httpx.AsyncClient, link: str, **changes: str) -> httpx.Response:
        """Press the button of the page that the link opens."""
        fields = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()} | changes
        return await browser.post("/signin/confirm", data=fields)

    async def outcome(self, link: str, **changes: str) -> int:
        async with self.worker.browser() as browser:
            return (await self.press(browser, link, **changes)).status_code


@asynccontextmanager
async def inn_on(database_url: str, clock: Clock | None = None, **settings: object) -> AsyncIterator[Inn]:
    async with mail_server() as mails:
        given = {"smtp_url": mails.url, "mail_from": "flashio@example.org", "public_url": OURS} | settings
        async with running_worker(database_url, clock=clock, **given) as worker:
            yield Inn(worker, mails)


@pytest.fixture
async def inn(database_url: str) -> AsyncIterator[Inn]:
    async with inn_on(database_url) as inn:
        yield inn


async def test_the_link_of_a_mail_signs_its_reader_in_as_a_new_person(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        answer = await inn.press(browser, await inn.link(" Ada@Example.org ", "/p/somewhere"))
        assert (answer.status_code, answer.headers["location"]) == (303, "/p/somewhere")
        me = (await browser.post("/api/accounts/me")).json()
    assert (me["email"], me["name"]) == (ADA, "ada")
    async with inn.worker.app.db.acquire() as connection:
        user = await accounts.find_user_by_email.one(connection, email=ADA)
    assert user.email_verified is not None


async def test_a_person_who_exists_is_signed_in_as_themselves(inn: Inn) -> None:
    ada = await inn.worker.person("ada")
    async with inn.worker.browser() as browser:
        await inn.press(browser, await inn.link())
        assert (await browser.post("/api/accounts/me")).json()["id"] == str(ada.id)


async def test_looking_at_the_link_uses_nothing_up(inn: Inn) -> None:
    """Programs that scan mails open every link."""
    link = await inn.link()
    async with inn.worker.browser() as scanner:
        for _ in range(3):
            page = await scanner.get(link)
            assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
            assert "set-cookie" not in page.headers
    assert await inn.outcome(link) == 303


async def test_a_link_works_once_even_when_two_press_the_button_at_once(inn: Inn) -> None:
    link = await inn.link()
    assert sorted(await asyncio.gather(*(inn.outcome(link) for _ in range(4)))) == [303, 401, 401, 401]


async def test_a_link_is_for_its_address_alone(inn: Inn) -> None:
    link = await inn.link()
    assert await inn.outcome(link, email="eve@example.org") == 401
    assert await inn.outcome(link, token="x" + parse_qs(urlsplit(link).query)["token"][0][1:]) == 401
    assert await inn.outcome(link) == 303


async def test_a_link_is_good_for_a_day(database_url: str) -> None:
    clock = ManualClock()
    async with inn_on(database_url, clock) as inn:
        links = [await inn.link(), await inn.link()]
        clock.advance(timedelta(hours=23, minutes=59).total_seconds())
        assert await inn.outcome(links[0]) == 303
        clock.advance(61)
        assert await inn.outcome(links[1]) == 401


async def test_what_is_stored_of_a_link_does_not_sign_in(inn: Inn) -> None:
    link = await inn.link()
    async with inn.worker.app.db.acquire() as connection:
        [row] = await connection.fetch("select token from verification_tokens")
    assert row[0] not in link
    assert await inn.outcome(link, token=row[0]) == 401


@pytest.mark.parametrize(
    "email",
    ["", "ada", "ada@example.org, eve@example.org", "ada@example.org\nbcc: eve@example.org", '"<eve@x.org>"@a.b'],
)
async def test_what_is_not_one_plain_address_is_sent_nothing(inn: Inn, email: str) -> None:
    assert (await inn.ask(email)).status_code == 422
    await inn.link()
    assert inn.mails.is_empty


async def test_an_address_is_sent_so_many_mails_an_hour(database_url: str) -> None:
    """P10."""
    clock = ManualClock()
    async with inn_on(database_url, clock, mails_per_hour=2) as inn:
        assert [(await inn.ask(ADA)).status_code for _ in range(3)] == [200, 200, 429]
        assert (await inn.ask("bob@example.org")).status_code == 200
        clock.advance(3601)
        assert (await inn.ask(ADA)).status_code == 200


async def test_a_network_may_try_so_often_a_minute(database_url: str) -> None:
    """P10."""
    clock = ManualClock()
    async with inn_on(database_url, clock, sign_ins_per_minute=2, forwarded_hops=1) as inn:

        async def statuses(address: str) -> list[int]:
            headers = {"x-forwarded-for": f"203.0.113.9, {address}"}
            return [(await inn.ask(f"p{n}@example.org", **headers)).status_code for n in range(3)]

        assert await statuses("198.51.100.1") == [200, 200, 429]
        assert await statuses("2001:db8::1") == [200, 200, 429]
        assert await statuses("2001:db8::2") == [429, 429, 429]
        clock.advance(60)
        assert await statuses("198.51.100.1") == [200, 200, 429]


async def test_a_server_that_takes_nobody_new_says_the_same_to_everybody(database_url: str) -> None:
    async with inn_on(database_url, sign_up="nobody") as inn:
        await inn.worker.person("ada")
        stranger, known = await inn.ask("eve@example.org"), await inn.ask(ADA)
        assert stranger.text == known.text.replace(ADA, "eve@example.org")
        assert (await inn.mails.next())["To"] == ADA
        assert inn.mails.is_empty


async def test_a_page_of_somebody_else_sends_no_form(inn: Inn) -> None:
    """Else it could sign people in as somebody else without their knowing."""
    link = await inn.link()
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"origin": ""}):
        assert (await inn.ask(ADA, **headers)).status_code == 403
    fields = parse_qs(urlsplit(link).query)
    async with inn.worker.browser() as browser:
        del browser.headers["origin"]
        answer = await browser.post("/signin/confirm", data=fields, headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403
        answer = await browser.post(
            "/signin/confirm", data=fields, headers={"origin": "null", "sec-fetch-site": "same-origin"}
        )
        assert answer.status_code == 303


@pytest.mark.parametrize(
    "next_path", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "x", "/" * 600]
)
async def test_signing_in_leads_nowhere_else(inn: Inn, next_path: str) -> None:
    async with inn.worker.browser() as browser:
        answer = await inn.press(browser, await inn.link(next_path=next_path))
    assert answer.headers["location"] == "/"


async def test_what_a_link_says_is_shown_as_text(inn: Inn) -> None:
    async with inn.worker.browser() as browser:
        page = await browser.get("/signin/email", params={"email": "<script>x</script>", "token": '"><b>'})
    assert "<script" not in page.text
    assert "<b>" not in page.text


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a=b&" * 20, b"x" * 10_000])
async def test_what_is_no_form_is_refused(inn: Inn, body: bytes) -> None:
    async with inn.worker.browser() as browser:
        assert (await browser.post("/signin/confirm", content=body)).status_code in (400, 401, 413, 422)


async def test_a_server_without_mail_says_so(worker: Worker) -> None:
    async with worker.browser() as browser:
        assert "sends no mail" in (await browser.get("/signin")).text
        assert (await browser.post("/signin/email", data={"email": ADA})).status_code == 403


async def test_a_link_that_waits_in_the_mail_dies_with_the_account(inn: Inn) -> None:
    """Else it would bring somebody back who has just left for good."""
    waiting = await inn.link()
    async with inn.worker.browser() as browser:
        assert (await inn.press(browser, await inn.link())).status_code == 303
        headers = {"idempotency-key": str(uuid4())}
        gone = await browser.post("/api/accounts/delete", json={"confirm": ADA}, headers=headers)
        assert gone.status_code == 200
    assert await inn.outcome(waiting) == 401
