"""What people in busy rooms felt, and how much of it may be noise."""

import math
from dataclasses import dataclass, field

from tests.acceptance.server_figures import MIB

GROWTH_LIMIT_BYTES = 64 * MIB  # four times what one outbox may hold
NOISE_FACTOR, NOISE_S = 3.0, 0.05  # how much p99 may move on a machine that others use


@dataclass(slots=True)
class Phase:
    """What people felt for a while, in seconds."""

    name: str
    took_s: float
    saved_s: list[float]
    delivered_s: list[float]
    frames: int
    rss_bytes: int
    cpu: tuple[float, float]  # shares of a core: the server's, and this generator's

    @property
    def saved_p99_s(self) -> float:
        return percentile(self.saved_s, 0.99)

    @property
    def delivered_p99_s(self) -> float:
        return percentile(self.delivered_s, 0.99)

    def __str__(self) -> str:
        return (
            f"{self.name}: {len(self.saved_s) / self.took_s:,.0f} edits/s saved, "
            f"p50 {1000 * percentile(self.saved_s, 0.5):.1f} ms, p99 {1000 * self.saved_p99_s:.1f} ms; "
            f"{self.frames / self.took_s:,.0f} frames/s delivered, cursors p50 "
            f"{1000 * percentile(self.delivered_s, 0.5):.1f} ms, p99 {1000 * self.delivered_p99_s:.1f} ms; "
            f"RSS {self.rss_bytes / MIB:.0f} MiB; {self.cpu[0]:.0%} of a core, the generator {self.cpu[1]:.0%}"
        )


@dataclass(slots=True)
class Outcome:
    """Figures of a run that held."""

    phases: list[Phase] = field(default_factory=list)
    crashes: int = 0
    crashes_with_postgres: int = 0
    acknowledged_checked: int = 0
    slowest_return_s: float = 0.0
    characters: int = 0
    rows: int = 0

    def __str__(self) -> str:
        lines = [str(phase) for phase in self.phases]
        lines.append(
            f"{self.crashes} crashes, {self.crashes_with_postgres} of PostgreSQL too; {self.acknowledged_checked:,} "
            f"acknowledged characters looked for after them: none missing; everybody back and level within "
            f"{self.slowest_return_s:.1f} s; in the end {self.characters:,} characters, each there once, "
            f"in {self.rows:,} rows of the log"
        )
        return "\n".join(lines)


def check_noise(before: Phase, during: Phase) -> None:
    """Others' p99 and the server's memory are what they were, but for noise and one outbox."""
    for name, then, now in (
        ("saved", before.saved_p99_s, during.saved_p99_s),
        ("delivered", before.delivered_p99_s, during.delivered_p99_s),
    ):
        assert now < then * NOISE_FACTOR + NOISE_S, (
            f"one reader stopped, and everybody's p99 to {name} went to {now:.3f} s"
        )
    grown = during.rss_bytes - before.rss_bytes
    assert grown < GROWTH_LIMIT_BYTES, f"one reader stopped, and memory grew by {grown / MIB:.0f} MiB"


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(part * len(values)))] if values else math.nan
