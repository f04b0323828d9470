"""The authorization code flow with PKCE (RFC 6749 section 4.1, RFC 7636), as far as all providers share it."""

from typing import Any

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from server.clock import Clock
from server.identity.line import Line, Reply
from server.identity.port import Attempt, Tokens

MAX_LIFETIME_S = 10 * 365 * 24 * 3600


def with_challenge(attempt: Attempt) -> dict[str, str]:
    """What the authorization request says of this try."""
    return {
        "redirect_uri": attempt.redirect_uri,
        "state": attempt.state,
        "code_challenge": create_s256_code_challenge(attempt.verifier),
        "code_challenge_method": "S256",
    }


def exchange_form(code: str, attempt: Attempt) -> dict[str, str]:
    """The token request, without the client's own credentials."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": attempt.redirect_uri,
        "code_verifier": attempt.verifier,
    }


def read_tokens(reply: Reply, line: Line, clock: Clock) -> Tokens:
    """The tokens of a token response. Some providers send errors with status 200.

    Raises:
        Unavailable: the provider failed.
        Unauthenticated: it does not take the code.
    """
    if reply.status >= 500 or not isinstance(reply.body, dict):
        raise line.silent(f"its token endpoint: HTTP {reply.status}")
    access = reply.body.get("access_token")
    if not reply.is_good or not isinstance(access, str) or not access:
        raise line.disbelieved(f"its token endpoint: HTTP {reply.status}, {reply.body.get('error')!r}")
    return Tokens(
        access=access,
        refresh=_text(reply.body, "refresh_token"),
        kind=_text(reply.body, "token_type"),
        scope=_text(reply.body, "scope"),
        expires_at=_end(reply.body.get("expires_in"), clock),
    )


def _end(lifetime_s: object, clock: Clock) -> int | None:
    if isinstance(lifetime_s, bool) or not isinstance(lifetime_s, int) or not 0 <= lifetime_s <= MAX_LIFETIME_S:
        return None
    return int(clock.now().timestamp()) + lifetime_s


def _text(body: dict[str, Any], field: str) -> str | None:
    value = body.get(field)
    return value if isinstance(value, str) and value else None
