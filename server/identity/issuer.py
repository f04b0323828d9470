"""What an OpenID issuer publishes about itself: its endpoints and its keys, remembered for a while."""

from dataclasses import dataclass, field

from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from server.clock import Clock
from server.identity.id_token import read_keys
from server.identity.line import Line, is_private

WELL_KNOWN = "/.well-known/openid-configuration"
KEEP_S = 3600.0  # endpoints hardly ever change
KEYS_EVERY_S = 30.0  # keys are asked for anew when a token names an unknown one, but not more often than this


class Metadata(BaseModel):
    """OpenID Connect Discovery section 3, as far as we use it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


@dataclass(slots=True)
class Issuer:
    """`url` is the issuer's name, to the letter."""

    url: str
    line: Line
    clock: Clock
    _metadata: tuple[float, Metadata] | None = field(default=None, init=False)
    _keys: tuple[float, KeySet] | None = field(default=None, init=False)

    async def metadata(self) -> Metadata:
        """What it says of itself. Raises: Unavailable when it does not, or speaks for somebody else."""
        now = self.clock.monotonic()
        if self._metadata is None or self._metadata[0] + KEEP_S <= now:
            self._metadata = (now, await self._read_metadata())
        return self._metadata[1]

    async def keys(self, *, newest: bool = False) -> KeySet:
        """Its public keys; `newest`: a token names one that is not among them. Raises: Unavailable."""
        now = self.clock.monotonic()
        keep_s = KEYS_EVERY_S if newest else KEEP_S
        if self._keys is None or self._keys[0] + keep_s <= now:
            reply = await self.line.get((await self.metadata()).jwks_uri)
            if not reply.is_good:
                raise self.line.silent(f"its keys: HTTP {reply.status}")
            self._keys = (now, read_keys(reply.body))
        return self._keys[1]

    async def _read_metadata(self) -> Metadata:
        reply = await self.line.get(self.url.rstrip("/") + WELL_KNOWN)
        if not reply.is_good:
            raise self.line.silent(f"its configuration: HTTP {reply.status}")
        try:
            metadata = Metadata.model_validate(reply.body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            raise self.line.silent(f"its configuration: {first['loc']}: {first['msg']}") from None
        if metadata.issuer != self.url:
            raise self.line.silent(f"it calls itself {metadata.issuer!r}; OIDC_ISSUER must be that, to the letter")
        if not is_private(metadata.authorization_endpoint):
            raise self.line.silent("its authorization endpoint is not reached over TLS")
        return metadata
