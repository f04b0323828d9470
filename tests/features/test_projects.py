"""Projects and their numbered events: contiguous, in order, and made up for after an absence."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from protocol.files import CreateFile, DeleteFile, MoveFile
from protocol.ids import CommandId, ConnectionId, Seq
from protocol.projects import GetProject, ListProjects, ResumeEvents, TouchProject
from protocol.session import ResumeFrom
from server.bus.local import Exchange, LocalBus
from server.errors import BadRequest
from server.feature import Caller, room_of_project
from server.features.projects.watching import PAGE
from server.store import events
from tests.harness.asgi import websocket
from tests.harness.listener import Listener
from tests.harness.worker import Worker, running_worker


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


def subscriptions(worker: Worker) -> dict[str, int]:
    return dict(worker.app.hub._topics)


async def test_a_project_is_subscribed_to_once_however_often_its_sockets_ask_and_not_when_they_are_gone(
    worker: Worker,
) -> None:
    """P10."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.client(ada, project_id) as one:
        async with worker.client(ada, project_id) as two:
            for _ in range(5):
                await two.command(ResumeEvents())
        await one.command(ResumeEvents())
        assert subscriptions(worker) == {room_of_project(project_id): 1}
    assert subscriptions(worker) == {}


async def test_a_request_to_resume_that_waited_while_its_socket_died_leaves_nothing(worker: Worker) -> None:
    """P10."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    principal = await worker.app.door.credentials.of_token(ada.token)
    caller = Caller(principal, await worker.app.door.grant(principal, project_id), ConnectionId(99), is_open=False)
    with pytest.raises(BadRequest):
        await worker.app.dispatcher.command(caller, ResumeEvents.name, {}, None)
    assert subscriptions(worker) == {}


async def test_a_socket_whose_welcome_fails_takes_the_subscription_of_no_other_away(worker: Worker) -> None:
    """P9."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    principal = await worker.app.door.credentials.of_token(ada.token)
    async with worker.client(ada, project_id):
        for number in (98, 99):
            caller = Caller(principal, await worker.app.door.grant(principal, project_id), ConnectionId(number))
            await worker.app.dispatcher.command(caller, ResumeEvents.name, {}, None)
            worker.app.dispatcher.disconnected(caller)  # before its effects are carried out
        assert subscriptions(worker) == {room_of_project(project_id): 1}


async def test_resuming_ends_although_the_number_fell_behind_what_listeners_were_told(worker: Worker) -> None:
    """As after a restore: what cannot be joined up is not called recovered."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.client(ada, project_id) as early:
        listener = Listener(early)
        for n in range(3):
            await early.command(CreateFile(path=f"{n}.txt"))
        await listener.until(3)
        async with worker.app.db.acquire() as connection:
            await connection.execute("delete from project_events where seq > 1")
            await connection.execute("update projects set event_seq = 1")
        resume = ResumeFrom(epoch=early.welcome.epoch, seq=Seq(1))
        async with worker.client(ada, project_id, resume=resume) as late:
            assert (late.welcome.seq, late.welcome.recovered) == (1, False)
            second = Listener(late)
            await late.command(CreateFile(path="next.txt"))
            await second.until(2)


async def test_an_event_that_nobody_announced_is_told_when_numbers_are_compared(worker: Worker) -> None:
    """P3: the commit happened, its answer was lost."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.client(ada, project_id) as client:
        listener = Listener(client)
        await client.command(GetProject())
        await add_events(worker, project_id, 2)
        compare = next(job for f in worker.app.features for job in f.jobs if job.name == "compare event numbers")
        await compare.run()
        assert (await listener.until(2)).seqs == [1, 2]


async def test_an_event_whose_announcement_was_lost_is_told_when_the_command_is_repeated(worker: Worker) -> None:
    """P12, P3: the effects are lost with the reply, the retry makes up for them."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    principal = await worker.app.door.credentials.of_token(ada.token)
    caller = Caller(principal, await worker.app.door.grant(principal, project_id))
    command_id = CommandId(uuid4())
    async with worker.client(ada, project_id) as client:
        listener = Listener(client)
        body = CreateFile(path="a.txt").model_dump()
        await worker.app.dispatcher.command(caller, CreateFile.name, body, command_id)  # nothing is performed
        await client.command(CreateFile(path="a.txt"), command_id)
        assert (await listener.until(1)).seqs == [1]
