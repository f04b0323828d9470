"""Tokens and tickets that were tried and do not hold: who guesses is slowed down, who only repeats costs nothing."""

from collections.abc import Callable

from prometheus_client import Counter

from server.access.rate import Buckets
from server.access.secrets import digest
from server.errors import RateLimited, Unauthenticated

MINUTE_S = 60.0
REMEMBERED_S = 60.0
REMEMBERED = 10_000  # digests of 32 bytes; beyond it the oldest are looked up anew

_failed = Counter("flashio_failed_tokens_total", "Tokens and tickets that did not hold", ["outcome"])


class FailedTokens:
    """Invariant: a token that does not hold never will, so it may be refused from memory.

    A client that reconnects for ever with a revoked token is so no guesser, and locks nobody out beside it.
    """

    def __init__(self, per_minute: float, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._rates = Buckets(per_minute / MINUTE_S, per_minute, monotonic)
        self._known: dict[bytes, float] = {}  # digest -> until when it is remembered, oldest first

    def check(self, token: str, network: str) -> None:
        """Refuse what is known not to hold, and whose network has guessed too often.

        Raises:
            Unauthenticated: this token was tried a moment ago.
            RateLimited: too many others were.
        """
        if self._known.get(digest(token), 0.0) > self._monotonic():
            _failed.labels("repeated").inc()
            raise Unauthenticated("This token is unknown, revoked or expired. Make a new one.")
        if self._rates.of(network).is_empty():
            _failed.labels("limited").inc()
            raise RateLimited("Too many tokens from your network did not hold. Wait a minute, then use one that does.")

    def failed(self, token: str, network: str) -> None:
        """Count a token that did not hold."""
        _failed.labels("counted").inc()
        self._rates.of(network).try_take()
        while len(self._known) >= REMEMBERED:
            del self._known[next(iter(self._known))]
        key = digest(token)
        self._known.pop(key, None)
        self._known[key] = self._monotonic() + REMEMBERED_S
