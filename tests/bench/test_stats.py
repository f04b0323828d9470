"""Percentiles from counted latencies equal those of the latencies themselves."""

import math
import random

import pytest

from bench.stats import BIN_S, FINE_S, Latencies

SEED = 7


@pytest.mark.parametrize("spacing_s", [0.00002, 0.0004, 0.0005, 0.02])
def test_percentiles_of_runs_are_those_of_every_single_delivery(spacing_s: float) -> None:
    chance = random.Random(SEED)
    counted, all_of_them = Latencies(), []
    for _ in range(200):
        newest_s, count = chance.uniform(0, 0.2), chance.randint(1, 50)
        counted.add(newest_s, count, spacing_s)
        all_of_them += [newest_s + number * spacing_s for number in range(count)]
    all_of_them.sort()
    for fraction in (0.5, 0.99):
        exact = all_of_them[math.ceil(fraction * len(all_of_them)) - 1]
        assert counted.percentile_s(fraction) == pytest.approx(
            exact, abs=3 * BIN_S + spacing_s * (spacing_s < FINE_S)
        ), f"seed {SEED}"


def test_what_never_came_is_later_than_everything() -> None:
    latencies = Latencies()
    latencies.add(0.001, 97, 0.0)
    latencies.add_lost(3)
    assert latencies.percentile_s(0.5) < 0.01
    assert latencies.percentile_s(0.99) == math.inf
