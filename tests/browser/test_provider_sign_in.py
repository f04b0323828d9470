"""Signing in with a real OpenID provider in a real browser, pages of the provider and all."""

import socket
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.harness.live_server import LiveServer, live_server
from tests.harness.static_site import static_site
from tests.identity.openid_provider import ADA, CLIENT_ID, CLIENT_SECRET, openid_provider


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[LiveServer]:
    port = free_port()
    callback = f"http://127.0.0.1:{port}/signin/with/oidc/callback"
    async with openid_provider(callback, {"ada": ADA}) as issuer:
        known = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": CLIENT_ID, "OIDC_CLIENT_SECRET": CLIENT_SECRET}
        async with live_server(port=port, OIDC_NAME="Example Corp", **known) as server:
            yield server


async def leave(page: Page, server: LiveServer) -> None:
    await page.goto(f"{server.url}/signin")
    await page.get_by_role("link", name="Continue with Example Corp").click()
    await expect(page.get_by_role("button", name="Sign-in")).to_be_visible()


async def agree(page: Page) -> None:
    """Do what the provider's own pages ask for."""
    await page.get_by_placeholder("Enter any login").fill("ada")
    await page.get_by_placeholder("and password").fill("any")
    await page.get_by_role("button", name="Sign-in").click()
    await page.get_by_role("button", name="Continue").click()


async def test_a_person_signs_in_with_the_button_of_a_provider(
    server: LiveServer, page: Page, context: BrowserContext
) -> None:
    await leave(page, server)
    await agree(page)
    await expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    assert page.url == f"{server.url}/"
    [session] = [cookie for cookie in await context.cookies(server.url) if cookie["name"] == "flashio-session"]
    assert (session["httpOnly"], session["sameSite"]) == (True, "Lax")


async def test_who_turns_back_at_the_provider_is_told_so(server: LiveServer, page: Page) -> None:
    await leave(page, server)
    await page.get_by_role("link", name="Cancel").click()
    await expect(page.get_by_role("alert")).to_contain_text("You did not agree at Example Corp")
    await page.get_by_role("link", name="Sign in").click()
    await expect(page.get_by_role("link", name="Continue with Example Corp")).to_be_visible()


async def test_a_person_adds_a_provider_from_a_page_of_ours_and_from_no_other(server: LiveServer, page: Page) -> None:
    await page.goto(server.sign_in_url)
    add = f"{server.url}/signin/with/oidc?link=1"
    with static_site(f'<a href="{add}">Free tea</a>') as elsewhere:
        await page.goto(elsewhere)
        await page.get_by_role("link", name="Free tea").click()
        await expect(page.get_by_role("heading", name="That did not work")).to_be_visible()
    await page.goto(f"{server.url}/account")
    accounts = page.get_by_role("region", name="Accounts elsewhere")
    await expect(accounts).to_contain_text("You have none yet")
    await accounts.get_by_role("link", name="Add Example Corp").click()
    await agree(page)
    await expect(accounts.get_by_role("listitem")).to_contain_text("Example Corp")
    assert page.url == f"{server.url}/account"
    await accounts.get_by_role("button", name="Take Example Corp").click()
    await page.get_by_role("dialog").get_by_role("button", name="Take it away").click()
    await expect(page.get_by_role("alert")).to_contain_text("only way to sign in")
    await expect(accounts.get_by_role("listitem")).to_have_count(1)
