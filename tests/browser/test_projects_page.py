"""Whole projects in the page: found, made, described, shared, archived, handed over, deleted and had back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.window import Window, open_window
from tests.harness.live_server import ROOT, LiveServer, live_server


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def server() -> AsyncIterator[LiveServer]:
    if not (ROOT / "client/dist/index.html").is_file():
        pytest.fail("the page is not built; run: make setup", pytrace=False)
    async with live_server() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def ada(browser: Browser, server: LiveServer) -> AsyncIterator[Window]:
    window = await open_window(browser, server, person="Ada")
    await window.page.goto(server.url + "/")
    yield window
    await window.context.close()
    assert window.complaints == []


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("link", name=name))


async def make(page: Page, name: str) -> None:
    """Make an empty project by the keyboard alone, and come back to the list."""
    await page.get_by_role("button", name="New project").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("textbox", name="Name", exact=True)).to_be_focused()
    await page.keyboard.type(name)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="No files yet")).to_be_visible()
    await page.get_by_role("link", name=name).click()
    await expect(card(page, name)).to_be_visible()


async def choose(page: Page, name: str, action: str) -> None:
    """Choose from the menu of a project."""
    await page.get_by_role("button", name=f"More about {name}", exact=True).click()
    await page.get_by_role("menuitem", name=action).click()


async def test_a_project_begins_with_a_template_and_what_its_variables_say(ada: Window) -> None:
    page = ada.page
    await page.get_by_role("button", name="New project").click()
    await page.get_by_role("textbox", name="Name", exact=True).fill("Greeter")
    await page.get_by_role("searchbox", name="Search templates").fill("pyth")
    await page.get_by_role("radio", name="Python program").check()
    await page.get_by_role("textbox", name="Package").fill("greeter")
    await page.get_by_role("button", name="Make the project").click()
    await expect(ada.row("greeter/__main__.py")).to_be_visible()
    await ada.row("greeter/__main__.py").click()
    await ada.sees('prog="greeter"')


async def test_what_a_value_breaks_is_said_in_the_dialog_that_stays(ada: Window) -> None:
    page = ada.page
    await page.get_by_role("button", name="New project").click()
    await page.get_by_role("textbox", name="Name", exact=True).fill("Broken")
    await page.get_by_role("radio", name="Python program").check()
    await page.get_by_role("textbox", name="Package").fill("a/b")
    await page.get_by_role("button", name="Make the project").click()
    await expect(page.get_by_role("alert").filter(has_text="holds no '/'")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Package")).to_have_value("a/b")
    await page.keyboard.press("Escape")
    ada.complaints.clear()  # the browser notes the answer 422


async def test_a_project_is_described_shown_to_others_and_found_by_its_words(ada: Window) -> None:
    page = ada.page
    await make(page, "Sketch")
    await choose(page, "Sketch", "Name and details…")
    await page.get_by_role("textbox", name="Name", exact=True).fill("Moon lander")
    await page.get_by_role("textbox", name="Tags").fill("game, space")
    await page.get_by_role("button", name="Save").click()
    await expect(card(page, "Moon lander")).to_contain_text("space")
    await choose(page, "Moon lander", "Who may see it…")
    await page.get_by_role("radio", name="Public Everybody").check()
    await page.get_by_role("button", name="Save").click()
    await expect(card(page, "Moon lander")).to_contain_text("public")
    await page.get_by_role("radio", name="Public", exact=True).check()
    await page.get_by_role("searchbox", name="Search projects").fill("spa")
    await expect(page.get_by_role("status").filter(has_text="1 project")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("radio", name="Public", exact=True)).to_be_checked()
    await expect(card(page, "Moon lander")).to_be_visible()


async def test_an_archived_project_leaves_the_list_and_nobody_can_change_it(ada: Window) -> None:
    page = ada.page
    await make(page, "Old")
    await choose(page, "Old", "Archive")
    await expect(card(page, "Old")).to_have_count(0)
    await page.get_by_role("checkbox", name="Archived").check()
    await page.get_by_role("link", name="Old").click()
    await expect(page.get_by_role("heading", name="No files yet")).to_be_visible()
    await expect(page.get_by_role("button", name="New file")).to_have_count(0)
    await page.go_back()
    await page.get_by_role("checkbox", name="Archived").check()
    await choose(page, "Old", "Take out of the archive")
    await page.get_by_role("checkbox", name="Archived").uncheck()
    await expect(card(page, "Old")).to_be_visible()


async def test_a_project_is_deleted_by_typing_its_name_and_had_back(ada: Window) -> None:
    page = ada.page
    await make(page, "Doomed")
    await choose(page, "Doomed", "Delete…")
    button = page.get_by_role("dialog").get_by_role("button", name="Delete")
    await page.get_by_role("textbox", name="Type Doomed").fill("Doome")
    await expect(button).to_be_disabled()
    await page.keyboard.type("d")
    await button.click()
    await expect(card(page, "Doomed")).to_have_count(0)
    await page.get_by_role("radio", name="Deleted", exact=True).check()
    await page.get_by_role("button", name="Bring back Doomed").click()
    await expect(page.get_by_text("Doomed is back.")).to_be_visible()
    await page.get_by_role("radio", name="Mine", exact=True).check()
    await expect(card(page, "Doomed")).to_be_visible()


async def test_a_clone_is_opened_and_a_template_can_be_made_used_and_deleted(ada: Window) -> None:
    page = ada.page
    await make(page, "Source")
    await page.get_by_role("link", name="Source").click()
    await ada.make_file("hello {{who}}.md")
    await page.get_by_role("link", name="Source").click()
    await choose(page, "Source", "Clone…")
    await page.get_by_role("dialog").get_by_role("button", name="Clone").click()
    await expect(ada.row("hello {{who}}.md")).to_be_visible()
    await page.get_by_role("link", name="Source (copy)").click()
    await choose(page, "Source", "Make a template…")
    await page.get_by_role("button", name="Add a variable").click()
    await page.get_by_role("textbox", name="Name of the variable").fill("who")
    await page.get_by_role("button", name="Make the template").click()
    await expect(page.get_by_text("Source is a template now.")).to_be_visible()
    await page.get_by_role("button", name="New project").click()
    await page.get_by_role("textbox", name="Name", exact=True).fill("Welcome")
    await page.get_by_role("radio", name="Source").check()
    await page.get_by_role("textbox", name="who").fill("Bob")
    await page.get_by_role("button", name="Make the project").click()
    await expect(ada.row("hello Bob.md")).to_be_visible()
    await page.get_by_role("link", name="Welcome").click()
    await page.get_by_role("button", name="New project").click()
    await page.get_by_role("button", name="Delete the template Source").click()
    await page.get_by_role("button", name="Really delete? the template Source").click()
    await expect(page.get_by_role("radio", name="Source")).to_have_count(0)


async def test_the_owner_hands_the_project_over_to_somebody_in_it(browser: Browser, server: LiveServer) -> None:
    bob = await open_window(browser, server, person="Bob")
    demo = await open_window(browser, server)
    page = demo.page
    await page.goto(server.url + "/")
    await choose(page, "Guestbook", "Hand over…")
    await page.get_by_role("combobox", name="New owner").select_option(label="Bob (bob@flashio.local, editor)")
    await page.get_by_role("button", name="Hand over").click()
    await expect(card(page, "Guestbook")).to_have_count(0)
    await page.get_by_role("radio", name="Shared", exact=True).check()
    await expect(card(page, "Guestbook")).to_contain_text("editor, of Bob")
    await bob.page.goto(server.url + "/")
    await expect(card(bob.page, "Guestbook")).to_be_visible()
    for window in (bob, demo):
        await window.context.close()
        assert window.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_is_cut_off_on_a_narrow_screen(
    browser: Browser, server: LiveServer, scheme: str, tmp_path: Path
) -> None:
    window = await open_window(browser, server, person="Ada", scheme=scheme, width=360)
    page = window.page
    await page.goto(server.url + "/")
    await make(page, f"A name of {scheme} words " + "thatnobodywouldtypebutsomebodywill" * 3)
    await window.picture(tmp_path, "list")
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    for button in ("New project", "More about A name"):
        await page.get_by_role("button", name=button).first.click()
        boxes = page.locator("dialog[open], [role=menu]")
        await expect(boxes.first).to_be_visible()
        for box in await boxes.all():
            place = await box.bounding_box()
            assert place is not None
            assert place["x"] >= 0
            assert place["x"] + place["width"] <= 360
        await page.keyboard.press("Escape")
        await expect(boxes).to_have_count(0)
    await window.context.close()
