"""What a person sees when somebody changes what they may do, while they are at it (P5)."""

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, WebSocketRoute, expect

from protocol.collaborators import (
    ChangeRole,
    ListCollaborators,
    RemoveCollaborator,
    RemovePathRight,
    SetPathRight,
)
from protocol.documents import ReadDocument
from protocol.ids import UserId
from runner.hub_client import HubClient
from tests.browser.window import Window, open_window
from tests.harness.live_server import ROOT, LiveServer, live_server

WITHIN_MS = 1_000  # P5
FILE = "README.md"


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[LiveServer]:
    if not (ROOT / "client/dist/index.html").is_file():
        pytest.fail("the page is not built; run: make setup", pytrace=False)
    async with live_server() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def bob(browser: Browser, server: LiveServer) -> AsyncIterator[Window]:
    window = await open_window(browser, server, person="Bob")
    yield window
    await window.context.close()
    assert window.complaints == []


async def id_of(owner: HubClient, name: str) -> UserId:
    people = (await owner.command(ListCollaborators())).collaborators
    return next(row.person.id for row in people if row.person.name == name)


async def test_an_editor_turns_read_only_within_a_second_of_the_demotion(bob: Window, server: LiveServer) -> None:
    await bob.show(FILE)
    async with server.client() as owner:
        await owner.command(ChangeRole(user_id=await id_of(owner, "Bob"), role="viewer"))
        await expect(bob.page.get_by_text("Read only").first).to_be_visible(timeout=WITHIN_MS)
        await expect(bob.editor).to_have_attribute("aria-readonly", "true", timeout=WITHIN_MS)
        await expect(bob.page.get_by_role("button", name="New file")).to_have_count(0)
        await owner.command(ChangeRole(user_id=await id_of(owner, "Bob"), role="editor"))
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
        await owner.command(ChangeRole(user_id=await id_of(owner, "Bob"), role="viewer"))
        await bob.type("typed too late")
        delay.release()
        toast = bob.page.get_by_role("alert").filter(has_text="You may read this document but not change it.")
        await expect(toast).to_be_visible()
        await expect(bob.page.get_by_text("Read only").first).to_be_visible()
        await expect(bob.editor).not_to_contain_text("typed too late")
        await toast.get_by_role("button", name="View my text").click()
        kept = bob.page.get_by_role("dialog").get_by_role("textbox")
        assert (await kept.input_value()).endswith("typed too late")
        assert (await owner.command(ReadDocument(path=FILE))).text == before


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
        await owner.command(RemoveCollaborator(user_id=await id_of(owner, "Bob")))
        toast = bob.page.get_by_text("You no longer belong to this project.")
        await expect(toast).to_be_visible(timeout=WITHIN_MS)
    await bob.page.reload()
    await expect(bob.page.get_by_text("This project cannot be opened")).to_be_visible()
