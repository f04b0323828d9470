"""The browser of the harness renders pages, keeps contexts apart and reaches nothing beyond this machine's loopback."""

import pytest
from playwright.async_api import Browser, Error, Page

from tests.harness.static_site import static_site


async def test_a_page_served_on_loopback_is_rendered(page: Page) -> None:
    with static_site("<title>Grüße 🚀</title><script>document.title += ' ' + (6 * 7)</script>") as address:
        await page.goto(address)
        assert await page.title() == "Grüße 🚀 42"


async def test_two_contexts_do_not_share_storage(browser: Browser) -> None:
    with static_site("<title>storage</title>") as address:
        seen = []
        for _ in range(2):
            context = await browser.new_context()
            page = await context.new_page()
            await page.goto(address)
            seen.append(await page.evaluate("localStorage.getItem('who')"))
            await page.evaluate("localStorage.setItem('who', 'someone')")
            await context.close()
    assert seen == [None, None]


async def test_an_address_that_is_not_allowed_is_not_reached(page: Page) -> None:
    with static_site("", host="127.0.0.2") as address, pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        await page.goto(address)
