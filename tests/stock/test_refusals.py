"""What unmodified clients may not do is refused in-band, closed for good, and costs nobody their text (P5, P8, P11)."""

import time
from uuid import uuid4

import httpx
import pytest

from protocol.collaborators import AcceptInvitation, Invite, RemovePathRight, SetPathRight
from protocol.documents import GetRecovery, ListRecoveries, ReadDocument
from protocol.errors import ERRORS, ErrorCode
from protocol.files import DeleteFile, MoveFile
from tests.harness.live_server import LiveServer
from tests.harness.stock_clients import StockClient, StockClients

WITHIN_S = 1.0  # P5
UNKNOWN_PROJECT = "00000000-0000-4000-8000-000000000000"


async def expect_refusal(client: StockClient, code: ErrorCode) -> None:
    await client.until("closed", 1)
    state = await client.state()
    assert state.denials[0].startswith(f"{code}: ")
    assert state.closes == [ERRORS[code].number]


@pytest.mark.parametrize("token", ["no-such-token", None])
async def test_a_client_without_a_valid_token_is_refused_and_stops(
    stock: StockClients, path: str, token: str | None
) -> None:
    client = await stock.connect(path, token=token)
    await expect_refusal(client, ErrorCode.UNAUTHENTICATED)
    assert not (await client.state()).retrying


async def test_somebody_elses_project_looks_like_none(stock: StockClients, path: str, foreign_project: str) -> None:
    for project in (foreign_project, UNKNOWN_PROJECT):
        await expect_refusal(await stock.connect(path, project=project), ErrorCode.NOT_FOUND)


async def test_version_4_is_told_the_same_and_is_slowed_down(stock: StockClients, path: str) -> None:
    """This version comes back whatever the close code says; each time costs it the server's delay."""
    client = await stock.connect(path, version=4, token="no-such-token")
    await client.until("closed", 2)
    assert set((await client.state()).closes) == {ERRORS[ErrorCode.UNAUTHENTICATED].number}


async def test_a_reader_sees_the_others_type(stock: StockClients, path: str, reader_token: str) -> None:
    ada = await stock.synced(path)
    reader = await stock.synced(path, token=reader_token)
    await ada.insert(0, "read me")
    await reader.until("text", "read me")


async def test_a_reader_cannot_create_a_file(stock: StockClients, path: str, reader_token: str) -> None:
    await expect_refusal(await stock.connect(path, token=reader_token), ErrorCode.NOT_FOUND)


async def test_a_reader_that_writes_is_refused_and_its_text_is_kept(
    stock: StockClients, server: LiveServer, path: str, reader_token: str
) -> None:
    ada = await stock.synced(path)
    await ada.insert(0, "shared ")
    reader = await stock.synced(path, token=reader_token)
    await reader.insert(7, "and mine")
    await expect_refusal(reader, ErrorCode.FORBIDDEN)
    assert not (await reader.state()).retrying
    async with server.client() as client:
        assert (await client.command(ReadDocument(path=path))).text == "shared "
        kept = (await client.command(ListRecoveries())).recoveries[0]
        text = (await client.command(GetRecovery(id=kept.id))).text
    assert (kept.path, text) == (path, "shared and mine")
    assert str(kept.id) in (await reader.state()).denials[0]


async def test_a_moved_file_is_found_by_its_old_path(stock: StockClients, server: LiveServer, path: str) -> None:
    ada = await stock.synced(path)
    await ada.insert(0, "one document")
    await ada.until("saved")
    async with server.client() as client:
        await client.command(MoveFile(path=path, to=f"{path}.moved"))
    await ada.disconnect()
    await ada.insert(0, "still ")
    await ada.reconnect()
    await ada.until("saved")
    bob = await stock.synced(f"{path}.moved")
    assert (await bob.state()).text == "still one document"


async def test_clients_in_a_deleted_file_are_told_and_cannot_bring_it_back(
    stock: StockClients, server: LiveServer, path: str
) -> None:
    ada = await stock.synced(path)
    await ada.insert(0, "doomed")
    await ada.until("saved")
    async with server.client() as client:
        await client.command(DeleteFile(path=path))
    await expect_refusal(ada, ErrorCode.GONE)
    await expect_refusal(await stock.connect(path), ErrorCode.GONE)


@pytest.fixture(scope="session")
def editor_token(server: LiveServer) -> str:
    """A token of Bob, an editor of the demo project."""
    server.run("user", "create", "bob@example.org")
    return server.run("token", "create", "bob@example.org").stdout.strip()


@pytest.mark.parametrize("version", [3, 4])
async def test_a_file_that_is_hidden_while_somebody_types_is_gone_within_a_second(
    stock: StockClients, server: LiveServer, path: str, editor_token: str, version: int
) -> None:
    """P5: the provider is told why in-band, hears nothing more, and what it types reaches nobody."""
    await join(server, editor_token)
    ada = await stock.synced(path)
    bob = await stock.synced(path, token=editor_token, version=version)
    await bob.insert(0, "typed ")
    await ada.until("text", "typed ")
    async with server.client() as owner:
        made = await owner.command(SetPathRight(glob=path, role="editor", access="hidden"))
        began = time.monotonic()
        await bob.until("closed", 1, timeout_s=WITHIN_S)
        assert time.monotonic() - began < WITHIN_S
        state = await bob.state()
        assert state.denials[0].startswith("not_found: ")
        assert state.closes[0] == ERRORS[ErrorCode.NOT_FOUND].number
        await bob.insert(0, "and lost ")
        await ada.insert(0, "unseen ")
        await ada.until("text", "unseen typed ")
        assert "unseen" not in (await bob.state()).text
        assert (await owner.command(ReadDocument(path=path))).text == "unseen typed "
        await owner.command(RemovePathRight(id=made.id))


async def test_a_file_that_becomes_read_only_while_somebody_types_takes_nothing_more(
    stock: StockClients, server: LiveServer, path: str, editor_token: str
) -> None:
    """P5, P8, P11."""
    await join(server, editor_token)
    ada = await stock.synced(path)
    bob = await stock.synced(path, token=editor_token)
    await bob.insert(0, "typed ")
    await ada.until("text", "typed ")
    async with server.client() as owner:
        made = await owner.command(SetPathRight(glob=path, role="editor", access="read_only"))
        await bob.until("denied", 1, timeout_s=WITHIN_S)
        await ada.insert(0, "seen ")
        await bob.until("text", "seen typed ")
        await bob.insert(0, "mine ")
        await expect_end(bob, ErrorCode.FORBIDDEN)
        assert (await owner.command(ReadDocument(path=path))).text == "seen typed "
        await owner.command(RemovePathRight(id=made.id))
    async with server.client(editor_token) as client:
        kept = (await client.command(ListRecoveries())).recoveries[0]
        assert (await client.command(GetRecovery(id=kept.id))).text == "mine seen typed "


async def expect_end(client: StockClient, code: ErrorCode) -> None:
    await client.until("closed", 1)
    assert (await client.state()).closes == [ERRORS[code].number]


async def join(server: LiveServer, token: str) -> None:
    """Make the token's holder an editor of the demo project."""
    async with server.client() as owner:
        invited = await owner.command(Invite(role="editor"))
    headers = {"authorization": f"Bearer {token}", "idempotency-key": str(uuid4())}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as http:
        body = AcceptInvitation(secret=invited.secret or "").model_dump(mode="json")
        assert (await http.post("/api/collaborators/accept", json=body)).is_success
