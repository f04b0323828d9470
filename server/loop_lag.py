"""How late the event loop is: a timer that measures its own lateness.

Whatever holds the loop up, this process's code or a machine that gives it no CPU, delays every socket by as much.
"""

from prometheus_client import Histogram

from server.clock import Clock

INTERVAL_S = 0.1  # a hold-up of this length is always seen, a shorter one sometimes; ten wake-ups a second cost nothing
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

_lag = Histogram("flashio_event_loop_lag_seconds", "How late the event loop ran what was due", buckets=BUCKETS_S)


async def watch_loop(clock: Clock) -> None:
    """Observe the loop's lateness for ever."""
    while True:
        due = clock.monotonic() + INTERVAL_S
        await clock.sleep(INTERVAL_S)
        _lag.observe(max(0.0, clock.monotonic() - due))
