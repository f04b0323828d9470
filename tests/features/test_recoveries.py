"""Recovery copies: listed without their texts, page by page, and read by nobody but their author."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import psutil
import pytest

from protocol.documents import GetRecovery, ListRecoveries
from protocol.ids import RecoveryId
from protocol.projects import ListProjects
from runner.hub_client import ServerRefused
from server.features.documents.extract import extract_text
from server.store.recoveries import add_recovery
from tests.harness.worker import Person, Worker

SETTLE_TIMEOUT_S = 20


async def keep(worker: Worker, project_id: UUID, author: Person, text: str) -> UUID:
    async with worker.app.db.acquire() as connection:
        return await add_recovery.one(
            connection,
            project_id=project_id,
            document_id=None,
            user_id=author.id,
            path="a.txt",
            reason="forbidden",
            text=text,
            size_bytes=len(text.encode()),
            expires_at=worker.app.clock.now() + timedelta(days=1),
            keep=50,
        )


async def test_copies_are_listed_page_by_page_and_each_is_read_by_itself(worker: Worker) -> None:
    """P10: one reply holds one text."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    made = [await keep(worker, project_id, ada, f"text {n}") for n in range(5)]
    async with worker.client(ada, project_id) as client:
        pages, after = [], None
        for _ in range(3):
            page = await client.command(ListRecoveries(limit=2, after=after))
            pages.append([recovery.id for recovery in page.recoveries])
            after = page.next
        assert (pages, after) == ([made[:2:-1], made[2:0:-1], made[:1]], None)
        one = await client.command(GetRecovery(id=RecoveryId(made[3])))
        assert (one.text, one.recovery.size_bytes) == ("text 3", 6)


async def test_a_copy_is_shown_to_its_author_alone_and_in_its_project(worker: Worker) -> None:
    """P7."""
    ada, eve = await worker.person("ada"), await worker.person("eve")
    here, there = await worker.project(ada), await worker.project(ada)
    kept = await keep(worker, here, ada, "mine")
    foreign = await keep(worker, here, eve, "hers")
    async with worker.client(ada, here) as client, worker.client(ada, there) as elsewhere:
        for asking, recovery_id in ((client, foreign), (elsewhere, kept), (client, uuid4())):
            with pytest.raises(ServerRefused, match="not_found"):
                await asking.command(GetRecovery(id=RecoveryId(recovery_id)))


async def test_projects_are_listed_page_by_page_with_what_the_caller_is_in_them(worker: Worker) -> None:
    ada = await worker.person()
    made = {await worker.project(ada) for _ in range(3)}
    async with worker.client(ada, next(iter(made))) as client:
        first = await client.command(ListProjects(limit=2))
        second = await client.command(ListProjects(limit=2, after=first.next))
        assert {project.id for project in [*first.projects, *second.projects]} == made
        assert {project.role for project in [*first.projects, *second.projects]} == {"owner"}
        assert (len(first.projects), second.next) == (2, None)


@pytest.mark.parametrize("mark", ["", "yesterday", "2026-01-01T00:00:00 7", f"2026-01-01T00:00:00 {UUID(int=1)}"])
async def test_a_mark_that_was_not_given_is_refused(worker: Worker, mark: str) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada)) as client:
        with pytest.raises(ServerRefused, match="invalid"):
            await client.command(ListProjects(after=mark))


async def test_a_text_that_nobody_waits_for_any_more_leaves_no_process() -> None:
    """P10."""
    before = set(psutil.Process().children())
    reading = asyncio.ensure_future(extract_text("codemirror", []))
    async with asyncio.timeout(SETTLE_TIMEOUT_S):
        while not (begun := set(psutil.Process().children()) - before):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait((reading,))
    assert not [process for process in begun if process.is_running()]
