"""Where a page of a list ended: opaque to clients, who hand it back to get what follows."""

from datetime import datetime
from uuid import UUID

MAX_MARK = 100  # characters


def encode_mark(at: datetime, row_id: UUID) -> str:
    """The mark after a row of a list that is ordered by time and id."""
    return f"{at.isoformat()} {row_id}"


def decode_mark(mark: str) -> tuple[datetime, UUID]:
    """Raises: ValueError when it is none of ours."""
    at, _, row_id = mark.partition(" ")
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None:
        raise ValueError("a mark has a time zone")
    return moment, UUID(row_id)
