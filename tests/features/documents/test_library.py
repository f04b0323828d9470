"""Documents in memory: loaded once, never empty by mistake, kept while anything is unwritten, gone when unused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from prometheus_client import REGISTRY

from protocol.documents import GetRecovery, ListRecoveries, OpenDocument, ReadDocument
from protocol.files import DeleteFile
from protocol.yjs.lib0 import write_var_uint
from protocol.yjs.state_vector import decode_state_vector
from runner.hub_client import ServerRefused
from server.features.documents.replica import RESERVED_CLIENTS
from server.store import documents
from tests.features.documents.logs import document_id_of, head, rows
from tests.harness.editor import Editor
from tests.harness.proxy import Proxy, proxy_to
from tests.harness.worker import Worker, running_worker
from tests.protocol.mutations import after, item, update

SETTLE_TIMEOUT_S = 20


def metric(name: str) -> float:
    return REGISTRY.get_sample_value(name) or 0.0


@pytest.fixture
async def worker(database_url: str) -> AsyncIterator[Worker]:
    async with running_worker(database_url, unload_after_s=0, content_quiet_s=0.01) as worker:
        yield worker


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    async with proxy_to(database_url) as proxy:
        yield proxy


async def job(worker: Worker, name: str) -> None:
    """Run a job of the documents feature now."""
    (found,) = [job for feature in worker.app.features for job in feature.jobs if job.name == name]
    await found.run()


async def test_however_many_ask_a_document_is_seeded_and_loaded_once(worker: Worker) -> None:
    """P7."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "once"})
    loads = metric("flashio_document_load_seconds_count")
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(worker.client(ada, project_id)) for _ in range(20)]
        editors = await asyncio.gather(*(Editor().open(client, "a.txt") for client in clients))
        assert {str(editor.text) for editor in editors} == {"once"}
    assert metric("flashio_document_load_seconds_count") == loads + 1
    assert len(await rows(worker.app.db, await document_id_of(worker.app.db, project_id, "a.txt"))) == 1


async def test_two_workers_that_seed_at_once_make_one_history(database_url: str) -> None:
    """P7, P9."""
    async with running_worker(database_url) as one, running_worker(database_url) as two:
        ada = await one.person()
        names = {f"{n}.txt": f"text {n}" for n in range(10)}
        project_id = await one.project(ada, names)
        async with one.client(ada, project_id) as here, two.client(ada, project_id) as there:
            for name, text in names.items():
                editors = await asyncio.gather(*(Editor().open(client, name) for client in (here, there)))
                assert {str(editor.text) for editor in editors} == {text}
                assert len({editor.channel.opened.lineage for editor in editors}) == 1


async def test_people_who_open_the_same_new_path_at_once_share_a_document(worker: Worker) -> None:
    """P7."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(worker.client(ada, project_id)) for _ in range(8)]
        editors = await asyncio.gather(*(Editor().open(client, "new/a.txt", create=True) for client in clients))
        assert len({editor.channel.opened.document_id for editor in editors}) == 1


async def test_an_empty_file_has_a_history_too(worker: Worker) -> None:
    """P7."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": ""})
    async with worker.client(ada, project_id) as client:
        await Editor().open(client, "a.txt")
    stored = await head(worker.app.db, await document_id_of(worker.app.db, project_id, "a.txt"))
    assert (stored.last_seq, stored.seed_client in RESERVED_CLIENTS) == (1, True)


async def test_a_load_that_fails_is_an_error_and_never_an_empty_document(database_url: str, proxy: Proxy) -> None:
    """P7."""
    async with running_worker(database_url) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": "precious"})
    async with running_worker(proxy.dsn, database_timeout_s=1) as worker, worker.client(ada, project_id) as client:
        proxy.cut()
        for _ in range(3):
            with pytest.raises(ServerRefused, match="unavailable"):
                await client.command(OpenDocument(path="a.txt"))
        proxy.mend()
        assert str((await Editor().open(client, "a.txt")).text) == "precious"


