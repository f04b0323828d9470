"""Browsers that leave for a provider and come back, as tests see them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from server.clock import Clock
from tests.harness.issuer import StatedIssuer
from tests.harness.worker import Worker, running_worker

OURS = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Inn:
    """A server that knows a provider which says what the test wants."""

    worker: Worker
    issuer: StatedIssuer

    async def leave(self, browser: httpx.AsyncClient, slug: str = "oidc", **query: str) -> dict[str, str]:
        """Press the provider's button; what our server sends along, and the issuer puts the nonce into its token."""
        answer = await browser.get(f"/signin/with/{slug}", params=query)
        assert answer.status_code == 303, answer.text
        sent = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
        self.issuer.nonce = sent.get("nonce", "")
        return sent

    async def come_back(
        self, browser: httpx.AsyncClient, sent: dict[str, str], slug: str = "oidc", **query: str
    ) -> httpx.Response:
        """Follow the provider's redirect, as `leave` was told; `query` changes what it says."""
        said = {"code": "a-code", "state": sent["state"]} | query
        return await browser.get(f"/signin/with/{slug}/callback", params=said)

    async def round_trip(self, browser: httpx.AsyncClient, slug: str = "oidc", **query: str) -> httpx.Response:
        return await self.come_back(browser, await self.leave(browser, slug, **query), slug)

    async def sign_in(self, slug: str = "oidc") -> dict[str, Any]:
        """Sign in in a new browser, and return who that is."""
        async with self.worker.browser() as browser:
            answer = await self.round_trip(browser, slug)
            assert answer.status_code == 303, answer.text
            return (await browser.post("/api/accounts/me")).json()

    async def refusal(self, slug: str = "oidc") -> tuple[int, str]:
        """Fail to sign in in a new browser: the status and what the page says. Nobody is signed in."""
        async with self.worker.browser() as browser:
            answer = await self.round_trip(browser, slug)
            assert (await browser.post("/api/accounts/me")).status_code == 401
            return answer.status_code, answer.text

    async def rows(self, statement: str, arguments: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        async with self.worker.app.db.acquire() as connection:
            return [tuple(row) for row in await connection.fetch(statement, list(arguments))]


@asynccontextmanager
async def inn_at(
    database_url: str, issuer: StatedIssuer, *, clock: Clock | None = None, **settings: Any
) -> AsyncIterator[Inn]:
    """A server that knows the issuer twice: as `oidc` and as `github`."""
    given = {"public_url": OURS} | issuer.settings | issuer.github_settings | settings
    async with running_worker(database_url, clock=clock, **given) as worker:
        yield Inn(worker, issuer)
