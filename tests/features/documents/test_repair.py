"""A poisoned row sets its document aside, visibly; the rest lives, and an operator brings it back (P8)."""

import pytest

from protocol.documents import ListRecoveries, ReadDocument
from protocol.ids import ProjectId
from protocol.yjs.lib0 import write_var_uint
from runner.hub_client import ServerRefused
from server.store import repair
from tests.features.documents.logs import BOMB, SHORT, compact, document_id_of, head, poison, rows
from tests.harness.command_line import flashio
from tests.harness.editor import Editor
from tests.harness.worker import Person, Worker, running_worker
from tests.protocol.mutations import update

# Each letter of these builds on the one before it, so that a lost one leaves a hole.
LETTERS = "abcd"


async def type_letters(worker: Worker) -> tuple[Person, ProjectId, Editor]:
    """Ada types into one of two files; returns her, the project and her replica."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "", "well.txt": "well"})
    async with worker.client(ada, project_id) as client:
        editor = await Editor().open(client, "a.txt")
        for at, letter in enumerate(LETTERS):
            await editor.type(at, letter)
            await editor.channel.when_saved()
    return ada, project_id, editor


@pytest.mark.parametrize(
    "data",
    [SHORT, BOMB, b"", b"\xff" * 1_000],
    ids=["truncated", "nested", "empty", "noise"],
)
async def test_a_row_that_cannot_be_read_sets_its_document_aside_and_no_other(database_url: str, data: bytes) -> None:
    """P7, P8."""
    async with running_worker(database_url) as worker:
        ada, project_id, _ = await type_letters(worker)
    async with running_worker(database_url) as worker:
        document_id = await document_id_of(worker.app.db, project_id, "a.txt")
        await poison(worker.app.db, document_id, 3, data)
        async with worker.client(ada, project_id) as client:
            for _ in range(2):
                with pytest.raises(ServerRefused, match="quarantined") as refused:
                    await Editor().open(client, "a.txt")
                assert f"document repair {document_id}" in str(refused.value)
            assert str((await Editor().open(client, "well.txt")).text) == "well"
        assert (await head(worker.app.db, document_id)).state == "quarantined"


async def test_a_row_over_which_the_engine_panics_is_set_aside_and_repaired(database_url: str) -> None:
    """P8."""
    async with running_worker(database_url) as worker:
        ada, project_id, _ = await type_letters(worker)
    async with running_worker(database_url) as worker:
        document_id = await document_id_of(worker.app.db, project_id, "a.txt")
        seed_client = (await head(worker.app.db, document_id)).seed_client
        under_what_is_no_type = b"\x04\x00" + write_var_uint(seed_client) + b"\x00\x01y"
        await poison(worker.app.db, document_id, 5, update(under_what_is_no_type, client=7))
        async with worker.client(ada, project_id) as client:
            with pytest.raises(ServerRefused, match="quarantined"):
                await Editor().open(client, "a.txt")
            async with worker.app.db.acquire() as connection:  # as a disk might show it again
                await connection.execute("update documents set state = 'quarantined' where id = $1", [document_id])
                await repair.release_update(connection, document_id, 5)
            assert (await flashio("document", "repair", str(document_id), DATABASE_URL=database_url)).err == ""
            assert str((await Editor().open(client, "a.txt")).text) == "abc"


async def test_a_repair_never_replaces_a_snapshot_that_cannot_be_read_by_an_empty_text(database_url: str) -> None:
    """P7."""
    async with running_worker(database_url, snapshot_rows=2) as worker:
        ada, project_id, _ = await type_letters(worker)
        document_id = await document_id_of(worker.app.db, project_id, "a.txt")
        await compact(worker.app.db, document_id)
        async with worker.app.db.acquire() as connection:
            await connection.execute(
                "update document_snapshots set state_v1 = $2 where document_id = $1", [document_id, SHORT]
            )
    async with running_worker(database_url) as worker, worker.client(ada, project_id) as client:
        with pytest.raises(ServerRefused, match="quarantined"):
            await Editor().open(client, "a.txt")
    refused = await flashio("document", "repair", str(document_id), DATABASE_URL=database_url)
    assert (refused.code, "backup" in refused.err) == (1, True)
    async with running_worker(database_url) as worker:
        assert (await head(worker.app.db, document_id)).state == "quarantined"


async def test_repair_lists_what_is_set_aside_and_brings_it_back(database_url: str) -> None:
    """P8."""
    async with running_worker(database_url) as worker:
        ada, project_id, _ = await type_letters(worker)
    assert "no document is set aside" in (await flashio("document", "repair", DATABASE_URL=database_url)).out
    async with running_worker(database_url) as worker:
        document_id = await document_id_of(worker.app.db, project_id, "a.txt")
        await poison(worker.app.db, document_id, 5, BOMB)
        async with worker.client(ada, project_id) as client:
            with pytest.raises(ServerRefused, match="quarantined"):
                await Editor().open(client, "a.txt")
            listed = await flashio("document", "repair", DATABASE_URL=database_url)
            assert str(document_id) in listed.out
            repaired = await flashio("document", "repair", str(document_id), DATABASE_URL=database_url)
            assert (repaired.code, repaired.err) == (0, "")
            editor = await Editor().open(client, "a.txt")
            assert str(editor.text) == "abc"
            await editor.type(3, "!")
            await editor.channel.when_saved()


async def test_after_a_hole_the_text_begins_a_new_history_and_old_replicas_keep_theirs_as_a_copy(
    database_url: str,
) -> None:
    """P7, P8."""
    async with running_worker(database_url) as worker:
        ada, project_id, old = await type_letters(worker)
        document_id = await document_id_of(worker.app.db, project_id, "a.txt")
        lineage = old.channel.opened.lineage
    async with running_worker(database_url) as worker:
        await poison(worker.app.db, document_id, 3, SHORT)
        async with worker.client(ada, project_id) as client:
            with pytest.raises(ServerRefused, match="quarantined"):
                await Editor().open(client, "a.txt")
        repaired = await flashio("document", "repair", str(document_id), DATABASE_URL=database_url)
        assert "new history" in repaired.out
        async with worker.client(ada, project_id) as client:
            fresh = await Editor().open(client, "a.txt")
            assert (str(fresh.text), fresh.channel.opened.lineage == lineage) == ("a", False)
            channel = await client.open("a.txt", state_vector=old.doc.get_state())
            await channel.edit(old.doc.get_update())
            ended = await channel.when_ended()
            assert ended["code"] == "foreign_lineage"
            (copy,) = (await client.command(ListRecoveries())).recoveries
            assert (str(copy.id), copy.text, copy.path) == (ended["recoveryId"], LETTERS, "a.txt")
            assert (await client.command(ReadDocument(path="a.txt"))).text == "a"


async def test_an_old_replica_that_only_types_on_is_foreign_too(database_url: str) -> None:
    """P7."""
    async with running_worker(database_url) as worker:
        ada, project_id, old = await type_letters(worker)
        document_id = await document_id_of(worker.app.db, project_id, "a.txt")
        await poison(worker.app.db, document_id, 3, SHORT)
    await flashio("document", "repair", str(document_id), DATABASE_URL=database_url)
    async with running_worker(database_url) as worker, worker.client(ada, project_id) as client:
        channel = await client.open("a.txt")
        before = old.doc.get_state()
        old.text.insert(4, "!")
        await channel.edit(old.doc.get_update(before))
        await channel.edit(old.doc.get_update())
        assert (await channel.when_ended())["code"] == "foreign_lineage"
        (copy,) = (await client.command(ListRecoveries())).recoveries
        assert copy.text == "abcd!"


async def test_a_repair_of_a_healthy_or_unknown_document_harms_nothing(database_url: str) -> None:
    async with running_worker(database_url) as worker:
        ada, project_id, _ = await type_letters(worker)
        document_id = await document_id_of(worker.app.db, project_id, "a.txt")
        before = await rows(worker.app.db, document_id)
    repaired = await flashio("document", "repair", str(document_id), DATABASE_URL=database_url)
    assert (repaired.code, "its history goes on" in repaired.out) == (0, True)
    unknown = await flashio("document", "repair", str(ada.id), DATABASE_URL=database_url)
    assert (unknown.code, unknown.err.count("\n")) == (1, 1)
    async with running_worker(database_url) as worker:
        assert await rows(worker.app.db, document_id) == before
