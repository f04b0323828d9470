"""The hub carries effects out: it alone knows who listens. Messages to a room leave at the end of the loop turn.

Encoded once per dialect, judged once per view, joined once per room, written once per listener and turn.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import structlog
from prometheus_client import Counter as CounterMetric
from prometheus_client import Gauge

from protocol.errors import CLOSE_TEXTS, CloseCode
from protocol.ids import ConnectionId
from protocol.outbound import Outbound
from server.hub.connection import Connection, Dialect
from server.hub.effects import (
    Announce,
    AtTurnEnd,
    Audience,
    BringLevel,
    Broadcast,
    Close,
    Effect,
    Effects,
    Join,
    Lane,
    Leave,
    Pause,
    Publish,
    Resume,
    RoomKey,
    Send,
    Subscribe,
    Unsubscribe,
    View,
)
from server.hub.encoded import Encoded, authors_of
from server.hub.room import Room

log = structlog.get_logger(__name__)

_connections = Gauge("flashio_connections", "Signed-in sockets")
_rooms = Gauge("flashio_rooms", "Rooms with at least one listener on this worker")
_held = Gauge("flashio_outbox_held_bytes", "Bytes that wait for readers, looked at once a second")
_deliveries = CounterMetric("flashio_deliveries_total", "Messages handed to listeners of rooms")
_slow_readers = CounterMetric("flashio_slow_readers_closed_total", "Sockets closed with 1013")


class Wire(Protocol):
    """What the hub needs of the bus; what is heard goes to dispatch, which answers with effects."""

    def publish(self, room: RoomKey, payload: Callable[[], bytes]) -> None: ...

    def announce(self, room: RoomKey, payload: bytes, brief: bytes) -> None:
        """Publish the one that fits the bus, and let this worker's features hear `payload` too."""

    def subscribe(self, room: RoomKey) -> None: ...

    def unsubscribe(self, room: RoomKey) -> None: ...


