"""What handlers return: who is to be told what. Only the hub carries them out."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, NewType, Protocol

from protocol.errors import CloseCode
from protocol.ids import ConnectionId
from protocol.outbound import Outbound

RoomKey = NewType("RoomKey", str)  # also the bus topic: "project:<uuid>", "document:<uuid>"
View = Hashable  # what a listener may know: opaque to the hub, compared by access


class Lane(Enum):
    INTERACTIVE = 0
    BULK = 1  # held back while the socket is busy, so that cursors and small edits pass


@dataclass(frozen=True, slots=True)
class Audience:
    """Those who have the ability (an opaque number here) for the path, where one applies."""

    ability: int
    path: str | None = None


class CatchUp(Protocol):
    """How a listener that missed messages is brought level again, instead of being sent each of them."""

    def mark(self) -> object:
        """Where a listener stands who has been sent everything until now; cheap, called once per turn."""

    def since(self, mark: object) -> Outbound | None:
        """One message with everything after `mark`, or None when there is nothing."""


@dataclass(frozen=True, slots=True)
class Keep:
    """For a slow reader: hold every message, in order, until the byte limit closes it."""


@dataclass(frozen=True, slots=True)
class Latest:
    """Only the newest message of this key in this room matters: within a loop turn, and to a slow reader."""

    key: Hashable


@dataclass(frozen=True, slots=True)
class Resync:
    """For a slow reader: drop the message and catch up when it reads again."""

    source: CatchUp


Policy = Keep | Latest | Resync
KEEP = Keep()


@dataclass(frozen=True, slots=True)
class Send:
    to: ConnectionId
    message: Outbound
    lane: Lane = Lane.INTERACTIVE


@dataclass(frozen=True, slots=True)
class BringLevel:
    """Tell what the receiver lacks since `mark`, in bulk, made when its socket can take it.

    A newer one for the same room replaces it: asking again and again costs no memory.
    """

    to: ConnectionId
    room: RoomKey
    source: CatchUp
    mark: object


class Part(NamedTuple):
    """What one author contributed to a merged message."""

    author: ConnectionId | None
    message: Outbound


@dataclass(frozen=True, slots=True)
class Broadcast:
    """To everyone in the room within the audience but the author, at the end of this loop turn.

    `parts`: what `message` was merged from, when it has several authors; each is sent the parts of the others.
    `seen_by`: what of the message those with a view may know; asked once per view of those within the audience.
    """

    room: RoomKey
    message: Outbound
    audience: Audience
    policy: Policy = KEEP
    author: ConnectionId | None = None
    instead: Outbound | None = None  # what those outside the audience are sent: a number without content
    parts: Sequence[Part] = ()
    seen_by: Callable[[View], Outbound] | None = None


@dataclass(frozen=True, slots=True)
class AtTurnEnd:
    """Carry out what `run` returns when this loop turn has heard everything, before rooms are told.

    What was gathered meanwhile can then be merged, and what was replaced meanwhile need never be looked at.
    """

    run: Callable[[], "Effects"]


@dataclass(frozen=True, slots=True)
class Join:
    """Enter a room; `greet` runs at that moment, so that nothing falls between its effects and the room's messages."""

    connection: ConnectionId
    room: RoomKey
    greet: Callable[[], "Effects"]


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave a room after a `last` message; a socket that exists for this room only is then closed with `code`."""

    connection: ConnectionId
    room: RoomKey
    last: Outbound | None = None
    code: int = CloseCode.NORMAL


@dataclass(frozen=True, slots=True)
class Publish:
    """To the other workers; they may never hear it (P3)."""

    room: RoomKey
    payload: Callable[[], bytes]  # made when there is somebody to hear it


@dataclass(frozen=True, slots=True)
class Announce:
    """To the `hears` of every worker, this one too: something happened that rooms must know (P9).

    `brief` is what other workers hear instead when the payload is too large for the bus.
    """

    room: RoomKey
    payload: bytes
    brief: bytes


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Hear what other workers publish in the room; counted, so each needs its `Unsubscribe`."""

    room: RoomKey


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    room: RoomKey


@dataclass(frozen=True, slots=True)
class Close:
    connection: ConnectionId
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop reading from a socket, for a time or until the same reason is resumed."""

    connection: ConnectionId
    reason: str
    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    connection: ConnectionId
    reason: str


Effect = (
    Send
    | BringLevel
    | Broadcast
    | AtTurnEnd
    | Join
    | Leave
    | Publish
    | Announce
    | Subscribe
    | Unsubscribe
    | Close
    | Pause
    | Resume
)
Effects = Sequence[Effect]
NOTHING: Effects = ()
