"""Projects and their numbered events: contiguous, in order, and made up for after an absence."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from protocol.files import CreateFile, DeleteFile, MoveFile
from protocol.ids import Seq
from protocol.projects import GetProject, ListProjects, ResumeEvents, TouchProject
from protocol.session import ResumeFrom
from runner.hub_client import HubClient
from server.bus.local import Exchange, LocalBus
from server.features.projects import PAGE
from server.store import events
from tests.harness.asgi import websocket
from tests.harness.worker import Worker, running_worker

SETTLE_TIMEOUT_S = 20


class Listener:
    """The numbered events that a client was told, in the order of arrival."""

    def __init__(self, client: HubClient) -> None:
        self.events: list[tuple[str, dict[str, Any], int | None]] = []
        self._changed = asyncio.Event()
        client.on_event = self._take

    def _take(self, name: str, body: dict[str, Any], seq: int | None) -> None:
        self.events.append((name, body, seq))
        self._changed.set()

    @property
    def seqs(self) -> list[int | None]:
        return [seq for _, _, seq in self.events]

    async def until(self, seq: int) -> "Listener":
        async with asyncio.timeout(SETTLE_TIMEOUT_S):
            while seq not in self.seqs:
                self._changed.clear()
                await self._changed.wait()
        return self


async def add_events(worker: Worker, project_id: UUID, count: int) -> None:
    """Number events that no bus told of, as another worker's whose messages were lost."""
    async with worker.app.db.transaction() as tx:
        for _ in range(count):
            await events.append_event.one(tx, project_id=project_id, kind="files/created", body={}, audience="READ")


async def test_a_member_sees_the_project_and_lists_it(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.client(ada, project_id) as client:
        project = await client.command(GetProject())
        assert (project.id, project.role) == (project_id, "owner")
        assert [row.id for row in (await client.command(ListProjects())).projects] == [project_id]
        await client.command(TouchProject())


async def test_events_are_numbered_without_gaps_and_arrive_in_order_however_many_write(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)

    async def write(number: int) -> None:
        async with worker.client(ada, project_id) as client:
            for n in range(10):
                await client.command(CreateFile(path=f"{number}-{n}.txt"))

    async with worker.client(ada, project_id) as one, worker.client(ada, project_id) as two:
        listeners = [Listener(one), Listener(two)]
        async with asyncio.TaskGroup() as group:
            for number in range(8):
                group.create_task(write(number))
        for listener in listeners:
            assert (await listener.until(80)).seqs == list(range(1, 81))


async def test_a_change_is_told_with_what_it_changed(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.client(ada, project_id) as client:
        listener = Listener(client)
        made = await client.command(CreateFile(path="a.txt", content="one\ntwo\n"))
        await client.command(MoveFile(path="a.txt", to="b.txt"))
        await client.command(DeleteFile(path="b.txt"))
        await listener.until(3)
    names = [name for name, _, _ in listener.events]
    assert names == ["files/created", "files/moved", "files/deleted"]
    assert listener.events[0][1]["file"]["lineCount"] == 3
    assert listener.events[1][1]["moved"] == [{"id": str(made.id), "path": "a.txt", "to": "b.txt"}]
    assert listener.events[2][1]["deleted"] == [{"id": str(made.id), "path": "b.txt"}]


async def test_who_comes_back_gets_what_they_missed(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.client(ada, project_id) as client:
        await client.command(CreateFile(path="seen.txt"))
        epoch = client.welcome.epoch
    async with worker.client(ada, project_id) as client:
        await client.command(CreateFile(path="missed-1.txt"))
        await client.command(CreateFile(path="missed-2.txt"))
    async with worker.client(ada, project_id, resume=ResumeFrom(epoch=epoch, seq=Seq(1))) as client:
        welcome, listener = client.welcome, Listener(client)
        await client.command(CreateFile(path="next.txt"))
        await listener.until(4)
    assert (welcome.recovered, welcome.seq) == (True, 3)
    assert [(event.seq, event.body["file"]["path"]) for event in welcome.missed] == [  # type: ignore[index]
        (2, "missed-1.txt"),
        (3, "missed-2.txt"),
    ]
    assert listener.seqs == [4]


@pytest.mark.parametrize("case", ["another epoch", "a number of the future", "too long ago", "too many"])
async def test_what_cannot_be_made_up_for_whole_is_not_made_up_for_at_all(worker: Worker, case: str) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    count = PAGE + 1 if case == "too many" else 5
    await add_events(worker, project_id, count)
    async with worker.client(ada, project_id) as client:
        epoch, seq = client.welcome.epoch, Seq(0)
    if case == "another epoch":
        epoch = str(uuid4())
    if case == "a number of the future":
        seq = Seq(6)
    if case == "too long ago":
        before = worker.app.clock.now() + timedelta(seconds=1)
        async with worker.app.db.transaction() as tx:
            await events.expire_events.run(tx, before=before, limit=2)
    async with worker.client(ada, project_id, resume=ResumeFrom(epoch=epoch, seq=seq)) as client:
        assert (client.welcome.recovered, client.welcome.missed, client.welcome.seq) == (False, [], count)


async def test_who_joins_while_messages_are_lost_is_told_no_event_twice(worker: Worker) -> None:
    """P3."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.client(ada, project_id) as early:
        first = Listener(early)
        await add_events(worker, project_id, 5)
        async with worker.client(ada, project_id) as late:
            second = Listener(late)
            assert late.welcome.seq == 5
            await late.command(CreateFile(path="a.txt"))
            await first.until(6)
            await second.until(6)
    assert (first.seqs, second.seqs) == ([1, 2, 3, 4, 5, 6], [6])


async def test_lost_messages_are_fetched_by_their_numbers_however_many(database_url: str) -> None:
    """P3."""
    exchange = Exchange()
    async with (
        running_worker(database_url, bus=LocalBus(exchange)) as here,
        running_worker(database_url, bus=LocalBus(exchange)) as there,
    ):
        ada = await here.person()
        project_id = await here.project(ada)
        async with here.client(ada, project_id) as client, there.client(ada, project_id) as writer:
            listener = Listener(client)
            await writer.command(CreateFile(path="heard.txt"))
            await listener.until(1)
            await add_events(there, project_id, 2 * PAGE + 50)
            await writer.command(CreateFile(path="after the loss.txt"))
            last = 2 * PAGE + 52
            await listener.until(last)
    assert listener.seqs == list(range(1, last + 1))


async def test_a_stock_client_that_leaves_does_not_take_the_events_of_others_away(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": ""})
    async with worker.client(ada, project_id) as client:
        listener = Listener(client)
        start = client.welcome.seq
        async with websocket(worker.asgi, f"/yjs/{project_id}/a.txt?token={ada.token}") as stock:
            await stock.recv()
        await client.command(CreateFile(path="b.txt"))
        await listener.until(start + 1)


async def test_asking_to_resume_over_http_or_twice_changes_nothing_for_others(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.http(ada, project_id) as http:
        assert (await http.post("/api/projects/resume", json={})).status_code == 400
    async with worker.client(ada, project_id) as client:
        listener = Listener(client)
        await client.command(ResumeEvents())
        await client.command(CreateFile(path="a.txt"))
        await listener.until(1)
        async with worker.client(ada, project_id) as other:
            await other.command(CreateFile(path="b.txt"))
            await listener.until(2)
        await client.command(CreateFile(path="c.txt"))
        await listener.until(3)
    assert listener.seqs == [1, 2, 3]
    async with worker.client(ada, project_id) as client:
        listener = Listener(client)
        await client.command(CreateFile(path="d.txt"))
        assert (await listener.until(4)).seqs == [4]
