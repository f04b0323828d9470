"""What an ID token must say, and who must have signed it (OpenID Connect Core section 3.1.3.7)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from authlib.oidc.core.util import create_half_hash
from joserfc.jwk import ECKey, OctKey, RSAKey

from server.identity.id_token import Expected, NotBelieved, checked_claims, read_keys
from tests.harness.issuer import CLIENT_ID, CLIENT_SECRET, StatedIssuer

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SECOND = int(NOW.timestamp())
ACCESS = "gho_access"
EXPECTED = Expected(
    "https://login.example.org", CLIENT_ID, "the nonce", ACCESS, ("RS256", "ES256", "HS256", "none"), NOW
)


def issuer(**claims: Any) -> StatedIssuer:
    return StatedIssuer(url=EXPECTED.issuer, nonce=EXPECTED.nonce, claims=claims, issues_at=NOW)


def published(*keys: Any) -> object:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def symmetric(secret: bytes) -> OctKey:
    return OctKey.import_key({"kty": "oct", "k": _text(secret)}, {"kid": "first"})


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def checked(stated: StatedIssuer, *, by: Any = None, expected: Expected = EXPECTED) -> Mapping[str, Any]:
    """What is read of its token with its key, or with another one that it published."""
    return checked_claims(stated.id_token(), read_keys(published(by or stated.key)), expected)


def test_a_token_that_holds_is_read() -> None:
    claims = checked(issuer())
    assert (claims["sub"], claims["email"]) == ("7", "ada@example.org")


def test_clocks_may_differ_by_a_minute() -> None:
    stated = issuer(iat=SECOND + 50, nbf=SECOND + 50, exp=SECOND + 60)
    for seconds in (0, 110):
        assert checked(stated, expected=replace(EXPECTED, now=NOW + timedelta(seconds=seconds)))
    for seconds in (-20, 125):
        with pytest.raises(NotBelieved):
            checked(stated, expected=replace(EXPECTED, now=NOW + timedelta(seconds=seconds)))


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ""},
        {"exp": SECOND - 3600},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"iat": SECOND + 3600},
        {"iat": None},
        {"nbf": SECOND + 3600},
        {"iss": "https://evil.example"},
        {"iss": "https://login.example.org/"},
        {"iss": None},
        {"aud": "another"},
        {"aud": []},
        {"aud": ["another", "third"]},
        {"aud": [CLIENT_ID, "another"]},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
        {"aud": None},
        {"azp": "another"},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "7\u0000"},
        {"at_hash": "of another token"},
    ],
    ids=lambda claims: str(claims)[:60],
)
def test_a_token_that_says_anything_else_is_not_believed(claims: dict[str, Any]) -> None:
    with pytest.raises(NotBelieved):
        checked(issuer(**claims))


def test_a_token_for_several_that_was_issued_to_us_is_believed() -> None:
    assert checked(issuer(aud=[CLIENT_ID, "another"], azp=CLIENT_ID))
    assert checked(issuer(at_hash=create_half_hash(ACCESS, "ES256").decode()))


def test_only_a_key_of_the_issuer_signs() -> None:
    right = ECKey.generate_key("P-256", {"kid": "first"})
    for forged, algorithm in (
        (ECKey.generate_key("P-256", {"kid": "first"}), "ES256"),
        (RSAKey.generate_key(2048, {"kid": "first"}), "RS256"),
        (symmetric(CLIENT_SECRET.ljust(32, "x").encode()), "HS256"),
    ):
        stated = replace(issuer(), key=forged, algorithm=algorithm)
        with pytest.raises(NotBelieved):
            checked(stated, by=right)
    assert checked(replace(issuer(), key=right))


def test_the_public_key_is_no_secret_to_sign_with() -> None:
    stated = issuer()
    head = _text(json.dumps({"alg": "HS256", "kid": "first"}).encode())
    signed = f"{head}.{stated.id_token().split('.')[1]}"
    forged = _text(hmac.digest(stated.key.as_pem(private=False), signed.encode(), hashlib.sha256))
    with pytest.raises(NotBelieved):
        checked_claims(f"{signed}.{forged}", read_keys(published(stated.key)), EXPECTED)


def test_a_published_secret_signs_nothing() -> None:
    """An issuer that publishes a symmetric key by mistake has told it to everybody."""
    secret = symmetric(b"x" * 32)
    stated = replace(issuer(), key=secret, algorithm="HS256")
    with pytest.raises(NotBelieved):
        checked_claims(stated.id_token(), read_keys({"keys": [secret.as_dict(private=True)]}), EXPECTED)


def test_an_algorithm_that_the_issuer_does_not_announce_is_not_believed() -> None:
    with pytest.raises(NotBelieved):
        checked(issuer(), expected=replace(EXPECTED, algorithms=("RS256",)))


@pytest.mark.parametrize("token", ["", "a.b.c", "e30.e30.", "eyJhbGciOiJub25lIn0.e30.", "x" * 5_000, "ü.ü.ü", "." * 9])
def test_what_is_no_token_is_not_believed(token: str) -> None:
    with pytest.raises(NotBelieved):
        checked_claims(token, read_keys(published(issuer().key)), EXPECTED)


def test_a_key_that_is_not_at_hand_is_said_to_be_lacking() -> None:
    with pytest.raises(NotBelieved) as refused:
        checked(issuer(), by=ECKey.generate_key("P-256", {"kid": "second"}))
    assert refused.value.lacks_key


def test_keys_that_nobody_understands_do_not_hide_the_others() -> None:
    good = ECKey.generate_key("P-256", {"kid": "first"}).as_dict(private=False)
    strange: list[object] = [
        {"kty": "LATTICE"},
        {"kty": "EC", "crv": "P-0", "x": "AA", "y": "AA"},
        {"kty": "RSA"},
        {"kty": "RSA", "n": "?", "e": "AQAB"},
        good | {"use": "enc", "kid": "other"},
        "nonsense",
        None,
    ]
    assert [key.kid for key in read_keys({"keys": [*strange, good]})] == ["first"]
    for nothing in (None, [], {}, {"keys": None}, {"keys": {}}, "x"):
        assert list(read_keys(nothing)) == []
