"""The account page in a real browser: passkeys with a virtual authenticator, sign-ins, tokens, data, and the end."""

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from zipfile import ZipFile

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.window import Window
from tests.harness.live_server import ROOT, LiveServer, live_server
from tests.harness.virtual_authenticator import VirtualAuthenticator, virtual_authenticator

NAME = "Bob"
WITHIN_MS = 1_000  # P5
REFUSED = "Failed to load resource"  # how the console tells of refusals, which some of these tests provoke


def named(server: LiveServer, address: str) -> str:
    """The same address by the name that browsers bind passkeys to."""
    return address.replace("127.0.0.1", "localhost")


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def server() -> AsyncIterator[LiveServer]:
    if not (ROOT / "client/dist/index.html").is_file():
        pytest.fail("the page is not built; run: make setup", pytrace=False)
    async with live_server() as server:
        yield server


async def account_page(context: BrowserContext, server: LiveServer, person: str = NAME) -> Window:
    """Somebody's account page, as their sign-in link leads there."""
    window = Window(await context.new_page(), context, server)
    window.page.on("console", window.hear)
    window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
    await window.page.goto(f"{named(server, server.sign_in_url)}&name={person}")
    await window.page.get_by_role("link", name="Your account").click()
    await expect(window.page.get_by_role("heading", name="Your account")).to_be_visible()
    return window


@pytest_asyncio.fixture(loop_scope="session")
async def bob(browser: Browser, server: LiveServer) -> AsyncIterator[Window]:
    context = await browser.new_context()
    window = await account_page(context, server)
    yield window
    await context.close()
    assert [said for said in window.complaints if REFUSED not in said] == []


@pytest_asyncio.fixture(loop_scope="session")
async def device(bob: Window) -> AsyncIterator[VirtualAuthenticator]:
    async with virtual_authenticator(bob.page) as device:
        yield device


def section(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title)


async def add_passkey(page: Page, label: str) -> None:
    passkeys = section(page, "Passkeys")
    await passkeys.get_by_label("Name of the new passkey").fill(label)
    await passkeys.get_by_role("button", name="Add a passkey").click()
    await expect(passkeys.get_by_role("listitem").filter(has_text=label)).to_be_visible()


async def sign_out(page: Page) -> None:
    await section(page, "Where you are signed in").get_by_role("button", name="Sign out", exact=True).click()
    await expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()


async def test_a_passkey_is_added_signs_in_and_is_removed(
    bob: Window, server: LiveServer, device: VirtualAuthenticator
) -> None:
    page = bob.page
    await add_passkey(page, "Bob's laptop")
    [held] = await device.credentials()
    assert (held["rpId"], held["isResidentCredential"]) == ("localhost", True)
    await sign_out(page)
    await page.get_by_role("link", name="Sign in").click()
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    await page.goto(named(server, f"{server.url}/account"))
    await expect(section(page, "Profile").get_by_label("Name, as others see it")).to_have_value(NAME)
    row = section(page, "Passkeys").get_by_role("listitem").filter(has_text="Bob's laptop")
    await expect(row).to_contain_text("used just now")
    await expect(section(page, "Where you are signed in")).to_contain_text("with a passkey")
    await add_second_and_remove(page, device)


async def add_second_and_remove(page: Page, device: VirtualAuthenticator) -> None:
    """The device holds one passkey per account, so another device makes the second."""
    passkeys = section(page, "Passkeys")
    await passkeys.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_role("alert")).to_contain_text("has a passkey of yours")
    await page.get_by_role("button", name="Dismiss").click()
    await passkeys.get_by_role("button", name="Rename Bob's laptop").click()
    await passkeys.get_by_label("New name of Bob's laptop").fill("Old laptop")
    await page.keyboard.press("Enter")
    await expect(passkeys.get_by_role("button", name="Rename Old laptop")).to_be_focused()
    await passkeys.get_by_role("button", name="Remove Old laptop").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("alert")).to_contain_text("only way to sign in")
    await expect(passkeys.get_by_text("Old laptop")).to_be_visible()


async def test_a_removed_passkey_signs_nobody_in_and_the_page_says_what_to_do(
    browser: Browser, server: LiveServer
) -> None:
    context = await browser.new_context()
    window = await account_page(context, server, "Carl")
    page = window.page
    async with virtual_authenticator(page) as first:
        await add_passkey(page, "first")
        [kept] = await first.credentials()
    async with virtual_authenticator(page):
        await add_passkey(page, "second")
        passkeys = section(page, "Passkeys")
        await passkeys.get_by_role("button", name="Remove second").click()
        await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(passkeys.get_by_role("listitem")).to_have_count(1)
        await sign_out(page)
        await page.get_by_role("link", name="Sign in").click()
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(page.get_by_role("alert")).to_contain_text("does not know this passkey")
    async with virtual_authenticator(page) as again:
        await again.session.send("WebAuthn.addCredential", {"authenticatorId": again.id, "credential": kept})
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    await context.close()


async def test_a_copied_passkey_is_refused(browser: Browser, server: LiveServer) -> None:
    """Its counter is behind that of the original."""
    context = await browser.new_context()
    page = (await account_page(context, server, "Dora")).page
    async with virtual_authenticator(page) as device:
        await add_passkey(page, "key")
        [copy] = await device.credentials()
        await sign_out(page)
        await page.get_by_role("link", name="Sign in").click()
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(page.get_by_role("heading", name="Projects")).to_be_visible()
        await device.replace({**copy, "signCount": 0})
        await page.goto(named(server, f"{server.url}/signin"))
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(page.get_by_role("alert")).to_contain_text("somebody had a copy")
    await context.close()


