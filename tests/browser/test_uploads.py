"""Files of the person's machine on their way into the project, and files that are no text, in the page."""

import asyncio
import hashlib
import random
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Route, expect

from protocol.files import CreateFile, DeleteFile, MoveFile
from tests.browser.window import Window, built_page, open_window
from tests.harness.live_server import LiveServer, live_server

LARGE_BYTES = 12_000_000  # two pieces
PATIENCE_MS = 30_000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server() -> AsyncIterator[LiveServer]:
    built_page()
    async with live_server() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def ada(browser: Browser, server: LiveServer) -> AsyncIterator[Window]:
    window = await open_window(browser, server, person="Ada")
    await window.show()
    await window.row("README.md").wait_for()
    yield window
    await window.context.close()


def payload(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def png(width: int, height: int) -> bytes:
    """A picture of one colour, as small as a whole PNG can be."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\x3d\x4b\xd1" * width) * height
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


async def choose(window: Window, *files: FilePayload | Path) -> None:
    async with window.page.expect_file_chooser() as chooser:
        await window.page.get_by_role("button", name="Upload files").click()
    await (await chooser.value).set_files(list(files))


async def content_of(server: LiveServer, path: str) -> bytes:
    headers = {"authorization": f"Bearer {server.token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as http:
        return (await http.get(f"/files/{server.project_id}/{path}")).raise_for_status().content


async def test_chosen_files_are_uploaded_and_others_see_them(
    ada: Window, browser: Browser, server: LiveServer, tmp_path: Path
) -> None:
    bob = await open_window(browser, server, person="Bob")
    await bob.show()
    await choose(ada, payload("notes.md", b"# Notes\n"), payload("logo.png", png(40, 30)))
    await expect(ada.page.get_by_role("region", name="Uploads")).to_contain_text("2 of 2 uploaded")
    await bob.row("notes.md").click()
    await bob.sees("Notes")
    await bob.row("logo.png").click()
    picture = bob.page.get_by_role("img", name="Content of logo.png")
    await expect(picture).to_have_js_property("naturalWidth", 40)
    async with bob.page.expect_download() as download:
        await bob.page.get_by_role("button", name="Download").click()
    await (await download.value).save_as(tmp_path / "logo.png")
    assert (tmp_path / "logo.png").read_bytes() == png(40, 30)
    assert bob.complaints == []
    await bob.context.close()


async def test_bytes_that_are_no_picture_get_a_card(ada: Window) -> None:
    await choose(ada, payload("data.bin", bytes(range(256)) * 10))
    await ada.row("data.bin").click()
    card = ada.page.get_by_role("region", name="About data.bin")
    await expect(card).to_contain_text("2.6 kB")
    await expect(ada.page.locator(".cm-content")).to_have_count(0)
    assert ada.complaints == []


async def test_a_card_follows_its_file_and_goes_with_it(ada: Window, browser: Browser, server: LiveServer) -> None:
    bob = await open_window(browser, server, person="Bob")
    await choose(ada, payload("card.bin", b"\0card"))
    await bob.show()
    await bob.row("card.bin").click()
    await expect(bob.page.get_by_role("region", name="About card.bin")).to_be_visible()
    async with server.client() as client:
        await client.command(MoveFile(path="card.bin", to="deck/card.bin"))
        await expect(bob.page).to_have_url(f"{server.url}/p/{server.project_id}/deck/card.bin")
        await expect(bob.page.get_by_role("region", name="About card.bin")).to_be_visible()
        await client.command(DeleteFile(path="deck"))
    await expect(bob.page.get_by_role("heading", name="No file is open")).to_be_visible()
    await expect(bob.page.get_by_text("deck/card.bin was deleted.")).to_be_visible()
    await bob.context.close()


async def test_a_name_that_is_taken_is_replaced_or_kept_beside_as_the_person_says(
    ada: Window, server: LiveServer
) -> None:
    async with server.client() as client:
        for name in ("one.txt", "two.txt"):
            await client.command(CreateFile(path=name, content="before"))
    await ada.row("two.txt").wait_for()
    await choose(ada, payload("one.txt", b"after"), payload("two.txt", b"after"))
    await expect(ada.page.get_by_text("A file is there already.")).to_have_count(2)
    await ada.page.get_by_role("button", name="Replace it: one.txt").click()
    await ada.page.get_by_role("button", name="Keep both: two.txt").click()
    await ada.row("two (2).txt").wait_for()
    await expect(ada.page.get_by_role("region", name="Uploads")).to_contain_text("2 of 2 uploaded")
    assert await content_of(server, "one.txt") == b"after"
    assert await content_of(server, "two.txt") == b"before"
    assert await content_of(server, "two (2).txt") == b"after"


async def test_files_of_this_machine_are_dropped_into_a_folder(ada: Window) -> None:
    transfer = await ada.page.evaluate_handle(
        "() => { const data = new DataTransfer(); data.items.add(new File(['dropped'], 'dropped.txt')); return data }"
    )
    for event in ("dragover", "drop"):
        await ada.row("server").dispatch_event(event, {"dataTransfer": transfer})
    await ada.row("server/dropped.txt").click()
    await ada.sees("dropped")


class Line:
    """The way of uploads to the server: counts where pieces begin, and does `fate` to the first second piece."""

    def __init__(self, fate: Callable[[Route], Awaitable[None]]) -> None:
        self.offsets: list[int] = []
        self.met_fate = asyncio.Event()
        self._fate = fate

    async def carry(self, route: Route) -> None:
        offset = int(route.request.headers.get("upload-offset", "0"))
        if route.request.method == "PATCH":
            self.offsets.append(offset)
        if offset > 0 and self.offsets.count(offset) == 1:
            self.met_fate.set()
            await self._fate(route)
        else:
            await route.continue_()


async def cut(route: Route) -> None:
    await route.abort("connectionreset")


async def hold(_route: Route) -> None:
    """Neither sent nor answered, as on a line that went dead."""


async def test_an_upload_whose_connection_breaks_goes_on_by_itself_where_it_was(
    ada: Window, server: LiveServer
) -> None:
    data, line = random.Random(1).randbytes(LARGE_BYTES), Line(cut)
    await ada.page.route("**/uploads/**", line.carry)
    await choose(ada, payload("large.bin", data))
    await expect(ada.page.get_by_role("region", name="Uploads")).to_contain_text("1 of 1 uploaded", timeout=PATIENCE_MS)
    assert line.offsets[0] == 0
    assert line.offsets[1] == line.offsets[2] > 0
    assert sha256(await content_of(server, "large.bin")) == sha256(data)


@pytest.mark.parametrize("how", ["by its button", "by choosing the file again after a reload"])
async def test_an_upload_that_was_paused_goes_on_where_it_was(
    ada: Window, server: LiveServer, tmp_path: Path, how: str
) -> None:
    data, line, file = random.Random(how).randbytes(LARGE_BYTES), Line(hold), tmp_path / f"again {len(how)}.bin"
    file.write_bytes(data)
    await ada.page.route("**/uploads/**", line.carry)
    await choose(ada, file)
    async with asyncio.timeout(PATIENCE_MS / 1000):
        await line.met_fate.wait()
    await ada.page.get_by_role("button", name=f"Pause: {file.name}").click()
    go_on = ada.page.get_by_role("button", name=f"Go on: {file.name}")
    await expect(go_on).to_be_visible()
    if how == "by its button":
        await go_on.click()
    else:
        await ada.page.reload()
        await choose(ada, file)
    await expect(ada.page.get_by_role("region", name="Uploads")).to_contain_text("1 of 1 uploaded", timeout=PATIENCE_MS)
    assert line.offsets.count(0) == 1
    assert sha256(await content_of(server, file.name)) == sha256(data)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
