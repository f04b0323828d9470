"""Crashes and a stopped reader while rooms are busy: in short what tests/acceptance/rooms.py does in full."""

import os
import secrets
import sys

import pytest

from tests.acceptance.chain import Chain
from tests.acceptance.room_log import RoomLog
from tests.acceptance.rooms import Plan, run, text_of

SEED = int(os.environ.get("ROOMS_SEED", secrets.randbelow(1 << 32)))


@pytest.mark.slow
async def test_busy_rooms_lose_nothing_by_kill_9_and_feel_no_stopped_reader(capsys: pytest.CaptureFixture[str]) -> None:
    """P1, P2, P4."""
    plan = Plan(rooms=10, clients=4, kills=3, with_postgres=True, quiet_s=4, seed=SEED)
    outcome = await run(plan)
    with capsys.disabled():
        sys.stdout.write(f"\nROOMS_SEED={SEED}\n{outcome}\n")
    assert outcome.crashes == 3
    assert outcome.acknowledged_checked > 0


def test_the_log_tells_lost_and_doubled_characters() -> None:
    chain = Chain(client=1 << 30, number=1)
    updates = [chain.type() for _ in range(100)]
    assert RoomLog({"a": updates}).stored("a") == {chain.client: 100}
    assert RoomLog({"a": updates[:50] + updates[51:]}).stored("a") == {chain.client: 50}
    assert chain.in_text(f"others {text_of(updates)} too") == chain.text
    assert chain.in_text(chain.text + chain.text[-1]) != chain.text
