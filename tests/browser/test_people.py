"""The people of a project in the page: invited, accepted by link, given other roles, removed (P5)."""

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from protocol.collaborators import ChangeRole, Invite, RemoveCollaborator
from tests.browser.window import Window, built_page, member_id, open_window
from tests.harness.live_server import LiveServer, live_server
from tests.harness.mail_server import MailServer, mail_server

WITHIN_MS = 1_000  # P5


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def mails() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server(mails: MailServer) -> AsyncIterator[LiveServer]:
    built_page()
    async with live_server(SMTP_URL=mails.url, MAIL_FROM="flashio@example.org", GUESTS="true") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def owner(browser: Browser, server: LiveServer) -> AsyncIterator[Window]:
    window = await open_window(browser, server)
    await window.show("README.md")
    yield window
    await window.context.close()
    assert window.complaints == []


async def sign_in_by_mail(page: Page, mails: MailServer, address: str) -> None:
    """From the sign-in page back to where the person came from."""
    await page.get_by_label("E-mail address").fill(address)
    await page.get_by_role("button", name="Send me a link").click()
    link = None
    while link is None:  # mails to others may be on their way, too
        mail = await mails.next()
        if mail["To"] == address:
            link = re.search(r"^http://\S+/signin/\S+$", mail.get_content(), re.MULTILINE)
    await page.goto(link[0])
    await page.get_by_role("button", name="Sign in").click()


async def link_made_by(owner: Window, role: str = "Editor") -> str:
    await owner.page.get_by_role("button", name="Share").click()
    await owner.page.get_by_text("By link", exact=True).click()
    await owner.page.get_by_label("Role", exact=True).select_option(role)
    await owner.page.get_by_role("button", name="Make a link").click()
    return await owner.page.get_by_label("Invitation link").input_value()


async def test_a_link_is_accepted_in_a_second_profile_that_signs_in_first(
    owner: Window, browser: Browser, server: LiveServer, mails: MailServer
) -> None:
    link = await link_made_by(owner)
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(link)
    await expect(page.get_by_role("heading", name="You are invited")).to_be_visible()
    await page.get_by_role("link", name="Sign in").click()
    await sign_in_by_mail(page, mails, "grace@example.org")
    await expect(page.get_by_role("heading")).to_have_text("Demo invites you to Guestbook")
    await page.get_by_role("button", name="Join the project").click()
    await expect(page).to_have_url(f"{server.url}/p/{server.project_id}")
    await page.get_by_role("treeitem", name="README.md").click()
    await expect(page.locator(".cm-content")).to_have_attribute("contenteditable", "true")
    members = owner.page.get_by_role("list", name="Members")
    await expect(members).to_contain_text("grace")
    await expect(members).to_contain_text("in this file")
    await expect(owner.page.get_by_role("list", name="Open invitations")).to_have_count(0)
    await page.goto(link)
    await expect(page.get_by_role("heading", name="This invitation cannot be shown")).to_be_visible()
    await context.close()


async def test_a_member_who_opens_an_invitation_is_led_into_the_project_and_leaves_it_for_others(
    owner: Window, browser: Browser, server: LiveServer
) -> None:
    link = await link_made_by(owner, "Viewer")
    bob = await open_window(browser, server, person="Bob")
    await bob.page.goto(link)
    await expect(bob.page.get_by_role("heading", name="You are in Guestbook already")).to_be_visible()
    await bob.page.get_by_role("link", name="Open it").click()
    await bob.row("README.md").wait_for()
    invitations = owner.page.get_by_role("list", name="Open invitations")
    await expect(invitations.get_by_role("listitem")).to_have_count(1)
    await invitations.get_by_role("button", name="Revoke").click()
    await expect(invitations).to_have_count(0)
    await bob.page.goto(link)
    await expect(bob.page.get_by_role("heading", name="This invitation cannot be shown")).to_be_visible()
    await bob.context.close()


async def test_an_invitation_by_mail_is_for_its_address_alone_and_can_be_declined(
    owner: Window, browser: Browser, server: LiveServer, mails: MailServer
) -> None:
    await owner.page.get_by_role("button", name="Share").click()
    await owner.page.get_by_label("E-mail address").fill("eve@example.org")
    await owner.page.get_by_role("button", name="Invite", exact=True).click()
    await expect(owner.page.get_by_text("on its way to eve@example.org")).to_be_visible()
    found = re.search(r"^http://\S+/invite/\S+$", (await mails.next()).get_content(), re.MULTILINE)
    assert found is not None
    bob, eve = await browser.new_context(), await browser.new_context()
    for context, address in ((bob, "bob@example.org"), (eve, "eve@example.org")):
        page = await context.new_page()
        await page.goto(found[0])
        await page.get_by_role("link", name="Sign in").click()
        await sign_in_by_mail(page, mails, address)
        await page.get_by_role("button", name="Decline").click()
        if address.startswith("bob"):
            await expect(page.get_by_role("alert")).to_contain_text("This invitation is for eve@example.org.")
        else:
            await expect(page.get_by_text("You declined the invitation to Guestbook.")).to_be_visible()
        await context.close()
    await expect(owner.page.get_by_role("list", name="Open invitations")).to_have_count(0)


