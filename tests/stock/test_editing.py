"""Unmodified y-websocket clients edit one file: what they type, see and are brought level with (P2, P11)."""

import asyncio

import pytest

from protocol.documents import ReadDocument
from tests.harness.editor import Editor
from tests.harness.live_server import LiveServer
from tests.harness.stock_clients import StockClients

VERSIONS = pytest.mark.parametrize("version", [3, 4])


@VERSIONS
async def test_two_clients_see_each_other_type(stock: StockClients, path: str, version: int) -> None:
    ada, bob = await stock.synced(path, version=version), await stock.synced(path, version=version)
    await ada.insert(0, "hello ")
    await bob.until("text", "hello ")
    await bob.insert(6, "wörld 🚀")
    await ada.until("text", "hello wörld 🚀")
    await ada.delete(0, 6)
    await bob.until("text", "wörld 🚀")


async def test_a_client_of_either_version_works_with_the_other(stock: StockClients, path: str) -> None:
    old, new = await stock.synced(path, version=3), await stock.synced(path, version=4)
    await old.insert(0, "three")
    await new.until("text", "three")
    await new.insert(5, " four")
    await old.until("text", "three four")


@VERSIONS
async def test_one_that_joins_late_finds_the_text(stock: StockClients, path: str, version: int) -> None:
    ada = await stock.synced(path)
    await ada.insert(0, "written before")
    await ada.until("saved")
    late = await stock.synced(path, version=version)
    assert (await late.state()).text == "written before"


async def test_a_path_without_history_becomes_a_file(stock: StockClients, server: LiveServer, path: str) -> None:
    ada = await stock.synced(path)
    await ada.insert(0, "new")
    await ada.until("saved")
    async with server.client() as client:
        assert (await client.command(ReadDocument(path=path))).text == "new"


async def test_clients_that_come_to_a_new_path_at_once_share_the_file(stock: StockClients, path: str) -> None:
    everybody = [await stock.connect(f"new/folder of/{path}") for _ in range(4)]
    for client in everybody:
        await client.until("synced", value=True)
        assert (await client.state()).denials == []
    await everybody[0].insert(0, "ours")
    for client in everybody:
        await client.until("text", "ours")


@VERSIONS
async def test_what_was_typed_offline_arrives_after_reconnecting(stock: StockClients, path: str, version: int) -> None:
    ada, bob = await stock.synced(path, version=version), await stock.synced(path)
    await ada.disconnect()
    await ada.insert(0, "from afar")
    await ada.reconnect()
    await bob.until("text", "from afar")


async def test_a_stock_client_and_one_of_our_own_share_a_room(
    stock: StockClients, server: LiveServer, path: str
) -> None:
    bob = await stock.synced(path)
    async with server.client() as client:
        ada = await Editor().open(client, path)
        await bob.insert(0, "stock")
        await ada.until("stock")
        await ada.type(5, " and ours")
        await bob.until("text", "stock and ours")


@pytest.mark.slow
async def test_idle_clients_stay_connected_because_something_arrives(stock: StockClients, path: str) -> None:
    """Stock clients leave after 30 s without a message; the server says something every 15 s."""
    idle = [await stock.synced(path, version=3), await stock.synced(f"{path}.v4", version=4)]
    said = [(await client.state()).awarenessMessages for client in idle]
    await asyncio.gather(
        *(client.until("awarenessMessages", n + 3, timeout_s=60) for client, n in zip(idle, said, strict=True))
    )
    for client in idle:
        state = await client.state()
        assert (state.connected, state.closes, state.syncs) == (True, [], 1)
