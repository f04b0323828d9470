"""What happened to one person, numbered in the order of the commits, as rows."""

from server.store.events import AppendedRow
from server.store.queries import query

append_user_event = query("user_events.append", AppendedRow)
expire_user_events = query("user_events.expire")
