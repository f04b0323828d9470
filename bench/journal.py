"""What was measured, as one JSON file that is written anew after every case, so that a run can be cut off and go on."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

Case = dict[str, str | int]
Figures = dict[str, Any]  # numbers, texts, and lists and dicts of them


class Work(NamedTuple):
    """One run of a case of a workload against a target."""

    workload: str
    case: Case
    target: str
    run: int

    def __str__(self) -> str:
        case = ", ".join(f"{name} {value}" for name, value in self.case.items())
        return f"{self.workload}: {case}: {self.target}, run {self.run}"


@dataclass(frozen=True, slots=True)
class Record:
    """What one run found; `trouble` is what ended it early."""

    work: Work
    figures: Figures
    trouble: str | None
    took_s: float
    at: str


@dataclass(slots=True)
class Journal:
    """`machine` is what the figures depend on, as name and value."""

    path: Path | None
    machine: dict[str, str]
    records: list[Record] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "Journal":
        """The journal in a file.

        Raises:
            OSError: it cannot be read.
            ValueError: it is none.
        """
        content = json.loads(path.read_text(encoding="utf-8"))
        records = [Record(Work(**entry.pop("work")), **entry) for entry in content["records"]]
        return cls(path, content["machine"], records)

    def add(self, work: Work, figures: Figures, trouble: str | None, took_s: float) -> None:
        """Keep a record in place of an earlier one of the same work, and save."""
        self.records = [record for record in self.records if record.work != work]
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self.records.append(Record(work, plain(figures), trouble, round(took_s, 1), at))
        self.save()

    def forget(self, works: list[Work]) -> None:
        """Drop what is to be measured anew."""
        self.records = [record for record in self.records if record.work not in works]

    def save(self) -> None:
        if self.path is None:
            return
        records = [
            {
                **{name: getattr(record, name) for name in ("figures", "trouble", "took_s", "at")},
                "work": record.work._asdict(),
            }
            for record in self.records
        ]
        text = json.dumps({"machine": self.machine, "records": records}, separators=(",", ":"))
        partial = self.path.with_suffix(".partial")
        partial.write_text(text.replace('{"figures"', '\n{"figures"') + "\n", encoding="utf-8")
        partial.replace(self.path)

    def has(self, work: Work) -> bool:
        return any(record.work == work for record in self.records)

    def of(self, workload: str, case: Case | None = None, target: str | None = None) -> list[Record]:
        """Records in the order of measuring."""
        return [
            record
            for record in self.records
            if record.work.workload == workload
            and case in (None, record.work.case)
            and target in (None, record.work.target)
        ]

    def cases(self, workload: str) -> list[Case]:
        """Every case once."""
        found: list[Case] = []
        for record in self.of(workload):
            if record.work.case not in found:
                found.append(record.work.case)
        return found

    def targets(self, workload: str) -> list[str]:
        return list(dict.fromkeys(record.work.target for record in self.of(workload)))

    def grouped(self, workload: str) -> Iterator[tuple[Case, str, list[Record]]]:
        """The runs of every case and target."""
        for case in self.cases(workload):
            for target in self.targets(workload):
                if records := self.of(workload, case, target):
                    yield case, target, records


def plain(value: Any) -> Any:
    """The same without infinite numbers, which JSON does not have, and with floats of a sensible length."""
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
