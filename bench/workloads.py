"""Everything that can be measured, in the order of RESULTS.md."""

from bench.fanout import Fanout
from bench.idle import Idle
from bench.joins import Joins
from bench.laboratory import Workload
from bench.replay import Replay
from bench.rooms import Rooms

WORKLOADS: tuple[Workload, ...] = (Fanout(), Rooms(), Joins(), Replay(), Idle())
