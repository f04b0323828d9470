"""The tree of files in two windows: made, moved, deleted and brought back by keyboard and by pointer."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from protocol.collaborators import ChangeRole
from protocol.files import CreateFile, DeleteFile, MakeDirectory, MoveFile
from tests.browser.window import Window, built_page, member_id, open_window
from tests.harness.live_server import LiveServer, live_server

Pair = tuple[Window, Window]
Maker = Callable[..., Awaitable[None]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server() -> AsyncIterator[LiveServer]:
    built_page()
    async with live_server() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def pair(browser: Browser, server: LiveServer) -> AsyncIterator[Pair]:
    """Two people on the project's files."""
    windows = await open_window(browser, server, person="Ada"), await open_window(browser, server, person="Bob")
    for window in windows:
        await window.show()
        await window.row("README.md").wait_for()
    yield windows
    for window in windows:
        await window.context.close()
    assert [window.complaints for window in windows] == [[], []]


@pytest_asyncio.fixture(loop_scope="session")
async def files(server: LiveServer) -> AsyncIterator[Maker]:
    """Makes files; a path that ends with a slash is a folder."""
    async with server.client() as client:

        async def make(*paths: str) -> None:
            for path in paths:
                is_folder = path.endswith("/")
                await client.command(MakeDirectory(path=path[:-1]) if is_folder else CreateFile(path=path))

        yield make


async def fill_path(page: Page, path: str) -> None:
    await page.get_by_role("textbox", name="Path").fill(path)
    await page.keyboard.press("Enter")


async def test_folders_are_made_and_files_moved_into_them_by_cut_and_paste(pair: Pair, files: Maker) -> None:
    ada, bob = pair
    await files("cut-me.txt")
    await ada.page.get_by_role("button", name="New folder").click()
    await fill_path(ada.page, "shelf")
    await bob.row("shelf").wait_for()
    await bob.row("cut-me.txt").click()
    await bob.sees_light("saved")
    await ada.row("cut-me.txt").focus()
    await ada.page.keyboard.press("Control+x")
    await expect(ada.page.get_by_role("status").filter(has_text="cut-me.txt is cut")).to_be_attached()
    await ada.row("shelf").focus()
    await ada.page.keyboard.press("Control+v")
    await bob.row("shelf/cut-me.txt").wait_for()
    await bob.type("the editor stays")
    await bob.sees_light("saved")
    await expect(bob.page).to_have_url(f"{bob.server.url}/p/{bob.server.project_id}/shelf/cut-me.txt")


async def test_rows_are_dragged_into_folders_and_back_to_the_root(pair: Pair, files: Maker) -> None:
    ada, bob = pair
    await files("box/", "drag-me.txt")
    await ada.row("drag-me.txt").drag_to(ada.row("box"))
    await bob.row("box/drag-me.txt").wait_for()
    await ada.row("box/drag-me.txt").drag_to(ada.row("README.md"))
    await bob.row("drag-me.txt").wait_for()
    await expect(bob.row("box/drag-me.txt")).to_have_count(0)


async def test_a_name_that_is_taken_is_told_in_the_dialog_which_stays_open(pair: Pair, files: Maker) -> None:
    ada, _ = pair
    await files("taken.txt", "other.txt")
    await ada.row("other.txt").focus()
    await ada.page.keyboard.press("F2")
    await fill_path(ada.page, "taken.txt")
    await expect(ada.page.get_by_role("alert")).to_have_text("taken.txt exists already.")
    await fill_path(ada.page, "Taken.txt")
    await expect(ada.page.get_by_role("alert")).to_contain_text("differs from taken.txt only by case")
    await fill_path(ada.page, "free.txt")
    await expect(ada.page.get_by_role("dialog")).to_have_count(0)
    await expect(ada.row("free.txt")).to_be_focused()


async def test_a_move_onto_a_taken_name_asks_for_another(pair: Pair, files: Maker) -> None:
    ada, bob = pair
    await files("clash/same.txt", "same.txt")
    await ada.row("same.txt").drag_to(ada.row("clash"))
    await expect(ada.page.get_by_role("dialog")).to_contain_text("clash/same.txt exists already.")
    await fill_path(ada.page, "clash/same too.txt")
    await bob.row("clash/same too.txt").wait_for()


