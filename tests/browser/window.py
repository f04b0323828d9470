"""One browser window on the page: what a person does in it and what they see."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from protocol.collaborators import ListCollaborators
from protocol.ids import UserId
from runner.hub_client import HubClient
from tests.harness.live_server import ROOT, LiveServer

BACK_AFTER_RESTART_MS = 30_000
EXPECTED_TROUBLE = ("WebSocket connection to", "ERR_CONNECTION_REFUSED")  # a server that is down on purpose


@dataclass
class Window:
    """A window with cookies of its own.

    `complaints` is what its console said of errors, besides a server being away. No slots: playwright keeps an
    attribute on the owner of a bound handler.
    """

    page: Page
    context: BrowserContext
    server: LiveServer
    complaints: list[str] = field(default_factory=list)

    async def show(self, path: str | None = None) -> None:
        """Show the demo project, or one of its files until its light is green."""
        address = f"{self.server.url}/p/{self.server.project_id}"
        await self.page.goto(address if path is None else f"{address}/{quote(path)}")
        if path is not None:
            await self.editor.wait_for()
            await self.sees_light("saved")

    @property
    def editor(self) -> Locator:
        return self.page.locator(".cm-content")

    def row(self, path: str) -> Locator:
        """The file's row in the list."""
        return self.page.locator(f'[role=treeitem][data-path="{path}"]')

    async def make_file(self, path: str) -> None:
        await self.page.get_by_role("button", name="New file").first.click()
        await self.page.get_by_role("textbox", name="Path").fill(path)
        await self.page.keyboard.press("Enter")
        await self.row(path).wait_for()
        await self.sees_light("saved")

    async def type(self, text: str) -> None:
        """Type at the end of the open file."""
        await self.editor.focus()
        await self.page.keyboard.press("Control+End")
        await self.page.keyboard.type(text)

    async def text(self) -> str:
        """The text on screen; the files of these tests are short enough to be drawn whole."""
        return "\n".join(await self.page.locator(".cm-line").all_text_contents())

    async def sees(self, text: str) -> None:
        await expect(self.editor).to_contain_text(text)

    async def sees_light(self, tone: str) -> None:
        light = self.page.locator(f'.light[data-status="{tone}"]')
        await expect(light).to_be_visible(timeout=BACK_AFTER_RESTART_MS)

    async def sees_cursor_of(self, name: str) -> None:
        await expect(self.page.locator(".cm-remote-flag", has_text=name).first).to_be_attached()

    async def picture(self, folder: Path, name: str) -> Path:
        path = folder / f"{name}.png"
        await self.page.screenshot(path=path)
        return path

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(known in message.text for known in EXPECTED_TROUBLE):
            self.complaints.append(message.text)


async def member_id(client: HubClient, name: str) -> UserId:
    """The id of the member of that name."""
    people = (await client.command(ListCollaborators())).collaborators
    return next(row.person.id for row in people if row.person.name == name)


def built_page() -> None:
    """Fail a test run without the page, and say what to run."""
    if not (ROOT / "client/dist/index.html").is_file():
        pytest.fail("the page is not built; run: make setup", pytrace=False)


async def open_window(
    browser: Browser,
    server: LiveServer,
    *,
    scheme: str = "light",
    width: int = 1280,
    height: int = 800,
    person: str | None = None,
) -> Window:
    """A window of somebody who followed the sign-in link, by default the demo person."""
    dark = "dark" if scheme == "dark" else "light"
    context = await browser.new_context(color_scheme=dark, viewport={"width": width, "height": height})
    page = await context.new_page()
    window = Window(page, context, server)
    page.on("console", window.hear)
    page.on("pageerror", lambda error: window.complaints.append(str(error)))
    await page.goto(server.sign_in_url + ("" if person is None else f"&name={person}"))
    return window
