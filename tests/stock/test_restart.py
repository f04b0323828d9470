"""Unmodified clients over a restart of the server: they come back by themselves, and so does their text (P2)."""

import pytest

from tests.harness.live_server import live_server
from tests.harness.stock_clients import stock_clients


@pytest.mark.slow
@pytest.mark.parametrize("version", [3, 4])
async def test_clients_come_back_after_a_restart_with_what_they_typed_meanwhile(version: int) -> None:
    async with live_server() as server, stock_clients(server) as stock:
        ada, bob = await stock.synced("notes.md", version=version), await stock.synced("notes.md")
        await ada.insert(0, "before ")
        await bob.until("text", "before ")
        await server.stop()
        await ada.insert(7, "meanwhile")
        await server.start()
        await ada.until("syncs", 2)
        await bob.until("text", "before meanwhile")
        await ada.until("saved")
        assert (await ada.state()).denials == []


@pytest.mark.slow
async def test_a_paste_over_the_limit_ends_its_author_once_and_nobody_else() -> None:
    """It is told in-band and closed for good, so that the client does not send it again for ever."""
    limits = {"MAX_UPDATE_BYTES": "4096", "MAX_MESSAGE_BYTES": "65536"}
    async with live_server(**limits) as server, stock_clients(server) as stock:
        for size in (10_000, 100_000, 1_000_000):
            path = f"{size}.md"
            ada, bob = await stock.synced(path), await stock.synced(path)
            await ada.insert(0, "p" * size)
            await ada.until("closed", 1)
            state = await ada.state()
            assert (state.closes, state.retrying) == ([4413], False)
            assert state.denials[0].startswith("too_large: ")
            await bob.insert(0, "still here")
            await bob.until("saved")
