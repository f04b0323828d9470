"""Which sign-ins still hold, whatever kind they are, as rows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.queries import query


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person who exists; a signed cookie issued before `valid_after` does not hold."""

    id: UUID
    valid_after: datetime | None


list_held = query("credentials.list_held", UUID)
list_people = query("credentials.list_people", PersonRow)
