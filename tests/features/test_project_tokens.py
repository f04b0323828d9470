"""Expiring tokens for clients that show the same credential at every reconnect (P5)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from server.clock import ManualClock
from tests.features.test_own_sessions import command, sessions_of
from tests.features.test_own_tokens import create, revoke, status
from tests.harness.worker import Person, Worker, running_worker

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Studio:
    """A person, signed in, with a project."""

    worker: Worker
    clock: ManualClock
    ada: Person
    project_id: UUID
    browser: httpx.AsyncClient

    async def token(self, bearer: str | None = None, **body: Any) -> httpx.Response:
        headers = {"x-project": str(self.project_id)}
        if bearer is not None:
            headers["authorization"] = f"Bearer {bearer}"
        return await self.browser.post("/api/accounts/project_token", json=body, headers=headers)

    async def opens(self, token: str) -> bool:
        """Whether a stock provider gets in with it."""
        async with self.worker.yjs(token, self.project_id, "a.txt") as stock:
            first = await stock.recv()
            return isinstance(first, bytes) and first[0] == 0

    async def holds(self, token: str) -> bool:
        return await status(self.worker, token, self.project_id, "projects/get") == 200


@pytest.fixture
async def studio(database_url: str) -> AsyncIterator[Studio]:
    clock = ManualClock()
    async with running_worker(database_url, clock=clock) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": "text"})
        async with worker.browser(await worker.session(ada)) as browser:
            yield Studio(worker, clock, ada, project_id, browser)


async def test_a_project_token_opens_its_project_as_often_as_one_likes(studio: Studio) -> None:
    token = (await studio.token()).json()["token"]
    assert [await studio.opens(token) for _ in range(3)] == [True] * 3
    other = await studio.worker.project(studio.ada, {"a.txt": ""})
    assert await status(studio.worker, token, other, "projects/get") == 403


async def test_a_project_token_ends_after_its_minutes(studio: Studio) -> None:
    made = (await studio.token(minutes=60)).json()
    assert datetime.fromisoformat(made["expiresAt"]) == studio.clock.now() + timedelta(hours=1)
    studio.clock.advance(HOUR_S - 1)
    assert await studio.holds(made["token"])
    studio.clock.advance(1)
    assert not await studio.holds(made["token"])


async def test_a_project_token_ends_with_the_session_that_made_it(studio: Studio) -> None:
    token = (await studio.token()).json()["token"]
    [session] = await sessions_of(studio.browser)
    assert (await command(studio.browser, "revoke_session", id=session["id"])).status_code == 200
    assert not await studio.holds(token)


async def test_signing_out_everywhere_ends_the_project_tokens_of_the_sessions_that_end(studio: Studio) -> None:
    kept = (await studio.token()).json()["token"]
    async with studio.worker.browser(await studio.worker.session(studio.ada)) as other:
        headers = {"x-project": str(studio.project_id)}
        gone = (await other.post("/api/accounts/project_token", headers=headers)).json()["token"]
    assert (await command(studio.browser, "sign_out_everywhere")).status_code == 200
    assert (await studio.holds(kept), await studio.holds(gone)) == (True, False)


async def test_a_project_token_ends_with_the_token_that_made_it_and_never_later(studio: Studio) -> None:
    parent = (await create(studio.browser, days=1)).json()
    studio.clock.advance(24 * HOUR_S - 600)
    child = (await studio.token(parent["secret"], minutes=60)).json()
    assert child["expiresAt"] == parent["token"]["expiresAt"].replace("+00:00", "Z")
    assert await studio.holds(child["token"])
    assert await revoke(studio.browser, parent["token"]["id"]) == 200
    assert not await studio.holds(child["token"])


async def test_a_project_token_allows_no_more_than_what_made_it(studio: Studio) -> None:
    reader = (await create(studio.browser, scopes=["read"])).json()["secret"]
    child = (await studio.token(reader)).json()["token"]
    assert await status(studio.worker, child, studio.project_id, "files/list") == 200
    assert await status(studio.worker, child, studio.project_id, "files/create") == 403


async def test_a_project_token_makes_no_other(studio: Studio) -> None:
    """Else it would live on through its children when its parent is revoked."""
    child = (await studio.token()).json()["token"]
    assert (await studio.token(child)).json()["code"] == "forbidden"


async def test_project_tokens_are_not_in_the_list_of_those_that_a_person_made(studio: Studio) -> None:
    await studio.token()
    listed = (await studio.browser.post("/api/accounts/tokens")).json()["tokens"]
    assert [token["label"] for token in listed] == ["test"]


@pytest.mark.parametrize("minutes", [0, 1441])
async def test_a_project_token_lasts_a_day_at_most(studio: Studio, minutes: int) -> None:
    assert (await studio.token(minutes=minutes)).status_code == 422


async def test_tokens_that_are_long_over_are_deleted(studio: Studio) -> None:
    """P10."""
    await studio.token()
    kept = (await create(studio.browser)).json()["token"]["id"]
    studio.clock.advance(timedelta(days=31, hours=1).total_seconds())
    [job] = [job for feature in studio.worker.app.features if feature.slug == "accounts" for job in feature.jobs]
    await job.run()
    async with studio.worker.app.db.acquire() as connection:
        rows = await connection.fetch("select id::text, name from api_tokens order by name")
    assert [row[1] for row in rows] == ["robot", "test"]
    assert kept in {row[0] for row in rows}
    assert await status(studio.worker, "flash_" + str(uuid4())) == 401
