"""Who reads a project without belonging to it: the owner's team, anybody signed in, guests if a setting lets them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from protocol.documents import OpenDocument
from protocol.files import CreateFile, ListFiles
from protocol.ids import ProjectId
from runner.hub_client import ServerRefused
from server.clock import ManualClock
from server.features import accounts
from server.transport.cookies import PLAIN_NAME
from tests.features.documents.history import services_on
from tests.features.test_invitations import invited
from tests.harness.editor import Editor
from tests.harness.worker import Person, Worker, running_worker

PATH = "a.txt"


async def set_visibility(worker: Worker, project_id: ProjectId, visibility: str) -> None:
    async with worker.app.db.transaction() as tx:
        await tx.execute("update projects set visibility = $1 where id = $2", [visibility, project_id])


async def may_enter(worker: Worker, person: Person, project_id: ProjectId) -> bool:
    async with worker.http(person, project_id) as http:
        return (await http.post("/api/projects/get", json={})).status_code == 200


@pytest.mark.parametrize(
    ("visibility", "colleague", "stranger"), [("private", False, False), ("team", True, False), ("public", True, True)]
)
async def test_the_visibility_says_who_reads_besides_the_collaborators(
    worker: Worker, visibility: str, colleague: bool, stranger: bool
) -> None:
    """P5."""
    ada, eve = await worker.person(), await worker.person("eve")
    project_id, other = await worker.project(ada, {PATH: "text"}), await worker.project(ada)
    bob = await worker.joined(other, "bob", "viewer")
    await set_visibility(worker, project_id, visibility)
    assert await may_enter(worker, bob, project_id) is colleague
    assert await may_enter(worker, eve, project_id) is stranger


async def test_who_reads_a_public_project_can_change_nothing_in_it(worker: Worker) -> None:
    """P5."""
    ada, eve = await worker.person(), await worker.person("eve")
    project_id = await worker.project(ada, {PATH: "text"})
    await set_visibility(worker, project_id, "public")
    async with worker.client(eve, project_id) as client:
        assert [file.path for file in (await client.command(ListFiles())).files] == [PATH]
        assert (await client.command(OpenDocument(path=PATH))).access == "read"
        with pytest.raises(ServerRefused, match="forbidden"):
            await client.command(CreateFile(path="b.txt"))


@asynccontextmanager
async def open_house(database_url: str, **settings: Any) -> AsyncIterator[tuple[Worker, Person, ProjectId]]:
    """A public project on a server that takes guests."""
    async with running_worker(database_url, **({"guests": True} | settings)) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {PATH: "text"})
        await set_visibility(worker, project_id, "public")
        yield worker, ada, project_id


async def come_in(worker: Worker, name: str = "Kim", **headers: str) -> httpx.Response:
    async with worker.browser() as browser:
        return await browser.post("/signin/guest", data={"name": name, "next": "/p/1"}, headers=headers)


async def guest_of(worker: Worker, name: str = "Kim") -> Person:
    """A guest who came in by the form."""
    answer = await come_in(worker, name)
    assert (answer.status_code, answer.headers["location"]) == (303, "/p/1")
    session = answer.cookies[PLAIN_NAME]
    principal = await worker.app.door.credentials.of_session(session)
    assert principal.is_guest
    return Person(principal.user_id, await worker.token(principal.user_id))


async def test_a_guest_reads_a_public_project_under_a_name_and_a_colour(database_url: str) -> None:
    async with open_house(database_url) as (worker, _, project_id):
        guest = await guest_of(worker, "  Kim \r\n Lee ")
        async with worker.client(guest, project_id) as client:
            me = client.welcome.user
            assert (me.name, client.welcome.project.can_write) == ("Kim Lee", False)
            assert str((await Editor().open(client, PATH)).text) == "text"
        async with worker.app.db.acquire() as connection:
            (row,) = await connection.fetch("select color from users where id = $1", [guest.id])
        assert me.color == row["color"]


@pytest.mark.parametrize("visibility", ["private", "team"])
async def test_a_guest_reads_nothing_that_is_not_public(database_url: str, visibility: str) -> None:
    """P5."""
    async with open_house(database_url) as (worker, _, project_id):
        guest = await guest_of(worker)
        await set_visibility(worker, project_id, visibility)
        assert not await may_enter(worker, guest, project_id)


async def test_a_guest_cannot_join_a_project(database_url: str) -> None:
    """P5: nobody belongs to a project who is forgotten tomorrow."""
    async with open_house(database_url) as (worker, ada, project_id):
        made = await invited(worker, ada, project_id)
        guest = await guest_of(worker)
        async with worker.http(guest) as http:
            headers = {"idempotency-key": "00000000-0000-4000-8000-000000000001"}
            answer = await http.post("/api/collaborators/accept", json={"secret": made.secret}, headers=headers)
        assert answer.json()["code"] == "forbidden"


async def test_without_the_setting_there_are_no_guests(database_url: str) -> None:
    """P5: also those who came while it was on are out."""
    async with open_house(database_url) as (worker, _, project_id):
        guest = await guest_of(worker)
        assert await may_enter(worker, guest, project_id)
    async with running_worker(database_url) as worker:
        assert (await come_in(worker)).status_code == 403
        assert not await may_enter(worker, guest, project_id)


async def test_a_form_of_another_page_makes_no_guest(database_url: str) -> None:
    async with open_house(database_url) as (worker, _, _):
        assert (await come_in(worker, origin="http://elsewhere.example")).status_code == 403


async def test_there_are_only_so_many_guests(database_url: str) -> None:
    """P10."""
    async with open_house(database_url, guest_limit=2, sign_ins_per_minute=100) as (worker, _, _):
        assert [(await come_in(worker)).status_code for _ in range(3)] == [303, 303, 503]


async def test_a_guest_is_forgotten_when_their_time_is_over(database_url: str) -> None:
    """P5, P10."""
    clock = ManualClock(datetime.now(UTC))  # browsers throw away cookies of the past
    async with open_house(database_url, clock=clock, guest_hours=2) as (worker, _, project_id):
        guest = await guest_of(worker)
        async with worker.client(guest, project_id) as client:
            clock.advance(2 * 3600)
            await worker.app.door.vigil.poll()
            assert (await client.when_closed()).close_code == 4401
        services = services_on(worker.app.db, clock=clock)
        (job,) = [job for job in accounts.build(services).jobs if job.name == "expire sign-ins"]
        await job.run()
        async with worker.app.db.acquire() as connection:
            assert await connection.fetch("select id from users where is_guest") == []
