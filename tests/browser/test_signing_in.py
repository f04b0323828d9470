"""Signing in and out in a real browser, by the link of a mail that a real mail server took."""

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.harness.live_server import LiveServer, live_server
from tests.harness.mail_server import MailServer, mail_server


@pytest_asyncio.fixture(loop_scope="session")
async def mails() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def server(mails: MailServer) -> AsyncIterator[LiveServer]:
    async with live_server(SMTP_URL=mails.url, MAIL_FROM="flashio@example.org") as server:
        yield server


async def test_a_person_signs_in_by_mail_and_out_again(
    server: LiveServer, mails: MailServer, page: Page, context: BrowserContext
) -> None:
    await page.goto(f"{server.url}/signin")
    await page.get_by_label("E-mail address").fill("ada@example.org")
    await page.get_by_role("button", name="Send me a link").click()
    await expect(page.get_by_role("heading")).to_have_text("Look into your mail")
    link = re.search(r"^http://\S+$", (await mails.next()).get_content(), re.MULTILINE)
    assert link is not None
    await page.goto(link[0])
    assert await context.cookies() == []
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    [cookie] = await context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    await page.evaluate("fetch('/signout', {method: 'POST', redirect: 'manual'})")
    await page.reload()
    await expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    await page.goto(link[0])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("used already")
