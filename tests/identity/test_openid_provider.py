"""Signing in with a real OpenID provider, the one of npm: every message between the two is theirs."""

import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import httpx
import pytest

from tests.harness.worker import Worker, running_worker
from tests.identity.openid_provider import ADA, CLIENT_ID, CLIENT_SECRET, openid_provider
from tests.identity.returning import OURS

pytestmark = pytest.mark.stock
CALLBACK = f"{OURS}/signin/with/oidc/callback"
PEOPLE: dict[str, dict[str, Any]] = {"ada": ADA, "eve": ADA | {"email_verified": False}}


@pytest.fixture
async def issuer() -> AsyncIterator[str]:
    async with openid_provider(CALLBACK, PEOPLE) as issuer:
        yield issuer


@pytest.fixture
async def worker(database_url: str, issuer: str) -> AsyncIterator[Worker]:
    given = {"oidc_issuer": issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}
    async with running_worker(database_url, public_url=OURS, **given) as worker:
        yield worker


async def agree(address: str, login: str) -> str:
    """Do at the provider what a person does there; where it sends the browser then."""
    async with httpx.AsyncClient(follow_redirects=False) as browser:
        answer = await browser.get(address)
        while not answer.headers.get("location", "").startswith(CALLBACK):
            if answer.is_redirect:
                answer = await browser.get(answer.next_request.url)
                continue
            action = re.search(r'action="([^"]+)" method="post"', answer.text)[1]
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)[1]
            fields = {"prompt": prompt, "login": login, "password": "x"}
            answer = await browser.post(unescape(action), data=fields)
        return answer.headers["location"]


async def signed_in(worker: Worker, login: str) -> dict[str, Any]:
    async with worker.browser() as browser:
        left = await browser.get("/signin/with/oidc", params={"next": "/p/1"})
        back = await browser.get(await agree(left.headers["location"], login))
        assert (back.status_code, back.headers.get("location")) == (303, "/p/1"), back.text
        return (await browser.post("/api/accounts/me")).json()


async def test_the_whole_round_trip_signs_a_person_in_and_knows_them_the_next_time(worker: Worker) -> None:
    ada = await worker.person("ada")
    first, again = await signed_in(worker, "ada"), await signed_in(worker, "ada")
    assert first["id"] == again["id"] == str(ada.id)


async def test_an_address_that_the_provider_did_not_verify_is_nobodys(worker: Worker) -> None:
    ada = await worker.person("ada")
    eve = await signed_in(worker, "eve")
    assert (eve["id"] != str(ada.id), eve["email"], eve["name"]) == (True, "", "Ada Lovelace")


async def test_a_code_is_good_once_at_the_provider_too(worker: Worker) -> None:
    async with worker.browser() as browser:
        left = await browser.get("/signin/with/oidc")
        back = await agree(left.headers["location"], "ada")
        assert (await browser.get(back)).status_code == 303
        again = await browser.get("/signin/with/oidc")
        state = httpx.URL(again.headers["location"]).params["state"]
        replayed = await browser.get(str(httpx.URL(back).copy_set_param("state", state)))
        assert (replayed.status_code, "did not prove who you are" in replayed.text) == (401, True)
