"""Mails reach a real SMTP server, are tried again when that can help, and never wait without a bound."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.clock import ManualClock
from server.errors import Forbidden, LimitReached, StartRefused
from server.mail.port import Mail
from server.mail.post import RETRIES_S, Post, closed_post
from server.mail.smtp import SmtpCarrier, SmtpServer, smtp_carrier
from server.settings import Settings
from server.tasks import Tasks
from tests.harness.mail_server import MailServer, mail_server

MAIL = Mail("ada@example.org", "Grüße", "Ein Link:\n\nhttps://ide.example.org/signin?token=" + "x" * 90 + "\n")


@pytest.fixture
async def smtp() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@asynccontextmanager
async def running_post(url: str, clock: ManualClock, limit: int = 10) -> AsyncIterator[Post]:
    post = Post(SmtpCarrier(SmtpServer.of(url), "FlashIO <flashio@example.org>"), clock, limit)
    async with Tasks(clock) as tasks:
        tasks.serve("send mails", post.serve)
        yield post


async def advance_until_empty(post: Post, clock: ManualClock) -> None:
    """Let time pass as fast as the post can follow."""
    waiting = asyncio.ensure_future(post.empty())
    async with asyncio.timeout(20):
        while not waiting.done():
            clock.advance(max(RETRIES_S))
            await asyncio.wait((waiting,), timeout=0.01)


async def test_a_mail_arrives_as_it_was_written(smtp: MailServer) -> None:
    async with running_post(smtp.url, ManualClock()) as post:
        post.send(MAIL)
        arrived = await smtp.next()
    assert (arrived["To"], arrived["Subject"]) == (MAIL.to, MAIL.subject)
    assert arrived.get_content() == MAIL.text
    assert arrived["From"] == "FlashIO <flashio@example.org>"


async def test_a_mail_that_is_refused_for_now_is_sent_later(smtp: MailServer) -> None:
    clock = ManualClock()
    smtp.answers = ["451 try later", "451 try later"]
    async with running_post(smtp.url, clock) as post:
        post.send(MAIL)
        await advance_until_empty(post, clock)
        assert (await smtp.next())["To"] == MAIL.to
    assert smtp.tries == 3


async def test_a_mail_that_is_refused_for_good_is_tried_once(smtp: MailServer) -> None:
    clock = ManualClock()
    smtp.answers = ["554 no", "554 no"]
    async with running_post(smtp.url, clock) as post:
        post.send(MAIL)
        await advance_until_empty(post, clock)
    assert (smtp.tries, smtp.is_empty) == (1, True)


async def test_a_mail_server_that_is_away_does_not_stop_the_post(smtp: MailServer) -> None:
    clock = ManualClock()
    async with running_post("smtp://127.0.0.1:1", clock) as post:
        post.send(MAIL)
        await advance_until_empty(post, clock)
        post.send(MAIL)
        await advance_until_empty(post, clock)


async def test_mails_that_wait_have_a_limit_that_is_told() -> None:
    """P10."""
    post = Post(SmtpCarrier(SmtpServer.of("smtp://127.0.0.1:1"), "f@example.org"), ManualClock(), 1)
    post.send(MAIL)
    with pytest.raises(LimitReached):
        post.send(MAIL)


def test_a_closed_post_says_what_the_operator_has_to_set() -> None:
    with pytest.raises(Forbidden, match="SMTP_URL"):
        closed_post().send(MAIL)


def test_a_password_travels_over_tls_only_but_to_this_machine() -> None:
    assert SmtpServer.of("smtp://me:p%40ss@mail.example.org:587") == SmtpServer(
        "mail.example.org", 587, "me", "p@ss", is_tls=False, needs_tls=True
    )
    assert not SmtpServer.of("smtp://me:pass@127.0.0.1").needs_tls
    assert SmtpServer.of("smtps://mail.example.org").port == 465


@pytest.mark.parametrize("url", ["mail.example.org:25", "http://mail.example.org", "smtp://", "smtp://[", "smtp://h:x"])
def test_an_address_that_is_none_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(StartRefused, match="SMTP_URL"):
        SmtpServer.of(url)


@pytest.mark.parametrize(
    ("settings", "missing"),
    [({}, "MAIL_FROM"), ({"mail_from": "nobody"}, "MAIL_FROM"), ({"mail_from": "f@example.org"}, "PUBLIC_URL")],
)
def test_settings_that_mails_need_are_asked_for_at_the_start(settings: dict[str, str], missing: str) -> None:
    with pytest.raises(StartRefused, match=missing):
        smtp_carrier(Settings(smtp_url="smtp://127.0.0.1", **settings))
