"""How far a run of the bench is, and roughly how long it still takes."""

from collections import defaultdict
from time import monotonic

from bench.journal import Work

# Seconds of one run of one case until the first ones are measured; on two cores, all servers on average.
USUAL_S = {"fanout": 13.0, "rooms": 30.0, "joins": 12.0, "replay": 30.0, "idle": 25.0}


class Progress:
    def __init__(self, planned: list[Work]) -> None:
        self._planned = planned
        self._began = monotonic()
        self._took: defaultdict[str, list[float]] = defaultdict(list)
        self._count = 0

    def line(self, work: Work) -> str:
        """What begins now."""
        passed_s = monotonic() - self._began
        return (
            f"[{self._count + 1}/{len(self._planned)}] {work}"
            f"  ({_minutes(passed_s)} passed, about {_minutes(self._left_s())} left)"
        )

    def done(self, work: Work, took_s: float) -> None:
        self._took[work.workload].append(took_s)
        self._count += 1

    def _left_s(self) -> float:
        return sum(self._usual_s(work.workload) for work in self._planned[self._count :])

    def _usual_s(self, workload: str) -> float:
        took = self._took[workload]
        return sum(took) / len(took) if took else USUAL_S.get(workload, 20.0)


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
