"""GitHub and GitHub Enterprise Server: OAuth without OpenID Connect; who somebody is comes from its REST API."""

from dataclasses import dataclass, field
from typing import Any, Literal

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri

from server.clock import Clock
from server.identity.code import exchange_form, read_tokens, with_challenge
from server.identity.line import Line
from server.identity.port import Attempt, Identity

PUBLIC = "https://github.com"
PUBLIC_API = "https://api.github.com"
ENTERPRISE_API = "/api/v3"
NOT_FOR_US = (403, 404)
SCOPE = "user:email"  # to read addresses that are not public, and nothing else
MAX_TEXT = 255  # characters of a name; the column holds no more


@dataclass(frozen=True, slots=True)
class GitHubProvider:
    """`url`: `https://github.com`, or a company's own GitHub, whose people are others."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    line: Line
    clock: Clock
    slug: str = "github"
    name: str = "GitHub"
    kind: Literal["oauth"] = "oauth"

    @property
    def key(self) -> str:
        return self.slug if self.url == PUBLIC else f"{self.slug}:{self.url}"

    async def address(self, attempt: Attempt) -> str:
        url = f"{self.url}/login/oauth/authorize"
        return str(prepare_grant_uri(url, self.client_id, "code", **with_challenge(attempt), scope=SCOPE))

    async def identify(self, code: str, sender: str | None, attempt: Attempt) -> Identity:
        del sender  # GitHub names no sender; the redirect URI, which is this provider's alone, does
        form = exchange_form(code, attempt) | {"client_id": self.client_id, "client_secret": self.client_secret}
        reply = await self.line.post(f"{self.url}/login/oauth/access_token", form)
        tokens = read_tokens(reply, self.line, self.clock)
        person = await self._person(tokens.access)
        login = _text(person.get("login"))
        return Identity(
            subject=str(person["id"]),
            email=await self._email(tokens.access),
            name=_text(person.get("name")) or login,
            label=login,
            picture=_text(person.get("avatar_url")),
            tokens=tokens,
        )

    async def check(self) -> None:
        """The root of its API answers everybody."""
        reply = await self.line.get(self._api)
        if not reply.is_good:
            raise self.line.silent(f"its API: HTTP {reply.status}")

    async def _person(self, token: str) -> dict[str, Any]:
        reply = await self.line.get(f"{self._api}/user", token=token)
        if not reply.is_good:
            raise self.line.silent(f"its API: HTTP {reply.status} for the person")
        if not isinstance(reply.body, dict) or type(reply.body.get("id")) is not int:
            raise self.line.disbelieved("its API names no person")
        return reply.body

    async def _email(self, token: str) -> str | None:
        """The person's verified address; none where they, or the app's registration, keep addresses to themselves."""
        reply = await self.line.get(f"{self._api}/user/emails", token=token)
        if reply.status in NOT_FOR_US:
            return None
        if not reply.is_good:
            raise self.line.silent(f"its API: HTTP {reply.status} for their addresses")
        return _own_address(reply.body)

    @property
    def _api(self) -> str:
        return PUBLIC_API if self.url == PUBLIC else self.url + ENTERPRISE_API


def _own_address(listed: object) -> str | None:
    """The primary address, where it was verified."""
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict) and entry.get("primary") is True and entry.get("verified") is True:
            return _text(entry.get("email"))
    return None


def _text(value: object) -> str | None:
    return value[:MAX_TEXT] if isinstance(value, str) and value else None
