"""A socket that is open is given a fresh credential, and goes on by that one (P5)."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from protocol.accounts import CreateTicket, Renew, Renewed, WhoAmI
from protocol.documents import WriteDocument
from protocol.ids import ProjectId
from runner.hub_client import HubClient, ServerRefused
from server.access.tokens import WantedToken, add_token, end_token
from server.clock import ManualClock
from server.store.tokens import list_my_tokens
from tests.harness.worker import Person, Worker, running_worker

NEVER_S = 3600.0
HOUR_S = 3600.0


async def token(
    worker: Worker,
    person: Person,
    *,
    hours: float | None = None,
    scopes: frozenset[str] = frozenset({"read", "write"}),
    project_id: ProjectId | None = None,
) -> str:
    ends = None if hours is None else worker.app.clock.now() + timedelta(hours=hours)
    async with worker.app.db.transaction() as tx:
        secret, _ = await add_token(tx, person.id, WantedToken("test", scopes, project_id, ends), by=None)
    return secret


async def renewed(client: HubClient, **credential: str) -> Renewed:
    return await client.command(Renew(**credential))


async def refusal(client: HubClient, **credential: str) -> str:
    with pytest.raises(ServerRefused) as refused:
        await renewed(client, **credential)
    return refused.value.code


async def test_a_renewed_socket_outlives_the_credential_that_opened_it(database_url: str) -> None:
    clock = ManualClock()
    async with running_worker(database_url, clock=clock, rights_poll_s=NEVER_S) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada)
        first, second = await token(worker, ada, hours=1), await token(worker, ada, hours=3)
        async with (
            worker.client(ada, project_id, token=first) as kept,
            worker.client(ada, project_id, token=first) as lost,
        ):
            assert kept.welcome.credential_ends_at == clock.now() + timedelta(hours=1)
            reply = await kept.command(Renew(token=second))
            assert reply.credential_ends_at == clock.now() + timedelta(hours=3)
            clock.advance(2 * HOUR_S)
            await worker.app.door.vigil.poll()
            assert (await lost.when_closed()).close_code == 4401
            assert (await kept.command(WhoAmI())).id == ada.id
            clock.advance(HOUR_S)
            await worker.app.door.vigil.poll()
            assert (await kept.when_closed()).close_code == 4401


async def test_a_renewed_socket_ends_with_its_new_credential_to_the_moment(database_url: str) -> None:
    """P5: nobody announces it and nobody polls."""
    async with running_worker(database_url, rights_poll_s=NEVER_S) as worker:
        ada = await worker.person()
        async with worker.client(ada, await worker.project(ada)) as client:
            assert client.welcome.credential_ends_at is None
            await renewed(client, token=await token(worker, ada, hours=0.5 / HOUR_S))
            assert (await client.when_closed()).close_code == 4401


async def test_a_ticket_renews_a_socket_once(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada)) as client:
        ticket = (await client.command(CreateTicket())).ticket
        await renewed(client, ticket=ticket)
        assert await refusal(client, ticket=ticket) == "unauthenticated"
        assert (await client.command(WhoAmI())).id == ada.id


async def test_the_socket_may_do_what_the_new_credential_allows(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "one"})
    async with worker.client(ada, project_id) as client:
        regranted = asyncio.Event()
        client.on_event = lambda name, *_: regranted.set() if name == "collaborators/regranted" else None
        await renewed(client, token=await token(worker, ada, scopes=frozenset({"read"})))
        async with asyncio.timeout(20):
            await regranted.wait()
        with pytest.raises(ServerRefused, match="forbidden"):
            await client.command(WriteDocument(path="a.txt", text="two"))


async def test_the_end_of_the_credential_that_opened_it_no_longer_ends_a_renewed_socket(worker: Worker) -> None:
    """P5: and the end of the new one does."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    second = await token(worker, ada)
    async with worker.app.db.acquire() as connection:
        mine = await list_my_tokens.all(connection, user_id=ada.id, after_id=UUID(int=0), limit=9)
    async with worker.client(ada, project_id) as client:
        await renewed(client, token=second)
        for row, is_open in ((mine[0], True), (mine[1], False)):
            async with worker.app.db.transaction() as tx:
                assert await end_token(tx, ada.id, row.id, worker.app.clock.now(), by=None)
            await worker.app.door.vigil.poll()
            if is_open:
                assert (await client.command(WhoAmI())).id == ada.id
        assert (await client.when_closed()).close_code == 4401


async def test_nobody_is_replaced_on_their_socket(worker: Worker) -> None:
    """P6."""
    ada = await worker.person()
    project_id = await worker.project(ada)
    bob = await worker.joined(project_id)
    async with worker.client(ada, project_id) as client:
        assert await refusal(client, token=bob.token) == "forbidden"
        assert (await client.command(WhoAmI())).id == ada.id


async def test_what_could_not_have_opened_the_socket_does_not_renew_it(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    elsewhere = await token(worker, ada, project_id=await worker.project(ada))
    async with worker.client(ada, project_id) as client:
        assert await refusal(client, token=elsewhere) == "forbidden"
        assert await refusal(client, token="flash_unknown") == "unauthenticated"
        assert await refusal(client) == "bad_request"


async def test_over_http_there_is_nothing_to_renew(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.http(ada, await worker.project(ada)) as http:
        answer = await http.post("/api/accounts/renew", json={"token": ada.token})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


async def test_fresh_credentials_are_limited_per_socket(database_url: str) -> None:
    async with running_worker(database_url, tickets_per_minute=1) as worker:
        ada = await worker.person()
        async with worker.client(ada, await worker.project(ada)) as client:
            await renewed(client, token=ada.token)
            assert await refusal(client, token=ada.token) == "rate_limited"
