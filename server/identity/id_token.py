"""The ID token of OpenID Connect: its signature by the issuer's keys, its claims by what we asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, KeySet

MAX_CLOCK_SKEW_S = 60  # between the issuer and us, in either direction
MAX_SUBJECT = 255  # characters (OpenID Connect Core section 2)
# Signatures with a key that only the issuer has. `none` proves nothing, and with HS256 everybody who knows the client's
# secret, or takes the public key for one, could sign.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
KEY_TYPES = frozenset({"RSA", "EC", "OKP"})


class NotBelieved(Exception):
    """The token proves nothing; the message is for the log. `lacks_key`: it names a key that was not at hand."""

    def __init__(self, reason: str, *, lacks_key: bool = False) -> None:
        super().__init__(reason)
        self.lacks_key = lacks_key


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token of one try must say."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str
    algorithms: Sequence[str]
    now: datetime


def read_keys(published: object) -> KeySet:
    """The keys of a JWK set that may sign; what we do not understand is left out (RFC 7517 section 5)."""
    listed = published.get("keys") if isinstance(published, dict) else None
    keys = []
    for key in listed if isinstance(listed, list) else []:
        if not isinstance(key, dict) or key.get("kty") not in KEY_TYPES or key.get("use", "sig") != "sig":
            continue
        try:
            keys.append(JWKRegistry.import_key(key))
        except (JoseError, ValueError, KeyError, TypeError):
            continue
    return KeySet(keys)


def checked_claims(token: str, keys: KeySet, expected: Expected) -> Mapping[str, Any]:
    """The claims of a token that holds (OpenID Connect Core section 3.1.3.7).

    Raises:
        NotBelieved: it does not.
    """
    allowed = sorted(ALGORITHMS.intersection(expected.algorithms))
    try:
        read = jwt.decode(token, keys, algorithms=allowed)
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={"iss": {"value": expected.issuer}, "aud": {"value": expected.client_id}},
            params={
                "nonce": expected.nonce,
                "client_id": expected.client_id,
                "access_token": expected.access_token,
            },
        )
        claims.validate(now=int(expected.now.timestamp()), leeway=MAX_CLOCK_SKEW_S)
    except InvalidKeyIdError as error:
        raise NotBelieved(str(error), lacks_key=True) from None
    except (JoseError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotBelieved(f"ID token: {error or type(error).__name__}") from None
    subject = claims["sub"]
    if not 0 < len(subject) <= MAX_SUBJECT or not subject.isprintable():
        raise NotBelieved("ID token: no sensible subject")
    return dict(claims)
