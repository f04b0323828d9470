"""Projects come as archives and go as archives, in the page."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.window import Window, open_window
from tests.harness.archives import zipped
from tests.harness.live_server import ROOT, LiveServer, live_server

FILES = {"src/main.py": b"print('moon')\n", "README.md": b"# Lander\n", "node_modules/x.js": b""}


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


async def choose_archive(page: Page, name: str, data: bytes) -> None:
    """Open the dialog and choose a file, as from a folder of this machine."""
    await page.get_by_role("button", name="Import", exact=True).click()
    chosen = {"name": name, "mimeType": "application/zip", "buffer": data}
    await page.get_by_label("Archive", exact=True).set_input_files(chosen)


async def send(page: Page) -> None:
    await page.get_by_role("dialog").get_by_role("button", name="Import").click()


async def test_an_archive_becomes_a_project_that_opens(ada: Window) -> None:
    page = ada.page
    await choose_archive(page, "lander.zip", zipped(FILES))
    await expect(page.get_by_role("textbox", name="Name")).to_have_value("lander")
    await send(page)
    await expect(ada.row("src/main.py")).to_be_visible()
    await expect(page.get_by_text("1 ignored entry was left out.")).to_be_visible()
    await ada.row("README.md").click()
    await ada.sees("# Lander")


async def test_why_an_archive_was_refused_is_said_in_the_dialog_and_another_can_be_chosen(ada: Window) -> None:
    page = ada.page
    await choose_archive(page, "evil.zip", zipped({"../up.txt": b"x"}))
    await send(page)
    await expect(page.get_by_role("alert").filter(has_text="leads out of the archive")).to_be_visible()
    again = {"name": "fine.zip", "mimeType": "application/zip", "buffer": zipped({"fine.txt": b"fine"})}
    await page.get_by_label("Archive", exact=True).set_input_files(again)
    await expect(page.get_by_role("textbox", name="Name")).to_have_value("fine")
    await send(page)
    await expect(ada.row("fine.txt")).to_be_visible()


async def test_the_dialog_for_a_new_project_leads_to_the_import(ada: Window) -> None:
    page = ada.page
    await page.get_by_role("button", name="New project").click()
    await page.get_by_role("button", name="Import an archive instead").click()
    await expect(page.get_by_role("heading", name="Import a project")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_project_is_taken_home_from_its_menu(ada: Window, tmp_path: Path) -> None:
    page = ada.page
    await choose_archive(page, "home.zip", zipped({"a.txt": b"text"}))
    await send(page)
    await expect(ada.row("a.txt")).to_be_visible()
    await page.goto(f"{ada.server.url}/")
    await page.get_by_role("button", name="More about home", exact=True).click()
    async with page.expect_download() as waiting:
        await page.get_by_role("menuitem", name="Export as zip").click()
    download = await waiting.value
    assert download.suggested_filename == "home.zip"
    await download.save_as(tmp_path / "home.zip")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "home.zip").read_bytes())) as archive:
        assert archive.read("a.txt") == b"text"