async def test_a_document_that_nobody_has_open_is_dropped(worker: Worker) -> None:
    """P10."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": ""})
    async with worker.client(ada, project_id) as client:
        editor = await Editor().open(client, "a.txt")
        await editor.type(0, "kept")
        await editor.channel.when_saved()
        await job(worker, "sweep documents")
        assert metric("flashio_documents") == 1
    for feature in worker.app.features:
        await feature.flush()
    for _ in range(2):
        await job(worker, "sweep documents")
    assert metric("flashio_documents") == 0
    async with worker.client(ada, project_id) as client:
        assert str((await Editor().open(client, "a.txt")).text) == "kept"


async def test_a_document_with_unwritten_edits_is_not_dropped(database_url: str, proxy: Proxy) -> None:
    """P1."""
    async with running_worker(proxy.dsn, unload_after_s=0, database_timeout_s=1) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": ""})
        async with worker.client(ada, project_id) as client:
            editor = await Editor().open(client, "a.txt")
            proxy.cut()
            await editor.type(0, "not written yet")
            await editor.channel.when_storage(reachable=False)
        for _ in range(3):
            await job(worker, "sweep documents")
        assert metric("flashio_documents") == 1
        proxy.mend()
        async with worker.client(ada, project_id) as client:
            assert (await client.command(ReadDocument(path="a.txt"))).text == "not written yet"
            reopened = await Editor().open(client, "a.txt")
            await reopened.channel.edit(b"\0\0")
            await reopened.channel.when_saved()
    async with running_worker(database_url) as worker, worker.client(ada, project_id) as client:
        assert str((await Editor().open(client, "a.txt")).text) == "not written yet"


async def test_an_edit_that_would_break_the_engine_ends_its_sender_and_no_other(worker: Worker) -> None:
    """P8."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "text"})
    async with worker.client(ada, project_id) as client, worker.client(ada, project_id) as hostile:
        editor = await Editor().open(client, "a.txt")
        await editor.type(0, "1 ")
        await editor.channel.when_saved()
        channel = await hostile.open("a.txt")
        await channel.edit(character_under(author_of(editor), 0))
        assert (await channel.when_ended())["code"] == "invalid"
        await editor.type(0, "2 ")
        await editor.channel.when_saved()
        assert (editor.channel.ended, str(editor.text)) == (None, "2 1 text")


async def test_an_edit_that_waits_to_break_the_engine_is_left_out_and_set_aside(worker: Worker) -> None:
    """P8."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "text"})
    async with worker.client(ada, project_id) as client, worker.client(ada, project_id) as hostile:
        editor = await Editor().open(client, "a.txt")
        await editor.type(0, "1")
        await editor.channel.when_saved()
        channel = await hostile.open("a.txt")
        await channel.edit(character_under(author_of(editor), 2))
        await channel.when_saved()
        for letter in "234":
            await editor.type(0, letter)
        await editor.channel.when_saved()
        assert (editor.channel.ended, str(editor.text)) == (None, "4321text")
        document_id = editor.channel.opened.document_id
    for feature in worker.app.features:
        await feature.flush()
    for _ in range(2):
        await job(worker, "sweep documents")
    assert metric("flashio_documents") == 0
    async with worker.client(ada, project_id) as client:
        assert str((await Editor().open(client, "a.txt")).text) == "4321text"
        assert (await head(worker.app.db, document_id)).state == "live"
        async with worker.app.db.acquire() as connection:
            assert await documents.count_quarantined.one(connection, document_id=document_id, after_seq=0) == 1


async def test_a_row_of_the_log_that_breaks_the_engine_makes_everyone_open_the_document_anew(worker: Worker) -> None:
    """P8."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "text", "well.txt": ""})
    async with worker.client(ada, project_id) as client:
        editor, well = await Editor().open(client, "a.txt"), await Editor().open(client, "well.txt")
        await editor.type(0, "1")
        await editor.channel.when_saved()
        document_id = editor.channel.opened.document_id
        async with worker.app.db.acquire() as connection:
            edit = documents.Edit(document_id, 1, character_under(author_of(editor), 0))
            assert await documents.commit(connection, [edit]) == [3]
        await job(worker, "compare with the log")
        assert (await editor.channel.when_ended())["retry"]
        with pytest.raises(ServerRefused, match="quarantined"):
            await client.command(OpenDocument(path="a.txt"))
        await well.type(0, "well")
        await well.channel.when_saved()


