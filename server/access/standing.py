"""How people stand to projects now, read from the database: for one who comes in, and for all who are there (P5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from protocol.ids import ProjectId, UserId
from server.access.ending import ended_among
from server.access.grants import Grant, Membership, granted
from server.access.principal import Principal
from server.access.roles import Role
from server.access.rule_books import RuleBook, RuleBooks, rights_in
from server.clock import Clock
from server.errors import FlashError, Forbidden, Gone, Unauthenticated
from server.store.db import Database
from server.store.projects import ProjectVisibility, StandingRow, list_standings

Asked = tuple[Principal, ProjectId]


@dataclass(frozen=True, slots=True)
class Standings:
    db: Database
    clock: Clock
    takes_guests: bool = False
    books: RuleBooks = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "books", RuleBooks(self.db))

    async def membership(self, project_id: ProjectId, user_id: UserId) -> Membership | None:
        """One person's standing; None for a stranger, and where there is no project."""
        async with self.db.acquire() as connection:
            row = await list_standings.maybe(connection, project_ids=[project_id], user_ids=[user_id])
        if row is None:
            return None
        books = await self.books.of({row.project_id: row.path_rights_version})
        return membership_of(row, books[row.project_id], takes_guests=self.takes_guests)

    async def now(self, asked: Sequence[Asked]) -> list[Grant | FlashError]:
        """What each of these is granted now, or why nothing is any more; four statements, however many they are.

        Raises:
            StorageUnavailable, StorageBusy: nobody can know now; who is in keeps what they have.
        """
        pairs = list({(project_id, principal.user_id) for principal, project_id in asked})
        async with self.db.acquire() as connection:
            rows = await list_standings.all(
                connection,
                project_ids=[project_id for project_id, _ in pairs],
                user_ids=[user_id for _, user_id in pairs],
            )
        books = await self.books.of({row.project_id: row.path_rights_version for row in rows})
        # Invariant: read last, because who is gone has no standing either, and is to be told that they are signed out.
        ended = set(await ended_among(self.db, self.clock, [principal for principal, _ in asked]))
        ended.update(principal for principal, _ in asked if _is_over(principal, self.clock.now()))
        by_pair = {(row.project_id, row.user_id): row for row in rows}
        return [
            Unauthenticated("Your sign-in has ended. Sign in again.")
            if principal in ended
            else self._judged(principal, by_pair.get((project_id, principal.user_id)), books)
            for principal, project_id in asked
        ]

    def _judged(
        self, principal: Principal, row: StandingRow | None, books: Mapping[UUID, RuleBook]
    ) -> Grant | FlashError:
        if row is None:
            return Gone("This project was deleted.")
        membership = membership_of(row, books[row.project_id], takes_guests=self.takes_guests)
        if membership is None:
            return Forbidden("You no longer belong to this project.")
        try:
            return granted(principal, ProjectId(row.project_id), membership)
        except Forbidden as error:
            return error


def membership_of(row: StandingRow, book: RuleBook, *, takes_guests: bool) -> Membership | None:
    """A collaborator's own role; a viewer's for those whom the visibility lets read; None for strangers."""
    if row.role is not None:
        flags = {name: value for name, value in (row.permissions or {}).items() if isinstance(value, bool)}
        role = Role(row.role.value)
        return Membership(role, flags, row.project_name, rights_in(book, role), row.is_archived)
    reads_public = takes_guests or not row.is_guest
    if (row.visibility is ProjectVisibility.PUBLIC and reads_public) or row.is_on_owners_team:
        return Membership(Role.VIEWER, {}, row.project_name, rights_in(book, Role.VIEWER), row.is_archived)
    return None


def _is_over(principal: Principal, now: datetime) -> bool:
    """Whether a credential without a row, whose end nobody can move, has reached it."""
    credential, expires_at = principal.credential, principal.expires_at
    return (credential is None or credential.id is None) and expires_at is not None and expires_at <= now
