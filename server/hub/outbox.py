"""What waits for one socket, bounded in bytes: a slow reader costs its own messages their detail, nobody else's time.

While the socket keeps up, a turn's frames leave in one write. When it does not, each kind of traffic shrinks by its
policy: kept in order, replaced by the newest, or dropped in favour of one catch-up. Past the byte limit, or without
progress for too long, the reader is given up (P4).
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from prometheus_client import Counter

from protocol.outbound import Outbound
from server.hub.effects import CatchUp, Keep, Latest, Policy, Resync, RoomKey
from server.hub.socket import Socket

_dropped = Counter("flashio_outbox_dropped_total", "Messages merged away for slow readers", ["policy"])
_catch_ups = Counter(
    "flashio_outbox_catch_ups_total",
    "Times a reader was brought level",
)


@dataclass(frozen=True, slots=True)
class OutboxLimits:
    """`watermark_bytes`: under way to the socket before merging begins; `limit_bytes`: held before giving up."""

    watermark_bytes: int
    limit_bytes: int
    stall_s: float


class Outbox:
    """Invariant: nothing is written directly while older interactive frames are held.

    `is_congested`: so it is now, or more than the watermark is under way. It is kept, not asked for, because every
    listener of every message is looked at; what the socket has under way only shrinks between our writes.
    """

    def __init__(
        self,
        socket: Socket,
        limits: OutboxLimits,
        encode_bulk: Callable[[Outbound], list[bytes]],
        give_up: Callable[[], None],
    ) -> None:
        self._socket = socket
        self._limits = limits
        self._encode_bulk = encode_bulk
        self._give_up = give_up
        self._turn: list[bytes] = []
        self._kept: deque[bytes] = deque()
        self._latest: dict[tuple[RoomKey, Hashable], bytes] = {}
        self._behind: dict[RoomKey, tuple[CatchUp, object]] = {}
        self._bulk: deque[bytes] = deque()
        self._interactive_bytes = 0
        self._bulk_bytes = 0
        self._is_waiting = False
        self._stalled_since: float | None = None
        self._is_closed = False
        self.is_congested = False

    @property
    def held_bytes(self) -> int:
        """Bytes held here and in the socket."""
        return self._interactive_bytes + self._bulk_bytes + self._socket.buffered_bytes

    def add(self, frames: bytes) -> bool:
        """Take frames for this turn's write; True when this is the turn's first, so that `flush` is due."""
        self._turn.append(frames)
        return len(self._turn) == 1

    def flush(self) -> None:
        """Write what this turn gathered, in one piece."""
        turn = self._turn
        if not turn or self._is_closed:
            return
        frames = turn[0] if len(turn) == 1 else b"".join(turn)
        turn.clear()
        if self.is_congested:
            self._keep(frames)
            self._after_holding()
        else:
            self._socket.write(frames)
            if self._socket.buffered_bytes > self._limits.watermark_bytes:
                self.is_congested = True
                self._wait()

    def hold(self, room: RoomKey, messages: Iterable[tuple[Policy, bytes]]) -> None:
        """Take one room's messages of one turn while congested; each shrinks by its policy."""
        if self._is_closed:
            return
        behind_now: CatchUp | None = None
        for policy, frame in messages:
            match policy:
                case Keep():
                    self._keep(frame)
                case Latest(key):
                    self._replace((room, key), frame)
                case Resync(source):
                    if room in self._behind:
                        _dropped.labels("resync").inc()
                    else:
                        self._keep(frame)
                        behind_now = source
        if behind_now is not None:
            self._behind[room] = (behind_now, behind_now.mark())
        self._after_holding()

    def add_bulk(self, frames: Iterable[bytes]) -> None:
        """Take frames that must not delay interactive ones; they leave while the socket is half idle.

        One message of any length passes; who has more than the limit waiting and causes yet another is given up.
        """
        if self._is_closed:
            return
        if self._bulk_bytes > self._limits.limit_bytes:
            self._give_up()
            return
        self._queue_bulk(frames)
        self._drain()

    def bring_level(self, room: RoomKey, source: CatchUp, mark: object) -> None:
        """Tell, in bulk, what is after `mark`, once there is room for it."""
        if not self._is_closed:
            self._behind[room] = (source, mark)
            self._drain()

    def forget(self, room: RoomKey) -> None:
        """The connection left the room: a catch-up of it is not wanted any more."""
        self._behind.pop(room, None)

    def close(self) -> None:
        """Hold nothing and take nothing any more."""
        self._is_closed = True
        self._turn, self._interactive_bytes, self._bulk_bytes = [], 0, 0
        for held in (self._kept, self._latest, self._behind, self._bulk):
            held.clear()

    def check_progress(self, now: float) -> None:
        """Give the reader up when it took nothing for the stall time; `now` is monotonic seconds."""
        if not self._is_waiting:
            self._stalled_since = None
        elif self._stalled_since is None:
            self._stalled_since = now
        elif now - self._stalled_since > self._limits.stall_s:
            self._give_up()

    def _keep(self, frame: bytes) -> None:
        self._kept.append(frame)
        self._interactive_bytes += len(frame)

    def _replace(self, key: tuple[RoomKey, Hashable], frame: bytes) -> None:
        older = self._latest.pop(key, None)
        if older is not None:
            self._interactive_bytes -= len(older)
            _dropped.labels("latest").inc()
        self._latest[key] = frame
        self._interactive_bytes += len(frame)

    def _queue_bulk(self, frames: Iterable[bytes]) -> None:
        for frame in frames:
            self._bulk.append(frame)
            self._bulk_bytes += len(frame)

    def _after_holding(self) -> None:
        if self._interactive_bytes > self._limits.limit_bytes:
            self._give_up()
        else:
            self._note_congestion()

    def _wait(self) -> None:
        if not self._is_waiting:
            self._is_waiting = True
            self._socket.when_writable(self._resume)

    def _resume(self) -> None:
        self._is_waiting = False
        self._stalled_since = None
        self._drain()

    def _drain(self) -> None:
        while not self._is_closed:
            busy = self._socket.buffered_bytes > self._limits.watermark_bytes // 2
            frame = None if busy else self._next()
            if frame is None:
                break
            self._socket.write(frame)
        self._note_congestion()

    def _note_congestion(self) -> None:
        """Invariant: who is congested waits for the socket, or nothing would ever end it."""
        self.is_congested = bool(self._kept or self._latest or self._behind) or (
            self._socket.buffered_bytes > self._limits.watermark_bytes
        )
        if self.is_congested or self._bulk:
            self._wait()

    def _next(self) -> bytes | None:
        if self._kept:
            frame = self._kept.popleft()
        elif self._latest:
            frame = self._latest.pop(next(iter(self._latest)))
        else:
            return self._next_bulk()
        self._interactive_bytes -= len(frame)
        return frame

    def _next_bulk(self) -> bytes | None:
        """The next part of a long message. What catching up needs is made when the part before it is gone."""
        while self._behind and not self._bulk:
            source, mark = self._behind.pop(next(iter(self._behind)))
            message = source.since(mark)
            if message is not None:
                _catch_ups.inc()
                self._queue_bulk(self._encode_bulk(message))
        if not self._bulk:
            return None
        frame = self._bulk.popleft()
        self._bulk_bytes -= len(frame)
        return frame