class Hub:
    def __init__(self, permits: Callable[[View, Audience], bool], wire: Wire) -> None:
        self._permits = permits
        self._wire = wire
        self._connections: dict[ConnectionId, Connection] = {}
        self._rooms: dict[RoomKey, Room] = {}
        self._dirty: dict[RoomKey, Room] = {}
        self._filled: list[Connection] = []
        self._topics: Counter[RoomKey] = Counter()
        self._turn_ends: deque[AtTurnEnd] = deque()
        self._flush_is_due = False
        self._performers: dict[type[Effect], Callable[[Any], None]] = {
            Broadcast: self._broadcast,
            AtTurnEnd: self._at_turn_end,
            Send: self._send_one,
            BringLevel: self._bring_level,
            Join: self._join,
            Leave: self._leave_one,
            Publish: lambda effect: self._wire.publish(effect.room, effect.payload),
            Announce: lambda effect: self._wire.announce(effect.room, effect.payload, effect.brief),
            Subscribe: self._subscribe,
            Unsubscribe: self._unsubscribe,
            Close: lambda effect: self.close(effect.connection, effect.code, effect.reason),
            Pause: self._pause,
            Resume: self._resume,
        }

    def connect(self, connection: Connection) -> None:
        self._connections[connection.id] = connection
        _connections.set(len(self._connections))

    def disconnect(self, connection_id: ConnectionId) -> None:
        """Forget a socket that closed; unknown ids are ignored."""
        connection = self._connections.pop(connection_id, None)
        if connection is None:
            return
        for key in list(connection.rooms):
            self._leave(connection, key)
        connection.outbox.close()
        _connections.set(len(self._connections))

    def regrant(self, connection_id: ConnectionId, view: View) -> None:
        """Judge a connection by another view, also for what was gathered in this turn; unknown ids are ignored."""
        connection = self._connections.get(connection_id)
        if connection is None:
            return
        rooms = [self._rooms[key] for key in connection.rooms]
        for room in rooms:
            room.remove(connection)
        connection.view = view
        for room in rooms:
            room.add(connection)

    def connections(self) -> Iterator[Connection]:
        return iter(list(self._connections.values()))

    def perform(self, effects: Effects) -> None:
        """Carry out effects in order; those that name a connection or room that is gone are void."""
        for effect in effects:
            self._performers[type(effect)](effect)

    def close(self, connection_id: ConnectionId, code: int, reason: str) -> None:
        """Send what the turn gathered, then close; the adapter reports the end of the socket by itself."""
        connection = self._connections.get(connection_id)
        if connection is not None:
            connection.outbox.flush()
            connection.socket.close(code, reason)

    def give_up(self, connection: Connection) -> None:
        """Close a reader that is too slow, and drop at once what is held for it."""
        _slow_readers.inc()
        log.warning("slow reader closed", connection=connection.id, held_bytes=connection.outbox.held_bytes)
        self.disconnect(connection.id)
        connection.socket.close(CloseCode.TRY_AGAIN_LATER, CLOSE_TEXTS[CloseCode.TRY_AGAIN_LATER])

    def check_progress(self, now: float) -> None:
        """Give up readers that take nothing, and say how much waits for all of them."""
        held_bytes = 0
        for connection in self.connections():
            held_bytes += connection.outbox.held_bytes
            connection.outbox.check_progress(now)
        _held.set(held_bytes)

    def _send_one(self, effect: Send) -> None:
        self._send(effect.to, effect.message, effect.lane)

    def _bring_level(self, effect: BringLevel) -> None:
        if connection := self._connections.get(effect.to):
            connection.outbox.flush()
            connection.outbox.bring_level(effect.room, effect.source, effect.mark)

    def _leave_one(self, effect: Leave) -> None:
        connection = self._connections.get(effect.connection)
        if connection is None:
            return
        if effect.last is not None:
            self._send(connection.id, effect.last, Lane.INTERACTIVE)
        self._leave(connection, effect.room)
        if connection.dialect.serves_one_room and effect.last is not None:
            self.close(connection.id, effect.code, "")

    def _pause(self, effect: Pause) -> None:
        if connection := self._connections.get(effect.connection):
            connection.pause(effect.reason, effect.for_s)

    def _resume(self, effect: Resume) -> None:
        if connection := self._connections.get(effect.connection):
            connection.resume(effect.reason)

    def _subscribe(self, effect: Subscribe) -> None:
        self._topics[effect.room] += 1
        if self._topics[effect.room] == 1:
            self._wire.subscribe(effect.room)

    def _unsubscribe(self, effect: Unsubscribe) -> None:
        self._topics[effect.room] -= 1
        if self._topics[effect.room] == 0:
            del self._topics[effect.room]
            self._wire.unsubscribe(effect.room)

    def _send(self, to: ConnectionId, message: Outbound, lane: Lane) -> None:
        connection = self._connections.get(to)
        if connection is None:
            return
        if lane is Lane.BULK:
            connection.outbox.flush()
            connection.outbox.add_bulk(connection.dialect.encode_bulk(message))
        elif frames := connection.dialect.encode(message):
            self._add(connection, frames)

    def _join(self, join: Join) -> None:
        connection = self._connections.get(join.connection)
        if connection is None:
            return
        room = self._rooms.get(join.room)
        if room is None:
            room = self._rooms[join.room] = Room(join.room)
            _rooms.set(len(self._rooms))
        self._flush_room(room)
        self._flush_soon()
        room.add(connection)
        connection.rooms.add(join.room)
        self.perform(join.greet())

    def _leave(self, connection: Connection, key: RoomKey) -> None:
        connection.rooms.discard(key)
        connection.outbox.forget(key)
        room = self._rooms.get(key)
        if room is not None:
            room.remove(connection)
            if room.is_empty:
                del self._rooms[key]
                self._dirty.pop(key, None)
                _rooms.set(len(self._rooms))

    def _broadcast(self, broadcast: Broadcast) -> None:
        room = self._rooms.get(broadcast.room)
        if room is not None:
            room.gather(broadcast)
            self._dirty[room.key] = room
            self._flush_soon()

    def _add(self, connection: Connection, frames: bytes) -> None:
        if connection.outbox.add(frames):
            self._filled.append(connection)
            self._flush_soon()

    def _flush_soon(self) -> None:
        if not self._flush_is_due:
            self._flush_is_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _at_turn_end(self, ending: AtTurnEnd) -> None:
        self._turn_ends.append(ending)
        self._flush_soon()

    def _flush(self) -> None:
        self._flush_is_due = False
        while self._turn_ends:
            ending = self._turn_ends.popleft()
            try:
                self.perform(ending.run())
            except BaseException:
                self._flush_soon()  # the others go on without it; the loop reports what happened
                raise
        dirty, self._dirty = self._dirty, {}
        for room in dirty.values():
            self._flush_room(room)
        filled, self._filled = self._filled, []
        for connection in filled:
            connection.outbox.flush()

    def _flush_room(self, room: Room) -> None:
        pending = room.take()
        authors = {author for broadcast in pending for author in authors_of(broadcast)}
        encoded: dict[Dialect, list[Encoded]] = {}
        for (dialect, view), members in list(room.groups.items()):
            if dialect not in encoded:
                encoded[dialect] = [Encoded(dialect, broadcast, broadcast.message) for broadcast in pending]
            entries = []
            for broadcast, entry in zip(pending, encoded[dialect], strict=True):
                if self._permits(view, broadcast.audience):
                    entries.append(entry if broadcast.seen_by is None else entry.seen_by(view))
                elif broadcast.instead is not None:
                    entries.append(Encoded(dialect, broadcast, broadcast.instead))
            if entries := [entry for entry in entries if entry.frames]:
                self._deliver(room.key, list(members.values()), entries, authors)

    def _deliver(
        self, room: RoomKey, listeners: list[Connection], entries: list[Encoded], authors: set[ConnectionId | None]
    ) -> None:
        joined = b"".join([entry.frames for entry in entries])
        _deliveries.inc(len(listeners) * len(entries))
        for connection in listeners:
            outbox = connection.outbox
            if outbox.is_congested:
                theirs = [(entry.policy, entry.frames_for(connection.id)) for entry in entries]
                outbox.hold(room, [each for each in theirs if each[1]])
            else:
                is_author = connection.id in authors
                frames = b"".join([entry.frames_for(connection.id) for entry in entries]) if is_author else joined
                if frames and outbox.add(frames):
                    self._filled.append(connection)
