"""What the server tells a client, as values: each dialect has its own bytes for them, or none."""

from dataclasses import dataclass
from uuid import UUID

from protocol.errors import ErrorCode
from protocol.frame import Value
from protocol.ids import Channel, RequestId, Seq


@dataclass(frozen=True, slots=True)
class Welcomed:
    body: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Replied:
    request_id: RequestId
    body: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Failed:
    """`request_id` is None when the error answers no request."""

    request_id: RequestId | None
    code: ErrorCode
    message: str


@dataclass(frozen=True, slots=True)
class Happened:
    """An event; `seq` is its number when it is one of the project's durable events."""

    name: str
    body: dict[str, Value]
    seq: Seq | None


@dataclass(frozen=True, slots=True)
class Ponged:
    n: int


@dataclass(frozen=True, slots=True)
class Edited:
    channel: Channel
    update: bytes


@dataclass(frozen=True, slots=True)
class Saved:
    """Every edit of the receiver up to `n` is committed; `echo` holds the newly committed ones."""

    channel: Channel
    n: int
    seq: Seq
    echo: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Aware:
    channel: Channel
    update: bytes


@dataclass(frozen=True, slots=True)
class Synced:
    """What the receiver lacked, as one update; long ones leave in parts where the dialect can."""

    channel: Channel
    update: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """The receiver is asked for what a replica with this state vector lacks."""

    channel: Channel
    state_vector: bytes


@dataclass(frozen=True, slots=True)
class StorageTold:
    channel: Channel
    reachable: bool


@dataclass(frozen=True, slots=True)
class AccessChanged:
    """The receiver keeps the document, and may now write it or only read it."""

    channel: Channel
    can_write: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The receiver's replica is over; `recovery_id` names the copy of its text, when there is one.

    `refused_from`: the first of its edits that was not taken, by its own count; None when each was taken.
    """

    channel: Channel
    code: ErrorCode
    message: str
    recovery_id: UUID | None
    refused_from: int | None = None


@dataclass(frozen=True, slots=True)
class KeptAlive:
    """Nothing happened; said to those who take silence for a dead connection."""


Outbound = (
    KeptAlive
    | Welcomed
    | Replied
    | Failed
    | Happened
    | Ponged
    | Edited
    | Saved
    | Aware
    | Synced
    | Asked
    | StorageTold
    | AccessChanged
    | Ended
)