async def test_a_guest_who_opens_an_invitation_is_led_to_sign_in(
    owner: Window, browser: Browser, server: LiveServer
) -> None:
    link = await link_made_by(owner)
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{server.url}/signin")
    await page.get_by_label("Your name").fill("Passer-by")
    await page.get_by_role("button", name="Come in as a guest").click()
    await page.goto(link)
    await page.get_by_role("button", name="Join the project").click()
    await expect(page.get_by_role("alert")).to_contain_text("Sign in to join a project")
    await page.get_by_role("link", name="Sign in as somebody else").click()
    await expect(page.get_by_label("E-mail address")).to_be_visible()
    await context.close()


async def test_who_gives_another_role_sees_it_and_so_does_who_gets_it(
    owner: Window, browser: Browser, server: LiveServer
) -> None:
    finn = await open_window(browser, server, person="Finn")
    await finn.show("README.md")
    await owner.page.get_by_role("button", name="Share").click()
    role = owner.page.get_by_label("Role of Finn")
    await role.select_option("Viewer")
    await expect(finn.page.get_by_text("You are a viewer now")).to_be_visible(timeout=WITHIN_MS)
    await expect(finn.editor).to_have_attribute("aria-readonly", "true", timeout=WITHIN_MS)
    await expect(finn.page.get_by_role("button", name="New file")).to_have_count(0)
    await expect(role).to_have_value("viewer")
    await owner.page.get_by_role("button", name="More about Finn").click()
    await owner.page.get_by_role("menuitem", name="Permissions").click()
    await owner.page.get_by_label("Change files").select_option("May")
    await owner.page.get_by_role("button", name="Save").click()
    await expect(owner.page.get_by_role("list", name="Members")).to_contain_text("with exceptions")
    await finn.sees_light("saved")
    await finn.type("back without a reload")
    await finn.sees_light("saved")
    await finn.context.close()


async def test_the_panel_hears_what_others_do_meanwhile(owner: Window, browser: Browser, server: LiveServer) -> None:
    await owner.page.get_by_role("button", name="Share").click()
    members = owner.page.get_by_role("list", name="Members")
    await expect(members).to_contain_text("Demo (you)")
    hugo = await open_window(browser, server, person="Hugo")
    await hugo.context.close()
    async with server.client() as other:
        await other.command(Invite(role="viewer", email="kim@example.org"))
        await expect(owner.page.get_by_role("list", name="Open invitations")).to_contain_text("kim@example.org")
        await expect(members).to_contain_text("Hugo")
        user_id = await member_id(other, "Hugo")
        await other.command(ChangeRole(user_id=user_id, role="reviewer"))
        await expect(owner.page.get_by_label("Role of Hugo")).to_have_value("reviewer")
        await other.command(RemoveCollaborator(user_id=user_id))
        await expect(members).not_to_contain_text("Hugo")


async def test_who_leaves_is_back_at_their_projects(owner: Window, browser: Browser, server: LiveServer) -> None:
    ivy = await open_window(browser, server, person="Ivy")
    await ivy.show("README.md")
    await ivy.page.get_by_role("button", name="People", exact=True).click()
    await ivy.page.get_by_role("button", name="Leave the project").click()
    await ivy.page.get_by_role("button", name="Leave", exact=True).click()
    await expect(ivy.page.get_by_role("heading", name="Projects")).to_be_visible()
    await ivy.show()
    await expect(ivy.page.get_by_text("This project cannot be opened")).to_be_visible()
    await ivy.context.close()


async def test_the_panel_is_used_by_keyboard_alone(owner: Window, browser: Browser, server: LiveServer) -> None:
    await (await open_window(browser, server, person="Jo")).context.close()
    share = owner.page.get_by_role("button", name="Share")
    await share.focus()
    await owner.page.keyboard.press("Enter")
    await expect(owner.page.get_by_role("heading", name="People in Guestbook")).to_be_focused()
    await owner.page.get_by_role("button", name="More about Jo").focus()
    await owner.page.keyboard.press("Enter")
    await expect(owner.page.get_by_role("menuitem", name="Permissions")).to_be_focused()
    await owner.page.keyboard.press("ArrowUp")
    await expect(owner.page.get_by_role("menuitem", name="Remove from the project")).to_be_focused()
    await owner.page.keyboard.press("Enter")
    await owner.page.get_by_role("button", name="Remove", exact=True).focus()
    await owner.page.keyboard.press("Enter")
    await expect(owner.page.get_by_role("list", name="Members")).not_to_contain_text("Jo")
    await owner.page.get_by_role("button", name="Close").focus()
    await owner.page.keyboard.press("Escape")
    await expect(share).to_be_focused()
