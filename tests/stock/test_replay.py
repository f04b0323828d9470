"""Two people write at once while processes die: in short what tests/acceptance/replay.py does in full."""

import json
import os
import secrets
import sys
from pathlib import Path

import pytest

from tests.acceptance.crashes import planned_crashes
from tests.acceptance.replay import Plan, replay
from tests.acceptance.synthetic_trace import synthetic_trace

EDITS = 1_500
SEED = int(os.environ.get("REPLAY_SEED", secrets.randbelow(1 << 32)))


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    sys.stderr.write(f"replay with REPLAY_SEED={SEED}\n")
    path = tmp_path / "trace.json"
    path.write_text(json.dumps(synthetic_trace(SEED, EDITS)))
    return path


@pytest.mark.slow
async def test_clients_of_both_versions_and_newcomers_end_with_the_same_text(trace: Path) -> None:
    """P2, P11: all replicas, HTTP, the log after a restart and the file's row; every edit came back as saved."""
    outcome = await replay(Plan(trace, SEED, second="4"))
    assert outcome.edits == EDITS


@pytest.mark.slow
async def test_nothing_acknowledged_is_lost_or_doubled_by_kill_9(trace: Path) -> None:
    """P1, P2: the server dies three times, with PostgreSQL or without."""
    outcome = await replay(Plan(trace, SEED, second="hub", kills=3, with_postgres=True))
    assert outcome.crashes == 3
    assert outcome.acknowledged_units_checked > 0


@pytest.mark.slow
async def test_edits_survive_postgres_dying_under_the_server(trace: Path) -> None:
    """P1, P2: clients are told that storage is away and back, /readyz says so, and everything is written."""
    outcome = await replay(Plan(trace, SEED, second="4", postgres_kills=2))
    assert outcome.crashes == outcome.crashes_with_postgres == 2


def test_a_seed_gives_the_same_trace_and_the_same_crashes() -> None:
    assert synthetic_trace(7, 200) == synthetic_trace(7, 200) != synthetic_trace(8, 200)
    plans = [planned_crashes(7, 1000, of_server=5, with_postgres=True, of_postgres=2) for _ in range(2)]
    assert plans[0] == plans[1]
    assert [crash.after for crash in plans[0]] == sorted(crash.after for crash in plans[0])
    assert sum(not crash.server for crash in plans[0]) == 2


def test_a_synthetic_trace_is_concurrent_and_leaves_the_basic_plane() -> None:
    trace = synthetic_trace(7, 400)
    assert any(len(txn["parents"]) > 1 for txn in trace["txns"])
    assert any(ord(character) > 0xFFFF for character in trace["endContent"])
