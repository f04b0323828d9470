"""Reading the session cookies that Auth.js encrypts: version 5 (`authjs`) and version 4 (`next-auth`).

Source: `packages/core/src/jwt.ts` of nextauthjs/next-auth, and `packages/next-auth/src/jwt/index.ts` of its version 4.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, OctKey

from server.errors import Unauthenticated

KEY_BYTES = {"A256CBC-HS512": 64, "A256GCM": 32}
ALGORITHMS = ("dir", *KEY_BYTES)  # without `zip`: nothing is unpacked
VERSION_4 = "next-auth."
MAX_CLOCK_SKEW_S = 15.0  # between the two servers, as Auth.js itself allows
MAX_SUBJECT = 255  # characters
KEYS_KEPT = 64  # secrets x cookie names x ciphers

NOT_OURS = "This sign-in cookie was not made with a secret of this server. Sign in again."


@dataclass(frozen=True, slots=True)
class SignedClaims:
    """What a cookie says, proven by its encryption.

    `signed_at`: when the person signed in, or, with `is_renewable`, when the cookie was issued: whoever uses it gets
    another one that was issued later, and when they signed in is not known.
    """

    subject: str
    name: str | None
    email: str | None
    signed_at: datetime
    expires_at: datetime
    is_renewable: bool


@dataclass(frozen=True, slots=True)
class AuthJsSecrets:
    """`secrets`, any of which may have made a cookie: the newest first while they are changed."""

    secrets: Sequence[str]
    audience: str | None = None

    def read(self, cookie_name: str, value: str, now: datetime) -> SignedClaims:
        """Decrypt and check a cookie; the key depends on its name, so another cookie of Auth.js is none of these.

        Raises:
            Unauthenticated: no secret fits, something was changed, it has expired, or is for somebody else.
        """
        for secret in self.secrets:
            try:
                opened = jwe.decrypt_compact(value, _key_for(secret, cookie_name), algorithms=ALGORITHMS)
                claims = json.loads(opened.plaintext or b"")
            except (JoseError, ValueError, KeyError, TypeError, RecursionError):
                continue
            return self._checked(claims, now)
        raise Unauthenticated(NOT_OURS)

    def _checked(self, claims: object, now: datetime) -> SignedClaims:
        if not isinstance(claims, dict):
            raise Unauthenticated(NOT_OURS)
        subject, expires_at, issued_at = claims.get("sub"), _moment(claims.get("exp")), _moment(claims.get("iat"))
        if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT or not expires_at or not issued_at:
            raise Unauthenticated(NOT_OURS)
        if expires_at <= now or (issued_at - now).total_seconds() > MAX_CLOCK_SKEW_S:
            raise Unauthenticated("Your sign-in has ended. Sign in again.")
        not_before = _moment(claims.get("nbf"))
        if not_before is not None and (not_before - now).total_seconds() > MAX_CLOCK_SKEW_S:
            raise Unauthenticated("Your sign-in has not begun yet.")
        if not self._is_for_us(claims.get("aud")):
            raise Unauthenticated("This sign-in cookie is for another server.")
        signed_in_at = _moment(claims.get("auth_time"))
        return SignedClaims(
            subject,
            _text(claims.get("name")),
            _text(claims.get("email")),
            signed_in_at or issued_at,
            expires_at,
            is_renewable=signed_in_at is None,
        )

    def _is_for_us(self, audience: object) -> bool:
        """A cookie that names nobody is for everybody with the secret, unless an audience is asked for."""
        if audience is None:
            return self.audience is None
        named = audience if isinstance(audience, list) else [audience]
        return self.audience is not None and self.audience in named


def _key_for(secret: str, cookie_name: str) -> Callable[[GuestProtocol], OctKey]:
    def find(unopened: GuestProtocol) -> OctKey:
        return _key(secret, cookie_name, KEY_BYTES[str(unopened.headers()["enc"])])

    return find


@lru_cache(KEYS_KEPT)
def _key(secret: str, cookie_name: str, size: int) -> OctKey:
    is_version_4 = cookie_name.removeprefix("__Secure-").startswith(VERSION_4)
    salt = b"" if is_version_4 else cookie_name.encode()
    info = (
        "NextAuth.js Generated Encryption Key" if is_version_4 else f"Auth.js Generated Encryption Key ({cookie_name})"
    )
    derived = HKDF(SHA256(), size, salt=salt, info=info.encode()).derive(secret.encode())
    return OctKey.import_key(derived)


def _moment(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