async def test_a_deleted_file_is_undone_with_its_text(pair: Pair) -> None:
    ada, bob = pair
    await ada.make_file("oops.txt")
    await ada.type("precious")
    await ada.sees_light("saved")
    await ada.row("oops.txt").focus()
    await ada.page.keyboard.press("Delete")
    await expect(bob.row("oops.txt")).to_have_count(0)
    await ada.page.get_by_role("button", name="Undo").click()
    await bob.row("oops.txt").click()
    await bob.sees("precious")
    await ada.sees("precious")


async def test_a_deleted_folder_is_found_among_the_deleted_files_by_somebody_else(pair: Pair, files: Maker) -> None:
    ada, bob = pair
    await files("gone/one.txt", "gone/two.txt")
    await ada.row("gone").click(button="right")
    await ada.page.get_by_role("menuitem", name="Delete").click()
    await ada.page.get_by_role("button", name="Delete", exact=True).click()
    await expect(bob.row("gone/two.txt")).to_have_count(0)
    await bob.page.get_by_role("button", name="More about files").click()
    await bob.page.get_by_role("menuitem", name="Deleted files").click()
    await bob.page.get_by_role("button", name="Bring back gone").click()
    await ada.row("gone/two.txt").wait_for()


async def test_what_comes_back_to_a_taken_place_asks_for_another(pair: Pair, server: LiveServer) -> None:
    ada, _ = pair
    async with server.client() as client:
        await client.command(CreateFile(path="old.txt"))
        await ada.row("old.txt").focus()
        await ada.page.keyboard.press("Delete")
        await expect(ada.row("old.txt")).to_have_count(0)
        await client.command(CreateFile(path="new.txt"))
        await client.command(MoveFile(path="new.txt", to="old.txt"))
        await ada.page.get_by_role("button", name="Undo").click()
        await expect(ada.page.get_by_role("dialog")).to_contain_text("old.txt exists already.")
        await fill_path(ada.page, "older.txt")
        await ada.row("older.txt").wait_for()
        await client.command(DeleteFile(path="old.txt"))


async def test_a_large_project_begins_with_its_folders_closed_but_around_the_open_file(
    browser: Browser, server: LiveServer, files: Maker
) -> None:
    await files(
        *(f"many/of/{number:03}.txt" for number in range(150)), *(f"more/{number:03}.txt" for number in range(150))
    )
    eve = await open_window(browser, server, person="Eve")
    await eve.show("many/of/007.txt")
    await eve.row("many/of/007.txt").wait_for()
    await expect(eve.row("more/000.txt")).to_have_count(0)
    await eve.row("more").click()
    await eve.row("more/149.txt").wait_for()
    await eve.context.close()


async def test_the_keyboard_stays_in_the_tree_when_its_row_goes(pair: Pair, files: Maker) -> None:
    ada, _ = pair
    await files("keys/a.txt", "keys/b.txt")
    await ada.row("keys/a.txt").focus()
    await ada.page.keyboard.press("Delete")
    await expect(ada.row("keys/b.txt")).to_be_focused()
    await ada.page.keyboard.press("k")
    await expect(ada.row("keys")).to_be_focused()
    await ada.page.keyboard.press("Shift+F10")
    await expect(ada.page.get_by_role("menuitem").first).to_be_focused()
    await ada.page.keyboard.press("Escape")
    await expect(ada.row("keys")).to_be_focused()


async def test_a_reader_is_offered_nothing_that_changes_files(browser: Browser, server: LiveServer) -> None:
    rae = await open_window(browser, server, person="Rae")
    async with server.client() as owner:
        await owner.command(ChangeRole(user_id=await member_id(owner, "Rae"), role="viewer"))
    await rae.show()
    await rae.row("README.md").click(button="right")
    await expect(rae.page.get_by_role("menuitem")).to_have_text(["Download", "Copy path"])
    await expect(rae.page.get_by_role("button", name="New folder")).to_have_count(0)
    await rae.context.close()