async def test_at_the_address_without_a_name_the_page_says_where_passkeys_work(page: Page, server: LiveServer) -> None:
    await page.goto(f"{server.url}/signin")
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("alert")).to_contain_text(named(server, server.url))


async def test_ending_another_sign_in_closes_its_editor(bob: Window, browser: Browser, server: LiveServer) -> None:
    """P5."""
    other = await browser.new_context(user_agent="Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0")
    page = await other.new_page()
    await page.goto(f"{named(server, server.sign_in_url)}&name={NAME}")
    await expect(page.get_by_role("treeitem").first).to_be_visible()
    await bob.page.reload()
    await section(bob.page, "Where you are signed in").get_by_role("button", name="Sign out Firefox").click()
    await expect(page.get_by_role("main")).to_contain_text("Your sign-in has ended", timeout=WITHIN_MS)
    await expect(bob.page.get_by_text("Firefox on Windows")).to_have_count(0)
    await other.close()


async def test_signing_out_everywhere_else_leaves_this_browser(
    bob: Window, browser: Browser, server: LiveServer
) -> None:
    other = await browser.new_context()
    page = await other.new_page()
    await page.goto(f"{named(server, server.sign_in_url)}&name={NAME}")
    await bob.page.reload()
    sessions = section(bob.page, "Where you are signed in")
    await sessions.get_by_role("button", name="Sign out everywhere else").click()
    await bob.page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere else").click()
    await expect(sessions.get_by_role("listitem")).to_have_count(1)
    await expect(page.get_by_role("main")).to_contain_text("Your sign-in has ended", timeout=WITHIN_MS)
    await other.close()


async def test_a_token_is_shown_once_works_and_is_revoked(bob: Window, server: LiveServer) -> None:
    tokens = section(bob.page, "Tokens")
    await tokens.get_by_label("What the new token is for").fill("my robot")
    await tokens.get_by_label("What it may do").select_option("write")
    await bob.page.keyboard.press("Tab")
    await tokens.get_by_role("button", name="Make a token").click()
    secret = await bob.page.get_by_role("dialog").get_by_role("textbox").input_value()
    assert secret.startswith("flash_")
    await bob.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    async with server.client(secret) as robot:
        assert robot.welcome.user.name == NAME
        await bob.page.reload()
        await expect(tokens.get_by_role("listitem").filter(has_text="my robot")).to_contain_text("May read and change")
        await expect(bob.page.get_by_text(secret)).to_have_count(0)
        await tokens.get_by_role("button", name="Revoke my robot").click()
        await bob.page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        assert (await robot.when_closed()).close_code == 4401
    await expect(tokens.get_by_role("listitem").filter(has_text="my robot")).to_have_count(0)


async def chosen_color(profile: Locator) -> str:
    return await profile.locator("label:has(:checked)").text_content() or ""


async def test_a_name_and_a_colour_are_chosen_by_keyboard(bob: Window) -> None:
    profile = section(bob.page, "Profile")
    await profile.get_by_label("Name, as others see it").fill("Robert")
    before = await chosen_color(profile)
    await bob.page.keyboard.press("Tab")
    await bob.page.keyboard.press("ArrowRight")
    chosen = await chosen_color(profile)
    assert chosen != before
    await profile.get_by_role("button", name="Save").click()
    await expect(bob.page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    await bob.page.reload()
    await expect(profile.get_by_label("Name, as others see it")).to_have_value("Robert")
    assert await chosen_color(profile) == chosen
    await profile.get_by_label("Name, as others see it").fill(NAME)
    await profile.get_by_role("button", name="Save").click()
    await expect(profile.get_by_role("button", name="Save")).to_be_disabled()


async def test_a_person_downloads_their_data(bob: Window, tmp_path: Path) -> None:
    async with bob.page.expect_download() as started:
        await bob.page.get_by_role("link", name="Download all of my data").click()
    path = tmp_path / "data.zip"
    await (await started.value).save_as(path)
    archive = ZipFile(io.BytesIO(path.read_bytes()))
    assert json.loads(archive.read("profile.json"))["name"] == NAME


async def test_an_account_is_deleted_when_its_address_is_typed(browser: Browser, server: LiveServer) -> None:
    context = await browser.new_context()
    page = (await account_page(context, server, "Zoe")).page
    leaving = section(page, "Delete the account")
    await leaving.get_by_role("button", name="Delete my account").click()
    field = leaving.get_by_role("textbox")
    delete = leaving.get_by_role("button", name="Delete my account")
    await field.fill("wrong")
    await expect(delete).to_be_disabled()
    label = await leaving.locator("label").inner_text()
    await field.fill(label.split()[1])
    await delete.click()
    await expect(page.get_by_role("heading", name="Sign in to FlashIO")).to_be_visible()
    await page.goto(named(server, f"{server.url}/account"))
    await expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    await context.close()


async def test_the_owner_of_a_shared_project_is_told_what_to_settle_first(browser: Browser, server: LiveServer) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(named(server, server.sign_in_url))
    await page.get_by_role("link", name="Your account").click()
    leaving = section(page, "Delete the account")
    await leaving.get_by_role("button", name="Delete my account").click()
    await expect(leaving).to_contain_text("transfer or delete them first")
    await expect(leaving.get_by_role("textbox")).to_have_count(0)
    await context.close()
