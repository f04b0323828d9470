"""Latencies of very many deliveries, kept as counts: memory and time do not grow with the deliveries themselves."""

import math
from itertools import accumulate
from statistics import median

BIN_S = 0.0001  # resolution of what is reported
BINS = 300_000  # 30 s; what takes longer counts as 30 s
FINE_S = 0.0005  # messages closer together than this are spread evenly over their bins, not counted one by one


class Latencies:
    """`add` takes runs of messages, as they arrive: many in one read, evenly spaced by their schedule."""

    def __init__(self) -> None:
        self._edges = [0.0] * (BINS + 2)  # differences of the counts per bin
        self._lost = 0
        self.count = 0

    def add(self, newest_s: float, count: int, spacing_s: float) -> None:
        """Count latencies of `newest_s`, `newest_s + spacing_s`, and so on: the newest message waited least."""
        self.count += count
        edges = self._edges
        if spacing_s < FINE_S:
            first, last = _bin(newest_s), _bin(newest_s + (count - 1) * spacing_s)
            share = count / (last - first + 1)
            edges[first] += share
            edges[last + 1] -= share
            return
        for number in range(count):
            place = _bin(newest_s + number * spacing_s)
            edges[place] += 1
            edges[place + 1] -= 1

    def add_lost(self, count: int) -> None:
        """Count deliveries that never came; they are later than all others."""
        self._lost += count
        self.count += count

    def percentile_s(self, fraction: float) -> float:
        """The latency that this fraction of the deliveries does not exceed; infinite when they were lost.

        Raises:
            ValueError: nothing was counted.
        """
        if not self.count:
            raise ValueError("no deliveries were counted")
        wanted = fraction * self.count
        if wanted > self.count - self._lost:
            return math.inf
        total = 0.0
        for place, in_bin in enumerate(accumulate(self._edges)):
            total += in_bin
            if total >= wanted - 1e-6 * self.count:
                return (place + 1) * BIN_S
        return BINS * BIN_S


def middle(values: list[float]) -> float:
    """The median; of nothing, not a number."""
    return median(values) if values else math.nan


def _bin(latency_s: float) -> int:
    return min(max(int(latency_s / BIN_S), 0), BINS)
