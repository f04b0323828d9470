"""Those who listen to one topic, grouped by what they understand and may know."""

from collections import defaultdict

from protocol.ids import ConnectionId
from server.hub.connection import Connection, Dialect
from server.hub.effects import Broadcast, RoomKey, View

Group = tuple[Dialect, View]  # a message is encoded once per dialect and judged once per group


class Room:
    def __init__(self, key: RoomKey) -> None:
        self.key = key
        self.pending: list[Broadcast] = []
        self.groups: defaultdict[Group, dict[ConnectionId, Connection]] = defaultdict(dict)

    @property
    def is_empty(self) -> bool:
        return not self.groups

    def add(self, connection: Connection) -> None:
        self.groups[connection.dialect, connection.view][connection.id] = connection

    def remove(self, connection: Connection) -> None:
        group = (connection.dialect, connection.view)
        members = self.groups.get(group, {})
        members.pop(connection.id, None)
        if not members:
            self.groups.pop(group, None)
