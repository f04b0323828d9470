"""Two workers equal one: what happens on one is seen on the other, whatever the bus loses (P3, P9)."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from protocol.documents import ReadDocument, WriteDocument
from protocol.files import DeleteFile
from protocol.ids import ProjectId
from runner.hub_client import HubClient
from server.bus.local import Exchange
from server.settings import BUS_PAYLOAD_BYTES
from tests.features.documents.logs import document_id_of, rows
from tests.harness.editor import Editor
from tests.harness.lossy_bus import LossyBus
from tests.harness.worker import Person, Worker, running_worker


@dataclass
class Pair:
    """Two workers on one database, a file, and a client on each."""

    here: Worker
    there: Worker
    bus: LossyBus  # what `there` hears by
    ada: Person
    project_id: ProjectId
    client: HubClient
    other: HubClient

    async def job(self, name: str) -> None:
        """Run a job of the documents feature of `there` now."""
        (found,) = [job for feature in self.there.app.features for job in feature.jobs if job.name == name]
        await found.run()


@asynccontextmanager
async def workers(database_url: str) -> AsyncIterator[Pair]:
    exchange = Exchange()
    bus = LossyBus(exchange)
    async with (
        running_worker(database_url, bus=LossyBus(exchange)) as here,
        running_worker(database_url, bus=bus) as there,
    ):
        ada = await here.person()
        project_id = await here.project(ada, {"a.txt": "text"})
        async with here.client(ada, project_id) as client, there.client(ada, project_id) as other:
            yield Pair(here, there, bus, ada, project_id, client, other)


@pytest.fixture
async def pair(database_url: str) -> AsyncIterator[Pair]:
    async with workers(database_url) as pair:
        yield pair


async def test_what_is_typed_on_one_worker_is_seen_on_the_other(pair: Pair) -> None:
    """P9."""
    one, two = await Editor().open(pair.client, "a.txt"), await Editor().open(pair.other, "a.txt")
    await one.type(0, "here ")
    await two.until("here text")
    await two.type(0, "there ")
    await one.until("there here text")
    assert (await one.channel.when_saved(), await two.channel.when_saved()) == (2, 3)


async def test_the_other_worker_hears_of_an_edit_only_after_its_commit(pair: Pair) -> None:
    """P1, P3."""
    one, two = await Editor().open(pair.client, "a.txt"), await Editor().open(pair.other, "a.txt")
    async with pair.here.app.db.transaction() as tx:
        await tx.fetch("select id from documents for update")
        await one.type(0, "uncommitted ")
        assert str((await two.when_level()).text) == "text"
    await two.until("uncommitted text")


async def test_typing_on_both_at_once_ends_in_one_text_with_every_number_once(pair: Pair) -> None:
    """P2, P9."""
    one, two = await Editor().open(pair.client, "a.txt"), await Editor().open(pair.other, "a.txt")
    rng = random.Random(7)
    for n in range(60):
        editor = rng.choice((one, two))
        await editor.type(rng.randint(0, len(editor.text)), f"{n} ")
    for editor in (one, two):
        await editor.channel.when_saved()
    document_id = await document_id_of(pair.here.app.db, pair.project_id, "a.txt")
    expected = Editor()
    for row in await rows(pair.here.app.db, document_id):
        expected.doc.apply_update(row.update_v1)
    for editor in (one, two):
        await editor.until(str(expected.text))
    assert [row.seq for row in await rows(pair.here.app.db, document_id)] == list(range(1, 62))


async def test_a_lost_message_is_noticed_by_its_number_and_fetched(pair: Pair) -> None:
    """P3."""
    one, two = await Editor().open(pair.client, "a.txt"), await Editor().open(pair.other, "a.txt")
    pair.bus.loses = True
    for n in range(5):
        await one.type(0, f"{n}")
        await one.channel.when_saved()
    await pair.client.command(ReadDocument(path="a.txt"))
    pair.bus.loses = False
    assert (pair.bus.lost > 0, str(two.text)) == (True, "text")
    await one.type(0, "5")
    await two.until("543210text")


async def test_a_lost_last_message_is_found_by_looking(pair: Pair) -> None:
    """P3."""
    one, two = await Editor().open(pair.client, "a.txt"), await Editor().open(pair.other, "a.txt")
    pair.bus.loses = True
    await one.type(0, "the last word ")
    await one.channel.when_saved()
    await pair.client.command(ReadDocument(path="a.txt"))
    await pair.job("compare with the log")
    await two.until("the last word text")


async def test_repeated_and_reordered_messages_change_nothing(pair: Pair) -> None:
    """P3."""
    one, two = await Editor().open(pair.client, "a.txt"), await Editor().open(pair.other, "a.txt")
    pair.bus.shuffles = True
    for n in range(10):
        await one.type(0, f"{n}")
        await one.channel.when_saved()
    await pair.client.command(ReadDocument(path="a.txt"))
    pair.bus.release()
    await two.until("9876543210text")
    await two.type(0, "!")
    await one.until("!9876543210text")


async def test_an_edit_too_large_for_the_bus_arrives_by_reference(pair: Pair) -> None:
    """P3, P9."""
    one, two = await Editor().open(pair.client, "a.txt"), await Editor().open(pair.other, "a.txt")
    await one.type(0, "x" * BUS_PAYLOAD_BYTES)
    await two.until("x" * BUS_PAYLOAD_BYTES + "text")


async def test_a_write_from_outside_on_one_worker_is_seen_on_the_other(pair: Pair) -> None:
    """P9."""
    two = await Editor().open(pair.other, "a.txt")
    await pair.client.command(WriteDocument(path="a.txt", text="another text"))
    await two.until("another text")


async def test_a_file_deleted_on_one_worker_ends_its_replicas_on_the_other(pair: Pair) -> None:
    """P9."""
    two = await Editor().open(pair.other, "a.txt")
    await pair.client.command(DeleteFile(path="a.txt"))
    assert (await two.channel.when_ended())["code"] == "gone"


async def test_word_of_a_deletion_that_was_lost_is_found_by_looking(pair: Pair) -> None:
    """P3."""
    two = await Editor().open(pair.other, "a.txt")
    pair.bus.loses = True
    await pair.client.command(DeleteFile(path="a.txt"))
    await pair.job("compare with the log")
    assert (await two.channel.when_ended())["code"] == "gone"


async def test_a_document_without_any_socket_of_our_protocol_hears_of_its_file_too(database_url: str) -> None:
    """P9."""
    async with workers(database_url) as pair, pair.there.yjs(pair.ada.token, pair.project_id, "a.txt") as stock:
        await stock.recv()
        await pair.other._socket.close()
        await pair.client.command(DeleteFile(path="a.txt"))
        assert (await stock.when_closed())[0] == 4410


async def test_a_worker_that_starts_later_shows_what_the_other_committed(database_url: str) -> None:
    """P2."""
    exchange = Exchange()
    async with running_worker(database_url, bus=LossyBus(exchange)) as here:
        ada = await here.person()
        project_id = await here.project(ada, {"a.txt": ""})
        async with here.client(ada, project_id) as client:
            one = await Editor().open(client, "a.txt")
            await one.type(0, "saved")
            await one.channel.when_saved()
            async with (
                running_worker(database_url, bus=LossyBus(exchange)) as late,
                late.client(ada, project_id) as other,
            ):
                two = await Editor().open(other, "a.txt")
                assert str(two.text) == "saved"
                await one.type(0, "also ")
                await two.until("also saved")
