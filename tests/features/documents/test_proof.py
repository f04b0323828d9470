"""A snapshot is not walked again only if it is what was walked: anything else is refused before an engine reads it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from pycrdt import Doc, Text

from protocol.documents import OpenDocument, ReadDocument
from protocol.ids import ProjectId
from protocol.yjs.state_vector import decode_state_vector
from protocol.yjs.sync import EMPTY_STATE_VECTOR
from protocol.yjs.update import GATE_VERSION, STORED_LIMITS, check_update
from runner.hub_client import ServerRefused
from server.features.documents.proof import UNPROVEN, proof_of
from tests.features.documents.logs import BOMB, compact, document_id_of
from tests.harness.editor import Editor
from tests.harness.worker import Person, Worker, running_worker
from tests.protocol.mutations import item, update

PATH = "a.txt"
ASKED_TIMEOUT_S = 20


@dataclass
class Stored:
    """A document whose whole text is in a snapshot, and in nobody's memory."""

    database_url: str
    person: Person
    project_id: ProjectId
    document_id: UUID

    async def harm(self, worker: Worker, assignments: str, *values: object) -> None:
        async with worker.app.db.acquire() as connection:
            sql = f"update document_snapshots set {assignments} where document_id = $1"
            assert await connection.execute(sql, [self.document_id, *values]) == "UPDATE 1"


@pytest.fixture
async def stored(database_url: str) -> AsyncIterator[Stored]:
    async with running_worker(database_url) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {PATH: ""})
        async with worker.client(ada, project_id) as client:
            editor = await Editor().open(client, PATH)
            await editor.type(0, "written once")
            await editor.delete(7, 12)
            await editor.channel.when_saved()
        document_id = await document_id_of(worker.app.db, project_id, PATH)
        assert await compact(worker.app.db, document_id)
        yield Stored(database_url, ada, project_id, document_id)


async def test_a_proven_snapshot_is_the_document_and_edits_go_on(stored: Stored) -> None:
    async with running_worker(stored.database_url) as worker:
        async with worker.client(stored.person, stored.project_id) as client:
            editor = await Editor().open(client, PATH)
            assert str(editor.text) == "written"
            await editor.type(0, "re")
            await editor.channel.when_saved()
            again = await Editor().open(client, PATH)
            assert str(again.text) == "rewritten"
        assert await compact(worker.app.db, stored.document_id)
        async with worker.client(stored.person, stored.project_id) as client:
            assert (await client.command(ReadDocument(path=PATH))).text == "rewritten"


async def test_who_writes_in_a_stored_document_is_asked_for_what_the_server_lacks(stored: Stored) -> None:
    """P2: once it is integrated, for the question names what is there."""
    doc: Doc[Text] = Doc()
    asked: asyncio.Queue[bytes] = asyncio.Queue()
    async with running_worker(stored.database_url) as worker, worker.client(stored.person, stored.project_id) as client:
        channel = await client.open(
            PATH, state_vector=EMPTY_STATE_VECTOR, on_update=doc.apply_update, on_ask=asked.put_nowait
        )
        await channel.when_synced()
        async with asyncio.timeout(ASKED_TIMEOUT_S):
            known = decode_state_vector(await asked.get(), STORED_LIMITS)
    assert dict(known) == dict(decode_state_vector(doc.get_state(), STORED_LIMITS))


async def test_a_proven_snapshot_is_not_walked_again(stored: Stored) -> None:
    """Bytes that only the walk refuses pass under their own checksum: so it is the walk that refuses those below."""
    async with running_worker(stored.database_url) as worker:
        async with worker.app.db.acquire() as connection:
            (row,) = await connection.fetch(
                "select state_v1 from document_snapshots where document_id = $1", [stored.document_id]
            )
        longer = row["state_v1"] + b"\x00"  # the engine ignores what follows an update
        await stored.harm(worker, "state_v1 = $2, checksum = $3", longer, hashlib.sha256(longer).digest())
        async with worker.client(stored.person, stored.project_id) as client:
            assert (await client.command(ReadDocument(path=PATH))).text == "written"


async def test_an_altered_snapshot_is_walked_and_its_document_set_aside(stored: Stored) -> None:
    """P8: were it not, this process would end here."""
    async with running_worker(stored.database_url) as worker:
        await stored.harm(worker, "state_v1 = $2", BOMB)
        async with worker.client(stored.person, stored.project_id) as client:
            with pytest.raises(ServerRefused, match="quarantined"):
                await client.command(OpenDocument(path=PATH))


@pytest.mark.parametrize("checked_by", [None, GATE_VERSION + 1])
async def test_what_another_gate_or_none_accepted_is_walked(stored: Stored, checked_by: int | None) -> None:
    """P8."""
    checksum = None if checked_by is None else hashlib.sha256(BOMB).digest()
    async with running_worker(stored.database_url) as worker:
        await stored.harm(worker, "state_v1 = $2, checked_by = $3, checksum = $4", BOMB, checked_by, checksum)
        async with worker.client(stored.person, stored.project_id) as client:
            with pytest.raises(ServerRefused, match="quarantined"):
                await client.command(OpenDocument(path=PATH))


def test_a_state_with_nested_types_is_walked_at_every_load() -> None:
    """P8: how many there are is known by the walk alone."""
    state = update(item(7, b"\x01"))
    assert proof_of(state, check_update(state)) == UNPROVEN
