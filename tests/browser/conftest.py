"""Every test of this folder drives a browser, on the event loop that the browser lives on."""

from pathlib import Path

import pytest

from tests.harness.browser import browser, context, page

__all__ = ["browser", "context", "page"]

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
