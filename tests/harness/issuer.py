"""A provider of identities on loopback that says what tests want it to say: an OpenID issuer, and a GitHub."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.clock import SystemClock
from tests.harness.listening import listening

CLIENT_ID, CLIENT_SECRET = "flashio", "secret"
LIFETIME_S = 300
Key = RSAKey | ECKey | OctKey


@dataclass(slots=True)
class StatedIssuer:
    """Everything it says can be changed; as it is, it signs in a person with the subject `7`.

    `claims` go over the usual ones of the ID token, and None leaves one out; `metadata` likewise. `issues_at` None:
    tokens are issued now. `forms`: the token requests that came. `is_stuck`: requests wait for ever.
    """

    url: str = ""
    nonce: str = ""
    key: Key = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "first", "use": "sig"}))
    published: list[Key] | None = None
    issues_at: datetime | None = None
    algorithm: str = "ES256"
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=lambda: {"sub": "7"})
    github_person: Any = field(default_factory=lambda: {"id": 7, "login": "ada", "name": None})
    github_emails: Any = field(
        default_factory=lambda: [{"email": "ada@example.org", "primary": True, "verified": True}]
    )
    github_emails_status: int = 200
    padding: str = ""
    is_stuck: bool = False
    key_reads: int = 0
    forms: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)

    def id_token(self) -> str:
        now = int((self.issues_at or SystemClock().now()).timestamp())
        usual: dict[str, Any] = {
            "iss": self.url,
            "sub": "7",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + LIFETIME_S,
            "nonce": self.nonce,
            "email": "ada@example.org",
            "email_verified": True,
            "name": "Ada Lovelace",
        }
        said = {name: value for name, value in (usual | self.claims).items() if value is not None}
        return jwt.encode({"alg": self.algorithm, "kid": self.key.kid}, said, self.key, algorithms=[self.algorithm])

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of a server that knows it as an OpenID issuer."""
        return {"oidc_issuer": self.url, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}

    @property
    def github_settings(self) -> dict[str, Any]:
        """Settings of a server that knows it as a GitHub Enterprise Server."""
        return {"github_url": self.url, "github_client_id": CLIENT_ID, "github_client_secret": CLIENT_SECRET}

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._configuration),
                Route("/keys", self._keys),
                Route("/token", self._token, methods=["POST"]),
                Route("/userinfo", self._said(lambda: self.userinfo)),
                Route("/login/oauth/access_token", self._token, methods=["POST"]),
                Route("/api/v3", self._said(lambda: {"current_user_url": f"{self.url}/api/v3/user"})),
                Route("/api/v3/user", self._said(lambda: self.github_person)),
                Route("/api/v3/user/emails", self._said(lambda: self.github_emails, lambda: self.github_emails_status)),
            ]
        )

    def _said(self, body: Callable[[], Any], status: Callable[[], int] = lambda: 200) -> Any:
        async def answer(request: Request) -> Response:
            self.authorizations.append(request.headers.get("authorization"))
            return JSONResponse(body(), status())

        return answer

    async def _configuration(self, _request: Request) -> Response:
        if self.is_stuck:
            await asyncio.get_running_loop().create_future()
        usual = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            "padding": self.padding,
        }
        return JSONResponse(usual | self.metadata)

    async def _keys(self, _request: Request) -> Response:
        self.key_reads += 1
        published = [self.key] if self.published is None else self.published
        return JSONResponse({"keys": [key.as_dict(private=False) for key in published]})

    async def _token(self, request: Request) -> Response:
        self.forms.append(dict(parse_qsl((await request.body()).decode())))
        self.authorizations.append(request.headers.get("authorization"))
        usual = {"access_token": "gho_access", "token_type": "bearer", "expires_in": 60, "id_token": self.id_token()}
        return JSONResponse({name: value for name, value in (usual | self.token).items() if value is not None})


@asynccontextmanager
async def stated_issuer() -> AsyncIterator[StatedIssuer]:
    issuer = StatedIssuer()
    config = uvicorn.Config(
        issuer.app(), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    async with listening(config) as port:
        issuer.url = f"http://127.0.0.1:{port}"
        yield issuer
