"""A write from outside takes effect once, although it is made durable outside of dispatch's transaction (P12)."""

import asyncio
from uuid import uuid4

import pytest

from protocol.documents import ReadDocument, WriteDocument
from protocol.ids import CommandId
from runner.hub_client import ServerRefused
from server.store.commands import claim_command
from tests.harness.worker import Worker


async def test_a_write_that_is_repeated_undoes_nothing_that_came_after_it(worker: Worker) -> None:
    """P12."""
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"a.txt": "one"})) as client:
        command_id = uuid4()
        first = await client.command(WriteDocument(path="a.txt", text="two"), command_id)
        await client.command(WriteDocument(path="a.txt", text="two and more"))
        assert await client.command(WriteDocument(path="a.txt", text="two"), command_id) == first
        assert (await client.command(ReadDocument(path="a.txt"))).text == "two and more"


async def test_of_two_writes_with_one_id_at_once_one_is_done(worker: Worker) -> None:
    """P12."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "one"})
    async with worker.client(ada, project_id) as client, worker.client(ada, project_id) as other:
        command_id, write = uuid4(), WriteDocument(path="a.txt", text="two")
        answers = await asyncio.gather(
            client.command(write, command_id), other.command(write, command_id), return_exceptions=True
        )
    done = [answer for answer in answers if not isinstance(answer, ServerRefused)]
    assert {answer.edits for answer in done} == {1}  # type: ignore[union-attr]
    assert all(answer.retry for answer in answers if isinstance(answer, ServerRefused))


@pytest.mark.parametrize(
    ("age", "code", "may_retry"), [("1 second", "unavailable", True), ("1 hour", "conflict", False)]
)
async def test_a_write_whose_outcome_nobody_knows_is_not_done_again(
    worker: Worker, age: str, code: str, may_retry: bool
) -> None:
    """P12: the worker that had it died."""
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"a.txt": "one"})) as client:
        command_id = CommandId(uuid4())
        async with worker.app.db.acquire() as connection:
            await claim_command.one(connection, user_id=ada.id, command_id=command_id, fingerprint=None)
            await connection.execute(f"update command_ids set created_at = now() - interval '{age}'")
        with pytest.raises(ServerRefused) as refused:
            await client.command(WriteDocument(path="a.txt", text="two"), command_id)
        assert (refused.value.code, refused.value.retry) == (code, may_retry)
        assert (await client.command(ReadDocument(path="a.txt"))).text == "one"


async def test_a_write_that_was_refused_may_be_tried_again_under_its_id(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.client(ada, project_id) as client:
        command_id = uuid4()
        with pytest.raises(ServerRefused, match="too_large"):
            await client.command(WriteDocument(path="a.txt", text="x" * 5_000_001), command_id)
        assert (await client.command(WriteDocument(path="a.txt", text="two"), command_id)).edits == 1
