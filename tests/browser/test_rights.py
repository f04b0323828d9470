"""What a person sees when somebody changes what they may do, while they are at it (P5)."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest_asyncio
from playwright.async_api import Browser, WebSocketRoute, expect

from protocol.collaborators import ChangeRole, RemoveCollaborator, RemovePathRight, SetPathRight
from protocol.documents import ReadDocument
from tests.browser.window import Window, built_page, member_id, open_window
from tests.harness.live_server import LiveServer, live_server

WITHIN_MS = 1_000  # P5
FILE = "README.md"


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[LiveServer]:
    built_page()
    async with live_server() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def bob(browser: Browser, server: LiveServer) -> AsyncIterator[Window]:
    window = await open_window(browser, server, person="Bob")
    yield window
    await window.context.close()
    assert window.complaints == []


async def test_an_editor_turns_read_only_within_a_second_of_the_demotion(bob: Window, server: LiveServer) -> None:
    await bob.show(FILE)
    async with server.client() as owner:
        await owner.command(ChangeRole(user_id=await member_id(owner, "Bob"), role="viewer"))
        await expect(bob.page.get_by_text("Read only").first).to_be_visible(timeout=WITHIN_MS)
        await expect(bob.editor).to_have_attribute("aria-readonly", "true", timeout=WITHIN_MS)
        await expect(bob.page.get_by_role("button", name="New file")).to_have_count(0)
        await owner.command(ChangeRole(user_id=await member_id(owner, "Bob"), role="editor"))
        await bob.sees_light("saved")
        await bob.type("back again")
        await bob.sees_light("saved")
        assert (await owner.command(ReadDocument(path=FILE))).text.endswith("back again")


class Delay:
    """Holds back what the server says to a page from the moment it is told to."""

    def __init__(self) -> None:
        self.is_holding = False
        self._held: list[Callable[[], None]] = []

    async def carry(self, page_side: WebSocketRoute) -> None:
        server_side = page_side.connect_to_server()

        def to_page(message: str | bytes) -> None:
            if self.is_holding:
                self._held.append(lambda: page_side.send(message))
            else:
                page_side.send(message)

        server_side.on_message(to_page)

    def release(self) -> None:
        self.is_holding = False
        for send in self._held:
            send()


async def test_keystrokes_that_came_too_late_are_said_and_kept(bob: Window, server: LiveServer) -> None:
    delay = Delay()
    await bob.page.route_web_socket("**/ws", delay.carry)
    await bob.show(FILE)
    async with server.client() as owner:
        before = (await owner.command(ReadDocument(path=FILE))).text
        delay.is_holding = True
        await owner.command(ChangeRole(user_id=await member_id(owner, "Bob"), role="viewer"))
        await bob.type("typed too late")
        delay.release()
        note = bob.page.get_by_role("alert").filter(has_text="You may read this document but not change it.")
        await expect(note.locator("pre")).to_have_text("typed too late")
        await expect(bob.page.get_by_text("Read only").first).to_be_visible()
        await expect(bob.editor).not_to_contain_text("typed too late")
        await note.get_by_role("button", name="View my text").click()
        kept = bob.page.get_by_role("dialog").get_by_role("textbox")
        assert (await kept.input_value()).endswith("typed too late")
        assert (await owner.command(ReadDocument(path=FILE))).text == before
    await bob.page.get_by_role("button", name="Close").click()
    await note.get_by_role("button", name="Dismiss").click()
    await expect(note).to_have_count(0)


async def test_of_somebody_demoted_while_typing_each_letter_is_saved_or_said_to_be_lost(
    bob: Window, server: LiveServer
) -> None:
    await bob.show(FILE)
    typed = "".join(f"{number:03} " for number in range(200))
    async with server.client() as owner:
        before = (await owner.command(ReadDocument(path=FILE))).text
        typing = asyncio.create_task(bob.type(typed))
        await expect(bob.editor).to_contain_text("010")
        await owner.command(ChangeRole(user_id=await member_id(owner, "Bob"), role="viewer"))
        await expect(bob.editor).to_have_attribute("aria-readonly", "true", timeout=WITHIN_MS)
        await typing
        await bob.sees_light("reading")
        saved = (await owner.command(ReadDocument(path=FILE))).text.removeprefix(before)
    lost = "".join(await bob.page.locator(".lost-words").all_text_contents())
    assert typed.startswith(saved + lost)
    assert len(saved) >= len("000 001 ")
    assert (await bob.text()).endswith(saved)


async def test_a_file_that_is_hidden_while_it_is_on_screen_leaves_the_page_and_the_list(
    bob: Window, server: LiveServer
) -> None:
    """P5."""
    await bob.show(FILE)
    async with server.client() as owner:
        made = await owner.command(SetPathRight(glob=FILE, role="editor", access="hidden"))
        await expect(bob.page.get_by_text("is hidden from you now")).to_be_visible(timeout=WITHIN_MS)
        await expect(bob.row(FILE)).to_have_count(0)
        await expect(bob.editor).to_have_count(0)
        await owner.command(RemovePathRight(id=made.id))
        await bob.row(FILE).click()
        await bob.sees_light("saved")


async def test_a_file_that_becomes_read_only_says_so_and_the_others_stay(bob: Window, server: LiveServer) -> None:
    """P5."""
    await bob.show(FILE)
    async with server.client() as owner:
        made = await owner.command(SetPathRight(glob="*.md", role="editor", access="read_only"))
        await expect(bob.page.get_by_text("Read only").first).to_be_visible(timeout=WITHIN_MS)
        await expect(bob.editor).to_have_attribute("aria-readonly", "true")
        await expect(bob.page.get_by_role("button", name="New file").first).to_be_visible()
        await owner.command(RemovePathRight(id=made.id))
        await expect(bob.editor).not_to_have_attribute("aria-readonly", "true")


async def test_who_is_removed_is_told_and_comes_back_to_no_project(bob: Window, server: LiveServer) -> None:
    await bob.show(FILE)
    async with server.client() as owner:
        await owner.command(RemoveCollaborator(user_id=await member_id(owner, "Bob")))
        closed = bob.page.get_by_role("heading", name="This project is closed for you")
        await expect(closed).to_be_visible(timeout=WITHIN_MS)
    await expect(bob.page.get_by_text("You no longer belong to this project.")).to_be_visible()
    await expect(bob.editor).to_have_count(0)
    await bob.page.reload()
    await expect(bob.page.get_by_text("This project cannot be opened")).to_be_visible()


async def test_who_is_removed_can_copy_what_was_never_confirmed(bob: Window, server: LiveServer) -> None:
    delay = Delay()
    await bob.page.route_web_socket("**/ws", delay.carry)
    await bob.show(FILE)
    async with server.client() as owner:
        delay.is_holding = True
        await bob.type("my last words")
        await owner.command(RemoveCollaborator(user_id=await member_id(owner, "Bob")))
        closed = bob.page.get_by_role("heading", name="This project is closed for you")
        await expect(closed).to_be_visible(timeout=WITHIN_MS)
    await expect(bob.page.locator("pre")).to_have_text("my last words")
    await bob.page.get_by_role("button", name="View my text").click()
    kept = bob.page.get_by_role("dialog").get_by_role("textbox")
    assert (await kept.input_value()).endswith("my last words")


async def test_who_signs_out_in_another_tab_is_led_to_sign_in_and_back(bob: Window, server: LiveServer) -> None:
    await bob.show(FILE)
    other = await bob.context.new_page()
    await other.goto(server.url)
    await other.evaluate("fetch('/signout', {method: 'POST', redirect: 'manual'})")
    signed_out = bob.page.get_by_role("heading", name="You are signed out")
    await expect(signed_out).to_be_visible(timeout=WITHIN_MS)
    sign_in = bob.page.get_by_role("link", name="Sign in")
    await expect(sign_in).to_have_attribute("href", f"/signin?next=%2Fp%2F{server.project_id}%2F{FILE}")
    await other.goto(f"{server.sign_in_url}&name=Bob")
    await bob.page.get_by_role("button", name="I have signed in").click()
    await bob.sees_light("saved")
    await bob.type("on again")
    await bob.sees_light("saved")
