"""What can still be read of a document's history whose snapshot or log is damaged. Pure: no I/O.

An unreadable snapshot is made again from an older one and the archive, or not at all: never is a part of the text taken
for the whole of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.yjs.sync import EMPTY_STATE_VECTOR
from protocol.yjs.update import STORED_LIMITS, UpdateRefused, check_update
from server.errors import Conflict
from server.features.documents.replica import Replica, ReplicaBroken, UpdateUnreadable
from server.store.documents import LogRow, SnapshotRow
from server.store.repair import Remains

UNREADABLE = (UpdateRefused, UpdateUnreadable, ReplicaBroken)


@dataclass(frozen=True, slots=True)
class Base:
    """The newest snapshot that can be read, if any, and why those above it cannot."""

    snapshot: SnapshotRow | None
    unreadable: dict[int, str]

    @property
    def seq(self) -> int:
        return 0 if self.snapshot is None else self.snapshot.seq


@dataclass(frozen=True, slots=True)
class Salvaged:
    """`unreadable`: why, by number of the log row. `lost`: log rows that are nowhere."""

    replica: Replica
    rows: list[LogRow]
    unreadable: dict[int, str]
    lost: int


def base_of(remains: Remains) -> Base:
    """Find what a repair starts from."""
    unreadable: dict[int, str] = {}
    for snapshot in remains.snapshots:
        try:
            replica = _replica(remains, snapshot.state_v1)
        except UNREADABLE as error:
            unreadable[snapshot.seq] = str(error)
            continue
        if remains.document.seed_client in replica.clocks and not replica.pending_bytes:
            return Base(snapshot, unreadable)
        if snapshot.seq == remains.document.snapshot_seq:
            unreadable[snapshot.seq] = "the beginning of the history is not in it"
    return Base(None, unreadable)


def snapshot_again(remains: Remains, base: Base, archived: Sequence[LogRow]) -> bytes:
    """Make the newest snapshot anew from an older one and archived rows.

    Raises:
        Conflict: they do not hold every row of it.
    """
    through = remains.document.snapshot_seq
    rows = [row for row in archived if row.seq <= through]
    held = {row.seq for row in (*rows, *remains.log)} | remains.set_aside
    if gone := sum(seq not in held for seq in range(base.seq + 1, through + 1)):
        raise _refusal(remains, f"{gone} rows of its snapshot {through} are not in the archive")
    try:
        replica = _replica(remains, None if base.snapshot is None else base.snapshot.state_v1)
        for row in rows:
            replica.apply(row.update_v1, check_update(row.update_v1, STORED_LIMITS), is_stored=True)
    except UNREADABLE as error:
        raise _refusal(remains, f"its archive cannot be read ({error})") from error
    if replica.pending_bytes:
        raise _refusal(remains, "archived rows build on others that are nowhere")
    return replica.diff(EMPTY_STATE_VECTOR)


def salvage(remains: Remains, state: bytes | None) -> Salvaged:
    """Read a log after the state of its snapshot, without the rows that cannot be read.

    Raises:
        Conflict: what is left does not hold the beginning of the history.
    """
    unreadable: dict[int, str] = {}
    replica = _replayed(remains, state, unreadable)
    while replica is None:
        replica = _replayed(remains, state, unreadable)
    if remains.document.seed_client not in replica.clocks:
        raise _refusal(remains, "the beginning of its history cannot be read")
    held = {row.seq for row in remains.log} | remains.set_aside
    after_snapshot = range(remains.document.snapshot_seq + 1, remains.document.last_seq + 1)
    rows = [row for row in remains.log if row.seq not in unreadable]
    return Salvaged(replica, rows, unreadable, sum(seq not in held for seq in after_snapshot))


def _replayed(remains: Remains, state: bytes | None, unreadable: dict[int, str]) -> Replica | None:
    """A replica of the rows not known as unreadable; None, with one more of them known, when one broke it."""
    replica = _replica(remains, state)
    for row in remains.log:
        if row.seq in unreadable:
            continue
        try:
            replica.apply(row.update_v1, check_update(row.update_v1, STORED_LIMITS), is_stored=True)
        except ReplicaBroken as error:
            blamed = (other.seq for other in remains.log if other.update_v1 == error.culprit)
            unreadable[next((seq for seq in blamed if seq not in unreadable), row.seq)] = str(error)
            return None
        except (UpdateRefused, UpdateUnreadable) as error:
            unreadable[row.seq] = str(error)
    return replica


def _replica(remains: Remains, state: bytes | None) -> Replica:
    replica = Replica(remains.document.root_name)
    if state is not None:
        replica.apply(state, check_update(state, STORED_LIMITS), is_stored=True)
    return replica


def _refusal(remains: Remains, reason: str) -> Conflict:
    return Conflict(
        f"Document {remains.document.id} cannot be repaired without losing its text: {reason}. Nothing was changed; "
        "restore it from a backup."
    )
