"""Random and broken frames: a bounded version of `python -m tests.acceptance.frames`."""

from tests.acceptance.frames import run


async def test_random_and_broken_frames_close_their_sender_alone() -> None:
    """P8: nothing crashes, and each verdict is the one of websockets' own reader."""
    report = await run(count=10_000, seed=20_261_122)
    assert report.closed > report.sessions / 10
