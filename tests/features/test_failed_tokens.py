"""Who guesses tokens or tickets is slowed down by where they come from; who only repeats one is not."""

import httpx

from server.clock import ManualClock
from tests.features.test_accounts import knock
from tests.harness.worker import Worker, running_worker

ELSEWHERE = {"x-forwarded-for": "192.0.2.1"}


def program(worker: Worker, token: str, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(worker.asgi),
        base_url="http://127.0.0.1:8000",
        headers={"authorization": f"Bearer {token}", **headers},
    )


async def status(worker: Worker, token: str, **headers: str) -> int:
    async with program(worker, token, **headers) as http:
        return (await http.post("/api/accounts/me")).status_code


async def test_a_network_that_guesses_tokens_is_told_to_wait(database_url: str) -> None:
    clock = ManualClock()
    async with running_worker(database_url, clock=clock, failed_tokens_per_minute=3, forwarded_hops=1) as worker:
        ada = await worker.person()
        assert [await status(worker, f"guess {n}") for n in range(4)] == [401, 401, 401, 429]
        assert await status(worker, ada.token) == 429
        assert await status(worker, ada.token, **ELSEWHERE) == 200
        clock.advance(20)
        assert await status(worker, ada.token) == 200


async def test_a_client_that_repeats_a_dead_token_locks_nobody_out(database_url: str) -> None:
    """Stock providers come back for ever with the token they have; others of their office must get in."""
    async with running_worker(database_url, failed_tokens_per_minute=2) as worker:
        ada = await worker.person()
        assert {await status(worker, "revoked") for _ in range(20)} == {401}
        assert await status(worker, ada.token) == 200


async def test_tokens_that_hold_are_not_counted(database_url: str) -> None:
    async with running_worker(database_url, failed_tokens_per_minute=1) as worker:
        ada = await worker.person()
        assert {await status(worker, ada.token) for _ in range(5)} == {200}


async def test_guesses_on_sockets_count_with_those_over_http(database_url: str) -> None:
    async with running_worker(database_url, failed_tokens_per_minute=2) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada)
        assert await knock(worker, project_id, token="guess") == ("unauthenticated", 4401)
        assert await knock(worker, project_id, ticket="another") == ("unauthenticated", 4401)
        assert await knock(worker, project_id, token="a third") == ("rate_limited", 4529)
        assert await status(worker, "a fourth") == 429


async def test_tickets_are_limited_per_network_as_well_as_per_person(database_url: str) -> None:
    limits = {"tickets_per_minute": 100, "network_tickets_per_minute": 2, "forwarded_hops": 1}
    async with running_worker(database_url, **limits) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada)
        bob = await worker.joined(project_id)
        project = {"x-project": str(project_id)}

        async def ask(token: str, **headers: str) -> int:
            async with program(worker, token, **project, **headers) as http:
                return (await http.post("/api/accounts/ticket")).status_code

        assert [await ask(ada.token), await ask(bob.token), await ask(bob.token)] == [200, 200, 429]
        assert await ask(bob.token, **ELSEWHERE) == 200
