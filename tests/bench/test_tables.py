"""Tables say medians, spreads and how much better than the best peer."""

from bench.journal import Journal, Record, Work
from bench.replay import Replay
from bench.tables import median_of, ms, ratio, spread


def runs(*rates: float | None) -> list[Record]:
    return [Record(Work("x", {}, "y", run), {"rate": rate}, None, 1.0, "") for run, rate in enumerate(rates)]


def test_a_spread_shows_the_median_and_the_extremes() -> None:
    assert spread(runs(100.0, 300.0, 120.0), lambda figures: figures["rate"]) == "120 (100-300)"
    assert spread(runs(100.0), lambda figures: figures["rate"]) == "100"
    assert spread(runs(None), lambda figures: figures["rate"]) == "-"


def test_a_ratio_is_above_one_when_ours_is_better_whichever_way_better_is() -> None:
    assert ratio(40.0, [10.0, 20.0, None]) == "2"
    assert ratio(0.01, [0.02, 0.05], less_is_better=True) == "2"
    assert ratio(None, [1.0]) == ratio(1.0, []) == "-"


def test_runs_without_a_figure_do_not_count() -> None:
    assert median_of(runs(None, 4.0, 6.0), lambda figures: figures["rate"]) == 5.0
    assert ms(None) == "-"


def test_a_section_compares_ours_with_the_best_peer() -> None:
    journal = Journal(None, {})
    for target, rate in (("flashio", 30.0), ("y-websocket", 10.0), ("hocuspocus", 15.0)):
        journal.add(Work("replay", {"edits": 10}, target, 1), {"edits_per_s": rate}, None, 1.0)
    rows = [line.split(" | ") for line in Replay().section(journal).splitlines() if "flashio" in line]
    assert rows[0][1:4] == ["flashio", "30", "2"]