async def test_who_joins_while_an_edit_waits_sees_it_when_it_is_whole(worker: Worker) -> None:
    """P2."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": ""})
    async with worker.client(ada, project_id) as client, worker.client(ada, project_id) as other:
        channel = await client.open("a.txt")
        await channel.edit(update(after(5, 0, "b"), client=6))
        await channel.when_saved()
        late = await Editor().open(other, "a.txt")
        await channel.edit(update(item(4, b"\x01a").replace(b"\x01t", b"\x0acodemirror"), client=5))
        await late.until("ab")


async def test_a_document_set_aside_elsewhere_is_told_to_those_who_have_it_open(worker: Worker) -> None:
    """P8."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": ""})
    async with worker.client(ada, project_id) as client:
        editor = await Editor().open(client, "a.txt")
        async with worker.app.db.acquire() as connection:
            await connection.execute("update documents set state = 'quarantined'", [])
        await editor.type(0, "lost?")
        assert (await editor.channel.when_ended())["code"] == "quarantined"
        assert editor.channel.saved == 0
        with pytest.raises(ServerRefused, match="quarantined"):
            await client.command(OpenDocument(path="a.txt"))


async def test_an_edit_of_a_file_deleted_behind_our_back_is_not_called_saved(worker: Worker) -> None:
    """P1."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": ""})
    async with worker.client(ada, project_id) as client:
        editor = await Editor().open(client, "a.txt")
        async with worker.app.db.acquire() as connection:
            await connection.execute("update project_files set deleted_at = now()", [])
        await editor.type(0, "too late")
        assert (await editor.channel.when_ended())["code"] == "gone"
        assert editor.channel.saved == 0


async def test_a_socket_that_leaves_while_its_document_loads_leaves_nobody_behind(worker: Worker) -> None:
    """P10."""
    ada = await worker.person()
    project_id = await worker.project(ada, {f"{n}.txt": "" for n in range(20)})
    for n in range(20):
        async with worker.client(ada, project_id) as client:
            opening = asyncio.ensure_future(client.command(OpenDocument(path=f"{n}.txt")))
            for _ in range(n):
                await asyncio.sleep(0)
            opening.cancel()
            await asyncio.wait((opening,))
    async with worker.client(ada, project_id) as client:
        await client.command(DeleteFile(path="0.txt"))
    async with asyncio.timeout(SETTLE_TIMEOUT_S):
        while metric("flashio_documents"):
            await job(worker, "sweep documents")


async def test_a_text_that_a_reader_wrote_is_kept_for_them_alone(worker: Worker) -> None:
    """P8."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "text"})
    reader = await worker.token(ada.id, frozenset({"read"}))
    async with worker.client(ada, project_id, token=reader) as client:
        editor = await Editor().open(client, "a.txt")
        await editor.type(0, "my ")
        ended = await editor.channel.when_ended()
        assert (ended["code"], ended["number"]) == ("forbidden", 4403)
        (copy,) = (await client.command(ListRecoveries())).recoveries
        assert str(copy.id) == ended["recoveryId"]
        assert (await client.command(GetRecovery(id=copy.id))).text == "my text"
        assert (await client.command(ReadDocument(path="a.txt"))).text == "text"


async def test_seeding_a_file_that_is_too_long_or_no_text_is_refused(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url, max_document_bytes=1024) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"long.txt": "x" * 2_000, "folder/a.txt": ""})
        async with worker.client(ada, project_id) as client:
            with pytest.raises(ServerRefused, match="too_large"):
                await client.command(OpenDocument(path="long.txt"))
            with pytest.raises(ServerRefused, match="invalid"):
                await client.command(OpenDocument(path="folder"))


def author_of(editor: Editor) -> int:
    """The client id under which the editor typed."""
    return min(client for client in decode_state_vector(editor.doc.get_state()) if client not in RESERVED_CLIENTS)


def character_under(client: int, clock: int) -> bytes:
    """An update that puts a character into what is no type."""
    return update(b"\x04\x00" + write_var_uint(client) + write_var_uint(clock) + b"\x01y", client=66)
