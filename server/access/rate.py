"""How often a sender may do something: token buckets, one per socket, or per person where there is no socket."""

from collections.abc import Callable, Hashable

MOST_BUCKETS = 50_000  # beyond it the oldest are forgotten, which only ever favours the sender


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
        """Take one token, on credit if need be; returns the seconds until the debt is paid, 0 when there is none."""
        self._tokens -= 1
        if self._tokens >= 0:
            return 0.0
        now = self._monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate_per_s)
        self._at = now
        return 0.0 if self._tokens >= 0 else -self._tokens / self._rate_per_s

    def is_empty(self) -> bool:
        """Whether there is no token to take; looking takes none."""
        if not self.try_take():
            return True
        self._tokens += 1
        return False

    def try_take(self) -> bool:
        """Take one token if there is one; what is refused costs nothing."""
        if self.take() == 0:
            return True
        self._tokens += 1
        return False


class Buckets:
    """A bucket per sender, made when first asked for."""

    def __init__(self, rate_per_s: float, burst: float, monotonic: Callable[[], float]) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._monotonic = monotonic
        self._buckets: dict[Hashable, Bucket] = {}

    def of(self, sender: Hashable) -> Bucket:
        bucket = self._buckets.get(sender)
        if bucket is None:
            if len(self._buckets) >= MOST_BUCKETS:
                del self._buckets[next(iter(self._buckets))]
            bucket = self._buckets[sender] = Bucket(self._rate_per_s, self._burst, self._monotonic)
        return bucket

    def forget(self, sender: Hashable) -> None:
        self._buckets.pop(sender, None)
