"""The events of a project, numbered in the order of their commits, as rows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.queries import query


@dataclass(frozen=True, slots=True)
class AppendedRow:
    """The number an event was given; clients resume from (epoch, number)."""

    epoch: UUID
    seq: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EventHeadRow:
    """Where a project's numbers are; whoever misses one before `oldest_seq` needs a fresh snapshot."""

    epoch: UUID
    seq: int
    oldest_seq: int | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event; `audience` is the ability that its body is for."""

    seq: int
    kind: str
    body: dict[str, object]
    audience: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ProjectSeqRow:
    """The newest number of a project."""

    project_id: UUID
    seq: int


append_event = query("events.append", AppendedRow)
get_event_head = query("events.head", EventHeadRow)
heads = query("events.seqs_of", ProjectSeqRow)
list_events_since = query("events.list_since", EventRow)
expire_events = query("events.expire")
