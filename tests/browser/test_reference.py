"""The page of the API in a browser: narrow and wide, light and dark, and under the policy of all our pages."""

import pytest
from playwright.async_api import Browser

from tests.harness.doors import doors


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_the_reference_fits_the_window_and_needs_nothing_from_elsewhere(
    browser: Browser, database_url: str, width: int, scheme: str
) -> None:
    async with doors(database_url, "fast") as served:
        context = await browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
        page, asked, complaints = await context.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        address = f"http://127.0.0.1:{served.port}/api"
        await page.goto(address)
        await page.click("nav >> text=collaborators")
        await page.click("nav >> text=change_role")
        await page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert (asked, complaints) == ([address], [])
        colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (colour == "rgb(21, 23, 28)") == (scheme == "dark")
        await context.close()
