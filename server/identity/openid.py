"""Any OpenID Connect issuer, Google among them: the authorization code flow with PKCE.

Source: OpenID Connect Core section 3.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote_plus

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri

from server.clock import Clock
from server.identity.code import exchange_form, read_tokens, with_challenge
from server.identity.id_token import Expected, NotBelieved, checked_claims
from server.identity.issuer import Issuer, Metadata
from server.identity.line import Line
from server.identity.port import Attempt, Identity, Tokens

SCOPE = "openid email profile"
MAX_TEXT = 255  # characters of a name; the column holds no more


@dataclass(frozen=True, slots=True)
class OpenIdProvider:
    """`trusts_email`: the operator vouches that this issuer verifies addresses although it does not say so."""

    slug: str
    name: str
    key: str
    client_id: str
    client_secret: str | None = field(repr=False)
    issuer: Issuer
    line: Line
    clock: Clock
    trusts_email: bool = False
    kind: Literal["oidc"] = "oidc"

    async def address(self, attempt: Attempt) -> str:
        metadata = await self.issuer.metadata()
        return str(
            prepare_grant_uri(
                metadata.authorization_endpoint,
                self.client_id,
                "code",
                **with_challenge(attempt),
                scope=SCOPE,
                nonce=attempt.nonce,
            )
        )

    async def identify(self, code: str, sender: str | None, attempt: Attempt) -> Identity:
        metadata = await self.issuer.metadata()
        is_named = sender is not None or metadata.authorization_response_iss_parameter_supported
        if is_named and sender != metadata.issuer:
            raise self.line.disbelieved(f"the code was sent by {sender!r}")
        tokens, id_token = await self._exchange(metadata, code, attempt)
        claims = await self._claims(metadata, tokens, id_token, attempt)
        if "email" not in claims and metadata.userinfo_endpoint is not None:
            claims = {**await self._userinfo(metadata.userinfo_endpoint, tokens, claims["sub"]), **claims}
        return self._identity(claims, tokens)

    async def check(self) -> None:
        await self.issuer.metadata()

    async def _exchange(self, metadata: Metadata, code: str, attempt: Attempt) -> tuple[Tokens, str]:
        form, auth = exchange_form(code, attempt), None
        if self.client_secret is None:
            form["client_id"] = self.client_id
        elif "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            # RFC 6749 section 2.3.1: both are encoded like a form before they go into the header.
            auth = httpx.BasicAuth(quote_plus(self.client_id), quote_plus(self.client_secret))
        else:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        reply = await self.line.post(metadata.token_endpoint, form, auth)
        tokens = read_tokens(reply, self.line, self.clock)
        id_token = reply.body.get("id_token")
        if not isinstance(id_token, str):
            raise self.line.disbelieved("no ID token")
        return tokens, id_token

    async def _claims(self, metadata: Metadata, tokens: Tokens, id_token: str, attempt: Attempt) -> Mapping[str, Any]:
        algorithms = metadata.id_token_signing_alg_values_supported
        expected = Expected(metadata.issuer, self.client_id, attempt.nonce, tokens.access, algorithms, self.clock.now())
        for newest in (False, True):
            try:
                return checked_claims(id_token, await self.issuer.keys(newest=newest), expected)
            except NotBelieved as error:
                if newest or not error.lacks_key:
                    raise self.line.disbelieved(str(error)) from None
        raise AssertionError

    async def _userinfo(self, endpoint: str, tokens: Tokens, subject: str) -> Mapping[str, Any]:
        """Claims that the issuer keeps out of ID tokens, about the same person (Core section 5.3.2)."""
        reply = await self.line.get(endpoint, token=tokens.access)
        if not reply.is_good or not isinstance(reply.body, dict):
            raise self.line.silent(f"its user info: HTTP {reply.status}")
        if reply.body.get("sub") != subject:
            raise self.line.disbelieved("its user info is about somebody else")
        return reply.body

    def _identity(self, claims: Mapping[str, Any], tokens: Tokens) -> Identity:
        email = _text(claims.get("email"))
        said = claims.get("email_verified")
        is_verified = said is True or said == "true" or self.trusts_email  # some issuers write it as text
        return Identity(
            subject=claims["sub"],
            email=email if is_verified else None,
            name=_text(claims.get("name")),
            label=email or _text(claims.get("preferred_username")),
            picture=_text(claims.get("picture")),
            tokens=tokens,
        )


def _text(claim: object) -> str | None:
    return claim[:MAX_TEXT] if isinstance(claim, str) and claim else None
