"""The benchmark runs: whether its figures are good is not asked here, only whether there are any."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
async def test_the_quick_benchmark_finds_a_rate_for_cursors_and_for_edits(tmp_path: Path) -> None:
    saved = tmp_path / "figures.json"
    bench = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.fanout", "--quick", "--clients", "5", "--json", str(saved)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await bench.communicate()
    assert bench.returncode == 0, output.decode()
    results = json.loads(saved.read_text())["results"]
    assert [result["kind"] for result in results] == ["cursors", "edits"]
    for result in results:
        played = result["highest"]
        assert played["delivered"] == played["sent"] * played["listeners"] > 0
        assert 0 < played["p50_s"] <= played["p99_s"]
        assert result["highest"]["cpu"]["server"] > 0
    assert results[1]["highest"]["own_seen"] > 0, "no edit came back to its author as committed"
