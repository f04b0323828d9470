"""What unmodified clients see of one another: identity is the server's word, and who leaves is gone (P6)."""

import pytest

from tests.harness.stock_clients import StockClients

VERSIONS = pytest.mark.parametrize("version", [3, 4])


@VERSIONS
async def test_a_client_that_claims_another_name_is_shown_with_its_own(
    stock: StockClients, path: str, version: int
) -> None:
    ada, eve = await stock.synced(path, version=version), await stock.synced(path, version=version)
    await eve.set_user(name="Ada Lovelace", color="#ff0000")
    await ada.until("others", ["Demo"])


async def test_one_that_joins_late_is_told_who_is_there(stock: StockClients, path: str) -> None:
    await (await stock.synced(path)).set_user(name="anybody")
    late = await stock.synced(path)
    await late.until("others", ["Demo"])


@VERSIONS
async def test_the_others_are_told_when_a_client_leaves(stock: StockClients, path: str, version: int) -> None:
    ada, bob = await stock.synced(path), await stock.synced(path, version=version)
    await bob.set_user(name="Bob")
    await ada.until("others", ["Demo"])
    await bob.disconnect()
    await ada.until("others", [])


async def test_a_client_whose_socket_breaks_is_announced_as_gone(stock: StockClients, path: str) -> None:
    """A provider that ends says good-bye itself; a broken socket cannot, so the server does."""
    ada, bob = await stock.synced(path), await stock.synced(path)
    await bob.set_user(name="Bob")
    await ada.until("others", ["Demo"])
    await bob.cut()
    await ada.until("others", [])
    await ada.until("others", ["Demo"])  # it came back by itself
