"""Who the caller is: tokens, tickets, scopes, and when they end."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from protocol.accounts import CreateTicket, WhoAmI
from protocol.documents import OpenDocument
from protocol.files import CreateFile, ListFiles
from protocol.projects import ListProjects
from protocol.session import Hello
from runner.hub_client import HubClient, ServerRefused
from server.access.credentials import digest
from server.clock import ManualClock
from server.store import tokens
from tests.harness.asgi import websocket
from tests.harness.worker import Person, Worker, running_worker

READ_ONLY = frozenset({"read"})
START = datetime(2026, 1, 1, tzinfo=UTC)


async def knock(worker: Worker, project_id: UUID, **credential: str) -> tuple[str, int]:
    """Say Hello and return how the server refused: error code and close code."""
    async with websocket(worker.asgi, "/ws") as connection:
        client = HubClient(connection)  # type: ignore[arg-type]
        with pytest.raises(ServerRefused) as refused:
            await client.greet(Hello(minor=0, client="test", project_id=project_id, **credential))
        return refused.value.code, (await connection.when_closed())[0]


async def narrow_token(worker: Worker, person: Person, project_id: UUID) -> str:
    """A token for one project only."""
    async with worker.app.db.transaction() as tx:
        await tokens.create_token.one(
            tx,
            user_id=person.id,
            project_id=project_id,
            name="narrow",
            token_hash=digest("narrow secret"),
            scopes=["read", "write"],
            expires_at=None,
        )
    return "narrow secret"


async def test_a_signed_in_person_learns_who_they_are(worker: Worker) -> None:
    ada = await worker.person("ada")
    async with worker.client(ada, await worker.project(ada)) as client:
        me = await client.command(WhoAmI())
        assert (me.id, me.name, me.email) == (ada.id, "Ada", "ada@example.org")
        assert (client.welcome.user.name, client.welcome.user.color) == ("Ada", me.color)


async def test_a_ticket_opens_one_socket_and_no_second(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.client(ada, project_id) as client:
        ticket = (await client.command(CreateTicket())).ticket
    async with websocket(worker.asgi, "/ws") as connection:
        second = HubClient(connection)  # type: ignore[arg-type]
        await second.greet(Hello(minor=0, client="test", project_id=project_id, ticket=ticket))
        assert second.welcome.user.id == ada.id
    assert await knock(worker, project_id, ticket=ticket) == ("unauthenticated", 4401)


async def test_two_sockets_that_use_a_ticket_at_once_are_not_both_let_in(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": ""})
    async with worker.client(ada, project_id) as client:
        ticket = (await client.command(CreateTicket())).ticket
    async with (
        websocket(worker.asgi, f"/yjs/{project_id}/a.txt?ticket={ticket}") as one,
        websocket(worker.asgi, f"/yjs/{project_id}/a.txt?ticket={ticket}") as two,
    ):
        answers = [await connection.recv() for connection in (one, two)]
    assert sorted(answer[0] for answer in answers if isinstance(answer, bytes)) == [0, 2]


async def test_a_ticket_is_for_the_project_it_was_made_in(worker: Worker) -> None:
    """P5."""
    ada = await worker.person()
    here, there = await worker.project(ada), await worker.project(ada)
    async with worker.client(ada, here) as client:
        ticket = (await client.command(CreateTicket())).ticket
    assert await knock(worker, there, ticket=ticket) == ("forbidden", 4403)


async def test_tickets_and_tokens_end_with_their_time(database_url: str) -> None:
    """P5."""
    clock = ManualClock(START)
    async with running_worker(database_url, clock=clock) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada)
        day_token = await worker.app.door.credentials.make_token(ada.id, "a day", READ_ONLY, days=1)
        async with worker.http(ada, project_id) as http:
            ticket = (await http.post("/api/accounts/ticket")).json()["ticket"]
        clock.advance(31)
        assert await knock(worker, project_id, ticket=ticket) == ("unauthenticated", 4401)
        clock.advance(timedelta(days=1).total_seconds())
        assert await knock(worker, project_id, token=day_token) == ("unauthenticated", 4401)
        async with worker.client(ada, project_id):
            pass


async def test_an_open_socket_is_told_and_closed_when_its_token_ends(database_url: str) -> None:
    """P5."""
    clock = ManualClock(START)
    async with running_worker(database_url, clock=clock) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada)
        day_token = await worker.app.door.credentials.make_token(ada.id, "a day", READ_ONLY, days=1)
        clock.advance(timedelta(days=1).total_seconds() - 0.05)
        async with worker.client(ada, project_id, token=day_token) as client:
            clock.advance(0.1)
            assert (await client.when_closed()).close_code == 4401
            assert [error["code"] for error in client.errors] == ["unauthenticated"]


async def test_a_read_token_reads_and_changes_nothing_on_either_door(worker: Worker) -> None:
    """P5."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "text"})
    reader = await worker.token(ada.id, READ_ONLY)
    async with worker.client(ada, project_id, token=reader) as client:
        assert [file.path for file in (await client.command(ListFiles())).files] == ["a.txt"]
        assert (await client.command(OpenDocument(path="a.txt"))).access == "read"
        with pytest.raises(ServerRefused, match="forbidden"):
            await client.command(CreateFile(path="b.txt"))
        with pytest.raises(ServerRefused, match="not_found"):
            await client.command(OpenDocument(path="b.txt", create=True))
    async with worker.http(Person(ada.id, reader), project_id) as http:
        refused = await http.post(
            "/api/files/create", json={"path": "b.txt"}, headers={"idempotency-key": str(UUID(int=1))}
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    async with worker.client(ada, project_id) as client:
        assert [file.path for file in (await client.command(ListFiles())).files] == ["a.txt"]


async def test_a_ticket_has_no_more_scopes_than_the_token_it_was_made_with(worker: Worker) -> None:
    """P5."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with worker.client(ada, project_id, token=await worker.token(ada.id, READ_ONLY)) as client:
        ticket = (await client.command(CreateTicket())).ticket
    async with websocket(worker.asgi, "/ws") as connection:
        client = HubClient(connection)  # type: ignore[arg-type]
        await client.greet(Hello(minor=0, client="test", project_id=project_id, ticket=ticket))
        assert not client.welcome.project.can_write


async def test_a_token_of_one_project_does_not_open_another(worker: Worker) -> None:
    """P5."""
    ada = await worker.person()
    here, there = await worker.project(ada), await worker.project(ada)
    token = await narrow_token(worker, ada, here)
    assert await knock(worker, there, token=token) == ("forbidden", 4403)
    async with worker.client(ada, here, token=token) as client:
        assert [project.id for project in (await client.command(ListProjects())).projects] == [here]


async def test_a_stranger_is_not_told_whether_a_project_exists(worker: Worker) -> None:
    """P5."""
    ada, eve = await worker.person("ada"), await worker.person("eve")
    real, invented = await worker.project(ada), UUID(int=7)
    assert await knock(worker, real, token=eve.token) == await knock(worker, invented, token=eve.token)


@pytest.mark.parametrize("credential", [{"token": "flash_wrong"}, {"ticket": "wrong"}, {"token": "flash_\0"}, {}])
async def test_a_wrong_credential_is_refused_in_band_and_for_good(worker: Worker, credential: dict[str, str]) -> None:
    project_id = await worker.project(await worker.person())
    assert await knock(worker, project_id, **credential) == ("unauthenticated", 4401)


async def test_what_a_ticket_opened_ends_with_the_credential_it_was_made_with(database_url: str) -> None:
    """P5."""
    clock = ManualClock(START)
    async with running_worker(database_url, clock=clock) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada)
        day_token = await worker.app.door.credentials.make_token(ada.id, "a day", READ_ONLY, days=1)
        clock.advance(timedelta(days=1).total_seconds() - 0.2)
        async with worker.http(Person(ada.id, day_token), project_id) as http:
            tickets = [(await http.post("/api/accounts/ticket")).json()["ticket"] for _ in range(2)]
        async with websocket(worker.asgi, "/ws") as connection:
            client = HubClient(connection)  # type: ignore[arg-type]
            await client.greet(Hello(minor=0, client="test", project_id=project_id, ticket=tickets[0]))
            clock.advance(0.3)
            assert (await connection.when_closed())[0] == 4401
        assert await knock(worker, project_id, ticket=tickets[1]) == ("unauthenticated", 4401)


async def test_a_ticket_makes_no_tickets(worker: Worker) -> None:
    """P5: else a credential would live on through them without end."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    ticket = await ticket_of(worker, ada, project_id)
    async with websocket(worker.asgi, "/ws") as connection:
        client = HubClient(connection)  # type: ignore[arg-type]
        await client.greet(Hello(minor=0, client="test", project_id=project_id, ticket=ticket))
        reading = asyncio.ensure_future(client.read())
        with pytest.raises(ServerRefused, match="forbidden"):
            await client.command(CreateTicket())
        reading.cancel()
        await asyncio.wait((reading,))


async def ticket_of(worker: Worker, person: Person, project_id: UUID) -> str:
    async with worker.client(person, project_id) as client:
        return (await client.command(CreateTicket())).ticket
