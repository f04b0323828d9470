"""What a person is given of themselves, as rows: see sql/queries/export.sql."""

from dataclasses import dataclass
from uuid import UUID

from server.store.queries import Query, query


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One row of one table, as JSON; `mark` is what the next page begins after."""

    mark: UUID
    body: dict[str, object]


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """The person's own row, as JSON."""

    body: dict[str, object]


get_profile = query("export.get_profile", ProfileRow)
find_file_text = query("export.find_file_text", str)
find_recovery_text = query("export.find_recovery_text", str)

# Each becomes a file of the archive, under its name and in this order.
TABLES: dict[str, Query[ExportRow]] = {
    name: query(f"export.list_{name}", ExportRow)
    for name in (
        "accounts",
        "sessions",
        "passkeys",
        "tokens",
        "memberships",
        "projects",
        "invitations",
        "comments",
        "activities",
        "chats",
        "terminals",
        "containers",
        "editor_states",
        "templates",
        "audit",
        "files",
        "recoveries",
    )
}
