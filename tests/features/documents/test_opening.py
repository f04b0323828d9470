"""A path that is opened again means what it means now, although answers are remembered for a moment (P5, P9)."""

import pytest

from protocol.documents import OpenDocument
from protocol.files import CreateFile, DeleteFile, MoveFile
from runner.hub_client import ServerRefused
from server.bus.local import Exchange, LocalBus
from server.clock import ManualClock
from server.features.documents.opening import PATHS_KEPT_S
from tests.harness.worker import Worker, running_worker


async def test_a_path_that_was_taken_by_another_file_opens_that_one_at_once(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "first"})
    async with worker.client(ada, project_id) as client:
        first = await client.command(OpenDocument(path="a.txt"))
        await client.command(MoveFile(path="a.txt", to="b.txt"))
        moved = await client.command(OpenDocument(path="a.txt"))
        await client.command(CreateFile(path="a.txt"))
        second = await client.command(OpenDocument(path="a.txt"))
    assert (moved.document_id, moved.path) == (first.document_id, "b.txt")
    assert second.document_id not in (first.document_id, None)


async def test_a_path_whose_file_was_deleted_is_refused_at_once(worker: Worker) -> None:
    """P7."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "text"})
    async with worker.client(ada, project_id) as client:
        await client.command(OpenDocument(path="a.txt"))
        await client.command(DeleteFile(path="a.txt"))
        with pytest.raises(ServerRefused, match="gone"):
            await client.command(OpenDocument(path="a.txt"))


async def test_a_move_whose_word_is_lost_is_known_within_a_second(database_url: str) -> None:
    """P3."""
    clock = ManualClock()
    async with (
        running_worker(database_url, bus=LocalBus(Exchange()), clock=clock) as here,
        running_worker(database_url, bus=LocalBus(Exchange())) as there,
    ):
        ada = await here.person()
        project_id = await here.project(ada, {"a.txt": "first"})
        async with here.client(ada, project_id) as late, there.client(ada, project_id) as early:
            first = await late.command(OpenDocument(path="a.txt"))
            await early.command(MoveFile(path="a.txt", to="b.txt"))
            await early.command(CreateFile(path="a.txt"))
            clock.advance(PATHS_KEPT_S)
            assert (await late.command(OpenDocument(path="a.txt"))).document_id != first.document_id
    assert PATHS_KEPT_S <= 1
