"""A person's bearer tokens: shown once, no wider than asked for, and over when revoked or expired (P5)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from server.clock import ManualClock
from tests.harness.worker import Person, Worker, running_worker


async def create(browser: httpx.AsyncClient, key: str | None = None, **changes: Any) -> httpx.Response:
    body = {"label": "robot", "scopes": ["read", "write"]} | changes
    return await browser.post("/api/accounts/create_token", json=body, headers={"idempotency-key": key or str(uuid4())})


async def revoke(browser: httpx.AsyncClient, token_id: str) -> int:
    headers = {"idempotency-key": str(uuid4())}
    return (await browser.post("/api/accounts/revoke_token", json={"id": token_id}, headers=headers)).status_code


async def status(worker: Worker, secret: str, project_id: object = None, command: str = "projects/list") -> int:
    """What a program with this token is answered."""
    headers = {"authorization": f"Bearer {secret}", "idempotency-key": str(uuid4())}
    if project_id is not None:
        headers["x-project"] = str(project_id)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(worker.asgi), base_url="http://127.0.0.1:8000") as http:
        return (await http.post(f"/api/{command}", headers=headers)).status_code


@pytest.fixture
async def ada(worker: Worker) -> Person:
    return await worker.person("ada")


@pytest.fixture
async def browser(worker: Worker, ada: Person):
    async with worker.browser(await worker.session(ada)) as browser:
        yield browser


async def test_a_made_token_signs_in_and_is_listed_without_its_secret(worker: Worker, browser) -> None:
    made = (await create(browser)).json()
    assert await status(worker, made["secret"]) == 200
    listed = (await browser.post("/api/accounts/tokens")).json()
    assert made["secret"] not in str(listed)
    [robot] = [token for token in listed["tokens"] if token["label"] == "robot"]
    assert (robot["id"], robot["scopes"]) == (made["token"]["id"], ["read", "write"])
    assert robot["lastUsedAt"] is not None


async def test_a_repeated_command_makes_one_token_and_tells_its_secret_once(worker: Worker, browser) -> None:
    """P12."""
    key = str(uuid4())
    first, again = [(await create(browser, key)).json() for _ in range(2)]
    assert (again["token"]["id"], again["secret"]) == (first["token"]["id"], None)
    tokens = (await browser.post("/api/accounts/tokens")).json()["tokens"]
    assert [token["label"] for token in tokens].count("robot") == 1


async def test_a_secret_is_nowhere_in_the_database(worker: Worker, browser) -> None:
    secret = (await create(browser)).json()["secret"].encode()
    async with worker.app.db.acquire() as connection:
        tables = await connection.fetch(
            "select relname::text from pg_class where relkind = 'r' and relnamespace = 2200"
        )
        for [table] in tables:
            rows = await connection.fetch(f'select t::text, t::text like $1 from "{table}" as t', [f"%{secret.hex()}%"])
            assert not any(secret.decode() in row[0] or row[1] for row in rows), table


async def test_a_token_for_one_project_is_for_that_one_alone(worker: Worker, ada: Person, browser) -> None:
    here, there = await worker.project(ada), await worker.project(ada)
    secret = (await create(browser, projectId=str(here))).json()["secret"]
    assert await status(worker, secret, here, "projects/get") == 200
    assert await status(worker, secret, there, "projects/get") == 403


async def test_a_token_is_not_made_for_a_project_of_others(worker: Worker, browser) -> None:
    theirs = await worker.project(await worker.person("eve"))
    assert (await create(browser, projectId=str(theirs))).status_code == 404
    assert (await create(browser, projectId=str(uuid4()))).status_code == 404


async def test_a_reading_token_changes_nothing(worker: Worker, ada: Person, browser) -> None:
    project_id = await worker.project(ada)
    secret = (await create(browser, scopes=["read"])).json()["secret"]
    assert await status(worker, secret, project_id, "files/list") == 200
    assert await status(worker, secret, project_id, "files/create") == 403


async def test_a_revoked_token_is_over(worker: Worker, browser) -> None:
    made = (await create(browser)).json()
    assert await revoke(browser, made["token"]["id"]) == 200
    assert await status(worker, made["secret"]) == 401
    assert await revoke(browser, made["token"]["id"]) == 404


async def test_nobody_revokes_the_token_of_another(worker: Worker, browser) -> None:
    made = (await create(browser)).json()
    async with worker.browser(await worker.session(await worker.person("eve"))) as eve:
        assert await revoke(eve, made["token"]["id"]) == 404
    assert await status(worker, made["secret"]) == 200


async def test_a_token_ends_after_its_days(database_url: str) -> None:
    clock = ManualClock()
    async with running_worker(database_url, clock=clock) as worker:
        async with worker.browser(await worker.session(await worker.person())) as browser:
            secret = (await create(browser, days=2)).json()["secret"]
        clock.advance(timedelta(days=2).total_seconds() - 1)
        assert await status(worker, secret) == 200
        clock.advance(1)
        assert await status(worker, secret) == 401


async def test_a_person_has_so_many_tokens(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url, tokens_per_person=2) as worker:
        session = await worker.session(await worker.person())
        async with worker.browser(session) as browser:
            first = await create(browser)
            assert (await create(browser)).json()["code"] == "conflict"
            assert await revoke(browser, first.json()["token"]["id"]) == 200
            assert (await create(browser)).status_code == 200


@pytest.mark.parametrize("wrong", [{"label": ""}, {"scopes": []}, {"scopes": ["admin"]}, {"days": 0}])
async def test_a_token_that_makes_no_sense_is_refused(browser, wrong: dict[str, Any]) -> None:
    assert (await create(browser, **wrong)).status_code == 422


async def test_a_person_is_given_so_many_tickets_a_minute(database_url: str) -> None:
    """P10."""
    clock = ManualClock()
    async with running_worker(database_url, clock=clock, tickets_per_minute=2) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada)
        assert [await status(worker, ada.token, project_id, "accounts/ticket") for _ in range(3)] == [200, 200, 429]
        clock.advance(60)
        assert await status(worker, ada.token, project_id, "accounts/ticket") == 200
