"""The benchmark runs: whether its figures are good is not asked here, only whether there are any."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.targets import TARGETS
from bench.workloads import WORKLOADS

ROOT = Path(__file__).resolve().parents[2]
QUICK_LIMIT_S = 240  # it takes under two minutes where nothing else runs


async def bench(*options: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench", *options),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


def figures_of(records: list[dict[str, Any]], workload: str) -> list[dict[str, Any]]:
    return [record["figures"] for record in records if record["work"]["workload"] == workload]


@pytest.mark.slow
@pytest.mark.timeout(QUICK_LIMIT_S + 60)
async def test_the_quick_benchmark_measures_every_workload_on_every_target(tmp_path: Path) -> None:
    figures, results = tmp_path / "figures.json", tmp_path / "RESULTS.md"
    async with asyncio.timeout(QUICK_LIMIT_S):
        output = await bench("--quick", "--json", str(figures), "--results", str(results))
    records = json.loads(figures.read_text())["records"]
    assert [record["trouble"] for record in records if record["trouble"]] == [], output
    measured = {(record["work"]["workload"], record["work"]["target"]) for record in records}
    assert measured == {(workload.name, target) for workload in WORKLOADS for target in TARGETS}
    for found in figures_of(records, "fanout"):
        assert found["highest"]["delivered"] == found["highest"]["expected"] > 0
        assert 0 < found["half"]["p50_s"] <= found["half"]["p99_s"]
    for found in figures_of(records, "rooms"):
        assert found["case"]["delivered"] > 0
    for found in figures_of(records, "joins"):
        assert min(found["handshake_s"], found["warm_s"], found["cold_s"]) > 0
        assert found["bytes"] > 0
    for found in figures_of(records, "replay"):
        assert found["edits_per_s"] > 0
    for found in figures_of(records, "idle"):
        assert all(stage["connects_per_s"] > 0 for stage in found["stages"].values())
    tables = results.read_text()
    await bench("--from-json", str(figures), "--results", str(results))
    assert results.read_text() == tables, "the tables of a file with figures are those of the run"
