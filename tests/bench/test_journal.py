"""What was measured is kept: a run that was cut off goes on where it was, and one that is repeated replaces the old."""

import math
from pathlib import Path

from bench.journal import Journal, Work

ONE = Work("replay", {"edits": 10}, "flashio", 1)
OTHER = Work("replay", {"edits": 10}, "hocuspocus", 1)


def test_a_record_is_on_disk_as_soon_as_it_is_added(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    journal = Journal(path, {"cores": "2"})
    journal.add(ONE, {"edits_per_s": 5.0, "p99_s": math.inf}, None, 1.0)
    journal.add(OTHER, {}, "it broke", 2.0)
    read = Journal.read(path)
    assert read.records == journal.records
    assert read.machine == {"cores": "2"}
    assert read.records[0].figures == {"edits_per_s": 5.0, "p99_s": None}
    assert read.has(ONE)
    assert read.records[1].trouble == "it broke"


def test_a_repeated_work_replaces_its_record(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "figures.json", {})
    journal.add(ONE, {"edits_per_s": 5.0}, None, 1.0)
    journal.add(ONE, {"edits_per_s": 6.0}, None, 1.0)
    assert [record.figures["edits_per_s"] for record in journal.records] == [6.0]


def test_records_are_found_by_what_was_measured() -> None:
    journal = Journal(None, {})
    journal.add(ONE, {}, None, 1.0)
    journal.add(OTHER, {}, None, 1.0)
    assert [record.work for record in journal.of("replay", {"edits": 10}, "hocuspocus")] == [OTHER]
    assert journal.of("replay", {"edits": 11}) == []
    assert [target for _, target, _ in journal.grouped("replay")] == ["flashio", "hocuspocus"]
