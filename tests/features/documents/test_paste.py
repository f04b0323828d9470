"""A paste over a limit: told in-band, closed for good, its text kept; nobody comes back with it for ever (P8, P11)."""

import pytest
from pycrdt import Doc, Text

from protocol.documents import GetRecovery, ListRecoveries, ReadDocument, RecoveryText
from protocol.errors import ERRORS, ErrorCode
from protocol.yjs import sync
from runner.hub_client import HubClient
from tests.harness.asgi import AsgiConnection
from tests.harness.editor import ROOT_NAME, Editor
from tests.harness.worker import Worker, running_worker

LIMITS = {"max_update_bytes": 200_000, "max_document_bytes": 100_000, "max_message_bytes": 1 << 20}


def pasted(base: bytes, size: int) -> bytes:
    """What a replica sends that has had so many bytes pasted into it."""
    doc: Doc[Text] = Doc()
    text = doc.get(ROOT_NAME, type=Text)
    doc.apply_update(base)
    before = doc.get_state()
    text.insert(0, "p" * size)
    return doc.get_update(before)


async def synced(connection: AsgiConnection) -> bytes:
    """The document's state, as a stock provider asks for it."""
    await connection.send(sync.encode_sync_step1(sync.EMPTY_STATE_VECTOR))
    while True:
        (message,) = sync.parse_frame(await connection.recv())  # type: ignore[arg-type]
        if isinstance(message, sync.SyncStep2):
            return message.update


async def only_copy(client: HubClient) -> RecoveryText:
    """The one recovery copy that the client's person has."""
    (copy,) = (await client.command(ListRecoveries())).recoveries
    return await client.command(GetRecovery(id=copy.id))


@pytest.mark.parametrize("size", [150_000, 190_000])
async def test_on_our_protocol_the_replica_ends_and_the_socket_stays(database_url: str, size: int) -> None:
    """P8."""
    async with running_worker(database_url, **LIMITS) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": "text"})
        async with worker.client(ada, project_id) as client:
            editor = await Editor().open(client, "a.txt")
            await editor.type(0, "p" * size)
            ended = await editor.channel.when_ended()
            assert (ended["code"], ended["retry"]) == ("too_large", False)
            copy = await only_copy(client)
            assert (str(copy.recovery.id), copy.text) == (ended["recoveryId"], "p" * size + "text")
            assert (await client.command(ReadDocument(path="a.txt"))).text == "text"


@pytest.mark.parametrize("step", [sync.encode_update, sync.encode_sync_step2])
async def test_a_stock_client_is_told_and_closed_with_a_code_that_means_never(database_url: str, step: object) -> None:
    """P8, P11."""
    async with running_worker(database_url, **LIMITS) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": "text"})
        async with worker.yjs(ada.token, project_id, "a.txt", capacity_bytes=1 << 22) as stock:
            await stock.send(step(pasted(await synced(stock), 150_000)))  # type: ignore[operator]
            reason, code = await refused(stock)
        assert (reason.startswith("too_large: "), "recovery copy" in reason) == (True, True)
        assert code == ERRORS[ErrorCode.TOO_LARGE].number
        async with worker.client(ada, project_id) as client:
            assert len((await only_copy(client)).text) == 150_004


async def test_a_message_over_the_limit_of_messages_is_refused_in_band_too(database_url: str) -> None:
    """P11."""
    async with running_worker(database_url, **LIMITS) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": "text"})
        async with worker.yjs(ada.token, project_id, "a.txt", capacity_bytes=1 << 22) as stock:
            await stock.send(sync.encode_update(pasted(await synced(stock), 1_500_000)))
            reason, code = await refused(stock)
        assert reason.startswith("too_large: ")
        assert code == ERRORS[ErrorCode.TOO_LARGE].number


async def test_text_at_the_limit_may_still_be_shortened(database_url: str) -> None:
    async with running_worker(database_url, **LIMITS) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": "x" * 100_000})
        async with worker.client(ada, project_id) as client:
            editor = await Editor().open(client, "a.txt")
            await editor.delete(0, 50_000)
            await editor.type(0, "y" * 40_000)
            await editor.channel.when_saved()
            assert editor.channel.ended is None


async def refused(connection: AsgiConnection) -> tuple[str, int]:
    """The reason told in-band, and the close code after it."""
    reason = ""
    async for data in connection:
        (message,) = sync.parse_frame(data)  # type: ignore[arg-type]
        if isinstance(message, sync.AuthDenied):
            reason = message.reason
    return reason, connection.close_code or 0


async def test_a_reader_s_paste_on_a_stock_client_is_kept_for_them(worker: Worker) -> None:
    """P5, P8."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "text"})
    reader = await worker.token(ada.id, frozenset({"read"}))
    async with worker.yjs(reader, project_id, "a.txt", capacity_bytes=1 << 22) as stock:
        await stock.send(sync.encode_update(pasted(await synced(stock), 10)))
        reason, code = await refused(stock)
    assert (reason.startswith("forbidden: "), code) == (True, 4403)
    async with worker.client(ada, project_id) as client:
        assert (await only_copy(client)).text == "p" * 10 + "text"
