"""Whole documents as newcomers get them: encoded once per change, however many come, within a bound in bytes."""

from dataclasses import dataclass

from prometheus_client import Gauge

from protocol.yjs.sync import EMPTY_STATE_VECTOR
from server.features.documents.replica import Replica

_bytes = Gauge("flashio_encoded_documents_bytes", "Whole documents kept encoded for newcomers")


@dataclass(slots=True)
class _Whole:
    state: bytes
    version: int  # of the replica when it was encoded
    wanted_at: float  # monotonic seconds


class Wholes:
    """Those wanted longest ago leave first. Invariant: what is given is the replica as it is now."""

    def __init__(self, limit_bytes: int = 0) -> None:
        self._limit_bytes = limit_bytes
        self._kept: dict[Replica, _Whole] = {}
        self._bytes = 0
        self._now = 0.0

    def of(self, replica: Replica) -> bytes:
        """The whole document as one update."""
        kept = self._kept.get(replica)
        if kept is not None and kept.version == replica.version:
            self.keep(replica, kept.state)
            return kept.state
        state = replica.diff(EMPTY_STATE_VECTOR)
        self.keep(replica, state)
        return state

    def keep(self, replica: Replica, state: bytes) -> None:
        """Remember that the replica, as it is now, is encoded so."""
        self.drop(replica)
        if len(state) > self._limit_bytes:
            return
        while self._bytes + len(state) > self._limit_bytes:
            self.drop(next(iter(self._kept)))
        self._kept[replica] = _Whole(state, replica.version, self._now)
        self._count(len(state))

    def drop(self, replica: Replica) -> None:
        kept = self._kept.pop(replica, None)
        if kept is not None:
            self._count(-len(kept.state))

    def expire(self, now: float, unwanted_for_s: float) -> None:
        """Drop what nobody wanted for so long, and what has changed since."""
        self._now = now
        for replica, kept in list(self._kept.items()):
            if kept.version != replica.version or now - kept.wanted_at > unwanted_for_s:
                self.drop(replica)

    def _count(self, change: int) -> None:
        self._bytes += change
        _bytes.set(self._bytes)
