"""Crashes at random moments, replayable from their seed."""

import random
from dataclasses import dataclass

LAST_MOMENT = 0.95  # of the edits; a crash after the last one would prove nothing


@dataclass(frozen=True, slots=True)
class Crash:
    """`after` counts edits sent; the server dies then, and PostgreSQL with it or alone."""

    after: int
    server: bool
    postgres: bool


def planned_crashes(seed: int, edits: int, *, of_server: int, with_postgres: bool, of_postgres: int) -> list[Crash]:
    """In order: crashes `of_server`, each at random with PostgreSQL or without if allowed, and `of_postgres` alone."""
    rng = random.Random(seed)
    moments = rng.sample(range(1, int(edits * LAST_MOMENT)), of_server + of_postgres)
    crashes = [
        Crash(after, server=True, postgres=with_postgres and rng.random() < 0.5) for after in moments[:of_server]
    ]
    crashes += [Crash(after, server=False, postgres=True) for after in moments[of_server:]]
    return sorted(crashes, key=lambda crash: crash.after)
