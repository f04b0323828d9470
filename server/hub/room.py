"""Those who listen to one topic, grouped by what they understand and may know."""

from collections import defaultdict
from collections.abc import Hashable

from protocol.ids import ConnectionId
from server.hub.connection import Connection, Dialect
from server.hub.effects import Broadcast, Latest, RoomKey, View

Group = tuple[Dialect, View]  # a message is encoded once per dialect and judged once per group


class Room:
    def __init__(self, key: RoomKey) -> None:
        self.key = key
        self._pending: dict[Hashable, Broadcast] = {}
        self.groups: defaultdict[Group, dict[ConnectionId, Connection]] = defaultdict(dict)

    @property
    def is_empty(self) -> bool:
        return not self.groups

    def gather(self, broadcast: Broadcast) -> None:
        """Keep a message for the end of the turn; one that must only be the newest of its key replaces the older."""
        if isinstance(broadcast.policy, Latest):
            self._pending.pop(broadcast.policy, None)  # what is newest goes last: it may refer to what came between
            self._pending[broadcast.policy] = broadcast
        else:
            self._pending[object()] = broadcast

    def take(self) -> list[Broadcast]:
        """What was gathered, in order; the room is empty of it then."""
        gathered, self._pending = list(self._pending.values()), {}
        return gathered

    def add(self, connection: Connection) -> None:
        self.groups[connection.dialect, connection.view][connection.id] = connection

    def remove(self, connection: Connection) -> None:
        group = (connection.dialect, connection.view)
        members = self.groups.get(group, {})
        members.pop(connection.id, None)
        if not members:
            self.groups.pop(group, None)
