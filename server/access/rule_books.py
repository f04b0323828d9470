"""The rules on paths of whole projects, compiled once per version and shared by everybody in them."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from server.access.path_rights import EVERY_PATH, PathAccess, PathRights, PathRule
from server.access.roles import Role
from server.store import path_rights as store
from server.store.db import Database

PROJECTS_KEPT = 1_000  # with rules; past it they are compiled anew

RuleBook = Mapping[Role, PathRights]
NO_RULES: RuleBook = {}


@dataclass(slots=True)
class RuleBooks:
    """Invariant: a book is never older than the version that it is asked for; projects without rules cost nothing."""

    db: Database
    _kept: dict[tuple[UUID, int], RuleBook] = field(default_factory=dict)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, versions: Mapping[UUID, int]) -> dict[UUID, RuleBook]:
        """The books of these projects, by `projects.path_rights_version`; one statement, and none when all are kept.

        Raises:
            StorageUnavailable, StorageBusy: they cannot be read now.
        """
        books = self._known(versions)
        if len(books) < len(versions):
            async with self._reading:  # who comes at the same moment finds it read
                books = self._known(versions)
                books |= await self._read({key: versions[key] for key in versions if key not in books})
        return books

    def _known(self, versions: Mapping[UUID, int]) -> dict[UUID, RuleBook]:
        books = {key: self._kept.get((key, version)) if version else NO_RULES for key, version in versions.items()}
        return {key: book for key, book in books.items() if book is not None}

    async def _read(self, versions: Mapping[UUID, int]) -> dict[UUID, RuleBook]:
        if not versions:
            return {}
        async with self.db.acquire() as connection:
            rows = await store.list_compilable.all(connection, project_ids=list(versions))
        of_projects = {
            project_id: _book(of_one) for project_id, of_one in groupby(rows, key=lambda row: row.project_id)
        }
        books = {project_id: of_projects.get(project_id, NO_RULES) for project_id in versions}
        if len(self._kept) + len(books) > PROJECTS_KEPT:
            self._kept.clear()
        self._kept |= {(project_id, versions[project_id]): book for project_id, book in books.items()}
        return books


def rights_in(book: RuleBook, role: Role) -> PathRights:
    """What a role may do with paths; nothing ever limits the owner."""
    return book.get(role, EVERY_PATH)


def _book(rows: Iterable[store.CompilableRow]) -> RuleBook:
    rules: dict[Role, list[PathRule]] = {}
    folds_case = False
    for row in rows:
        folds_case = not row.keeps_case_clashes
        rules.setdefault(Role(row.role.value), []).append(PathRule(row.glob, PathAccess(row.access.value)))
    return {role: PathRights(of_role, folds_case=folds_case) for role, of_role in rules.items()}
