"""Recovery copies: the text of a replica that had to end, kept for its author until it expires."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.queries import query


@dataclass(frozen=True, slots=True)
class RecoveryItemRow:
    """A recovery copy without its text; `path` is where its file is now, or was when it was deleted."""

    id: UUID
    document_id: UUID | None
    path: str
    reason: str
    size_bytes: int
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RecoveryRow:
    """A recovery copy."""

    id: UUID
    project_id: UUID
    document_id: UUID | None
    user_id: UUID | None
    path: str
    reason: str
    text: str
    size_bytes: int
    created_at: datetime
    expires_at: datetime


add_recovery = query("recoveries.add", UUID)
list_my_recoveries = query("recoveries.list_mine", RecoveryItemRow)
get_recovery = query("recoveries.get", RecoveryRow)
expire_recoveries = query("recoveries.expire")
