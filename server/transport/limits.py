"""Token buckets: how much of something a sender may do per second, with a burst."""

from collections.abc import Callable


class Bucket:
    """Holds up to `burst` tokens and gains `rate_per_s` each second."""

    __slots__ = ("_at", "_burst", "_monotonic", "_rate_per_s", "_tokens")

    def __init__(self, rate_per_s: float, burst: float, monotonic: Callable[[], float]) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._monotonic = monotonic
        self._tokens = burst
        self._at = monotonic()

    def take(self) -> float:
        """Take one token, on credit if need be; returns the seconds to wait before the next, 0 when none."""
        self._tokens -= 1
        if self._tokens >= 0:
            return 0.0
        now = self._monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate_per_s)
        self._at = now
        return 0.0 if self._tokens >= 0 else -self._tokens / self._rate_per_s
