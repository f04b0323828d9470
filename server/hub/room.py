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

    def tell(self, broadcast: Broadcast) -> None:
        """Take a message of this turn; of those of which only the newest matters, the newest takes the place."""
        if isinstance(broadcast.policy, Latest):
            self._pending.pop(broadcast.policy, None)
            self._pending[broadcast.policy] = broadcast
        else:
            self._pending[id(broadcast)] = broadcast

    def take_told(self) -> list[Broadcast]:
        """The messages of this turn, in order; they are not held any more."""
        told, self._pending = list(self._pending.values()), {}
        return told

    def add(self, connection: Connection) -> None:
        self.groups[connection.dialect, connection.view][connection.id] = connection

    def remove(self, connection: Connection) -> None:
        group = (connection.dialect, connection.view)
        members = self.groups.get(group, {})
        members.pop(connection.id, None)
        if not members:
            self.groups.pop(group, None)
