"""The line to one provider: every request is bounded in time and in bytes, and follows no redirect."""

import asyncio
import ipaddress
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from prometheus_client import Histogram

from server.errors import Unauthenticated, Unavailable

MAX_REASON = 200  # characters of what a provider says, in a line of the log

log = structlog.get_logger(__name__)

_seconds = Histogram("flashio_provider_seconds", "Time a provider took to answer a request", ["provider"])


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is parsed JSON."""

    status: int
    body: Any

    @property
    def is_good(self) -> bool:
        return self.status == httpx.codes.OK and isinstance(self.body, dict | list)


@dataclass(frozen=True, slots=True)
class Line:
    """`provider` is its name for people."""

    provider: str
    timeout_s: float
    max_bytes: int

    async def get(self, url: str, *, token: str | None = None) -> Reply:
        """Read JSON. Raises: Unavailable when there is none in time."""
        return await self._ask("GET", url, headers={} if token is None else {"authorization": f"Bearer {token}"})

    async def post(self, url: str, form: Mapping[str, str], auth: httpx.Auth | None = None) -> Reply:
        """Send a form and read JSON. Raises: Unavailable when there is none in time."""
        return await self._ask("POST", url, form=form, auth=auth)

    def silent(self, reason: str) -> Unavailable:
        """The error for a provider that does not answer as it should; the log says what happened."""
        log.warning("provider did not answer", provider=self.provider, reason=reason[:MAX_REASON])
        return Unavailable(f"{self.provider} does not answer. Try again in a minute, or sign in another way.")

    def disbelieved(self, reason: str) -> Unauthenticated:
        """The error for an answer that proves nothing."""
        log.warning("provider not believed", provider=self.provider, reason=reason[:MAX_REASON])
        return Unauthenticated(f"{self.provider} did not prove who you are. Try again, or sign in another way.")

    async def _ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
    ) -> Reply:
        if not is_private(url):
            raise self.silent(f"{urlsplit(url).netloc} is not reached over TLS")
        began = perf_counter()
        # Not unpacked by us: a small packed answer may be a huge one.
        asked = {
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": "FlashIO",
            **(headers or {}),
        }
        try:
            async with (
                asyncio.timeout(self.timeout_s),
                httpx.AsyncClient(verify=tls(), timeout=self.timeout_s, follow_redirects=False) as client,
                client.stream(method, url, headers=asked, data=form, auth=auth) as response,
            ):
                return self._parsed(response.status_code, await self._read(response))
        except TimeoutError:
            raise self.silent(f"no answer within {self.timeout_s} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise self.silent(f"{type(error).__name__}: {error}") from None
        finally:
            _seconds.labels(self.provider).observe(perf_counter() - began)

    def _parsed(self, status: int, body: bytes) -> Reply:
        try:
            return Reply(status, json.loads(body))
        except (ValueError, RecursionError):
            raise self.silent(f"HTTP {status} without JSON") from None

    async def _read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self.max_bytes:
                raise self.silent(f"an answer of more than {self.max_bytes} bytes")
        return bytes(body)


def is_private(url: str) -> bool:
    """Whether nobody on the way to this address can listen: TLS, or this machine itself."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return host is not None and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@cache
def tls() -> ssl.SSLContext:
    """Which certificates to believe. Made once, at the start: reading them takes longer than the loop may wait."""
    context = httpx.create_ssl_context()
    httpx.AsyncClient(verify=context)  # with the first one httpx loads the rest of itself, for 0.2 s
    return context
