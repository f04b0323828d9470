"""Two windows of the page on one file of a live server: what each sees of the other, what a restart costs (P1, P2)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.window import Window, built_page, open_window
from tests.harness.live_server import LiveServer, live_server

NEW = "notes.txt"

Opener = Callable[..., Awaitable[Window]]


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[LiveServer]:
    built_page()
    async with live_server() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser, server: LiveServer) -> AsyncIterator[Opener]:
    """Opens signed-in windows; afterwards none of them may have complained."""
    opened: list[Window] = []

    async def make(scheme: str = "light", width: int = 1280, height: int = 800, person: str | None = None) -> Window:
        opened.append(await open_window(browser, server, scheme=scheme, width=width, height=height, person=person))
        return opened[-1]

    yield make
    for one in opened:
        await one.context.close()
    assert [complaint for one in opened for complaint in one.complaints] == []


async def two_on_a_new_file(window: Opener) -> tuple[Window, Window]:
    ada, bob = await window(person="Ada"), await window("dark", person="Bob")
    await ada.show()
    await ada.make_file(NEW)
    await bob.show(NEW)
    return ada, bob


async def test_each_sees_the_others_text_and_named_cursor(window: Opener, tmp_path: Path) -> None:
    ada, bob = await two_on_a_new_file(window)
    await ada.type("from ada ")
    await bob.sees("from ada")
    await bob.type("from bob")
    await ada.sees("from ada from bob")
    await ada.sees_cursor_of("Bob")
    await bob.sees_cursor_of("Ada")
    await ada.sees_light("saved")
    await bob.sees_light("saved")
    for one, name in ((ada, "two-light"), (bob, "two-dark")):
        assert (await one.picture(tmp_path, name)).stat().st_size > 0


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_the_light_goes_off_and_green_again_over_a_restart_and_no_letter_is_lost(
    window: Opener, server: LiveServer, how: str
) -> None:
    ada, bob = await two_on_a_new_file(window)
    await ada.type("before ")
    await bob.sees("before")
    await (server.stop() if how == "stop" else server.kill())
    await ada.sees_light("offline")
    await bob.sees_light("offline")
    await ada.type("ada offline ")
    await bob.type("bob offline ")
    await server.start()
    for one in (ada, bob):
        await one.sees_light("saved")
        await one.sees("ada offline")
        await one.sees("bob offline")
    text = await ada.text()
    assert text == await bob.text()
    assert sorted(text.split()) == ["ada", "before", "bob", "offline", "offline"]
    await bob.type("after")
    await ada.sees("after")


async def test_what_was_green_is_in_a_window_opened_after_a_crash(window: Opener, server: LiveServer) -> None:
    ada = await window()
    await ada.show()
    await ada.make_file(NEW)
    await ada.type("saved words")
    await expect(ada.page.locator(".light-word")).to_have_text("Saved")
    await ada.context.set_offline(True)
    await server.kill()
    await server.start()
    eve = await window()
    await eve.show(NEW)
    assert await eve.text() == "saved words"


async def test_edits_are_not_called_saved_while_postgres_is_away_and_are_saved_when_it_is_back(
    window: Opener, server: LiveServer
) -> None:
    ada = await window()
    await ada.show()
    await ada.make_file(NEW)
    server.kill_postgres()
    await ada.type("held in memory")
    await ada.sees_light("unsaved")
    await server.kill()
    await server.start()
    await ada.sees_light("saved")
    eve = await window()
    await eve.show(NEW)
    assert await eve.text() == "held in memory"


async def test_a_letter_deleted_offline_stays_deleted(window: Opener, server: LiveServer) -> None:
    ada, bob = await two_on_a_new_file(window)
    await ada.type("keep drop")
    await bob.sees("keep drop")
    await ada.sees_light("saved")
    await server.kill()
    await ada.sees_light("offline")
    for _ in "drop":
        await ada.page.keyboard.press("Backspace")
    await server.start()
    await ada.sees_light("saved")
    await expect(bob.editor).to_have_text("keep ")
    assert await ada.text() == "keep "


async def test_files_made_renamed_and_deleted_by_keyboard_are_seen_in_the_other_window(window: Opener) -> None:
    ada, bob = await two_on_a_new_file(window)
    await ada.row(NEW).focus()
    await ada.page.keyboard.press("F2")
    await ada.page.get_by_role("textbox", name="Path").fill("docs/plan.txt")
    await ada.page.keyboard.press("Enter")
    await bob.row("docs/plan.txt").wait_for()
    await expect(bob.page).to_have_url(f"{bob.server.url}/p/{bob.server.project_id}/docs/plan.txt")
    await bob.type("still open")
    await ada.sees("still open")
    await ada.row("docs/plan.txt").focus()
    await ada.page.keyboard.press("Delete")
    await expect(bob.row("docs/plan.txt")).to_have_count(0)
    await expect(bob.page.get_by_role("heading", name="No file is open")).to_be_visible()
    await expect(bob.page.locator(".toast")).to_contain_text("deleted")


async def test_the_page_is_whole_in_light_and_dark_and_on_a_narrow_screen(window: Opener, tmp_path: Path) -> None:
    backgrounds = set()
    for scheme, width in (("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)):
        one = await window(scheme, width)
        await one.show("README.md")
        page = one.page
        assert await page.evaluate("crossOriginIsolated")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        backgrounds.add(await page.evaluate("getComputedStyle(document.body).backgroundColor"))
        await one.picture(tmp_path, f"{scheme}-{width}")
    assert len(backgrounds) == 2


async def test_on_a_narrow_screen_the_list_is_folded_away_until_it_is_asked_for(window: Opener) -> None:
    one = await window(width=390)
    await one.show("README.md")
    await expect(one.row("README.md")).to_be_hidden()
    await one.page.get_by_role("button", name="Files").click()
    await one.row("server/guestbook.py").click()
    await one.sees("guestbook")
    await expect(one.row("README.md")).to_be_hidden()


async def test_somebody_without_a_session_is_told_how_to_sign_in(browser: Browser, server: LiveServer) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    for address in (server.url, f"{server.url}/p/{server.project_id}/README.md"):
        await page.goto(address)
        await expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    await context.close()
