"""Memory stays what it was while rooms and sockets come and go: in short what tests/acceptance/soak.py does in full."""

import sys

import pytest

from tests.acceptance.server_figures import MIB
from tests.acceptance.soak import Bounds, Part, soak

ROOMS, CONNECTS = 300, 3_000
GROWTH_MIB = (
    6.0  # a leak of 30 KiB a room, or 3 KiB a connect, is above it; what the allocator does in so short a run is not
)


@pytest.mark.slow
async def test_rooms_and_sockets_that_come_and_go_leave_nothing_behind(capsys: pytest.CaptureFixture[str]) -> None:
    """P10."""
    parts = await soak(Bounds(rooms=ROOMS, connects=CONNECTS, growth_mib=GROWTH_MIB, samples=8))
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(map(str, parts)) + "\n")
    assert [part.done for part in parts] == [ROOMS, CONNECTS]
    assert len(parts[1].kinds) == 10


def test_a_leak_is_seen_through_the_warm_up_and_the_noise() -> None:
    noise = (0, 3, -2, 1, -3, 2, 0, 1, -1, 2)
    leaking, flat = (
        Part(
            "rooms",
            done=1_000,
            samples=[(100 * n, int((40 * (n < 3) + n * leak) * MIB) + noise[n] * 10_000) for n in range(10)],
        )
        for leak in (1, 0)
    )
    assert leaking.growth_mib == pytest.approx(6, abs=0.2)
    assert leaking.slope_bytes == pytest.approx(MIB / 100, rel=0.05)
    assert abs(flat.growth_mib) < 0.1
