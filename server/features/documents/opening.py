"""From a path to a document: what the path means now, the lazy seed, and the author number of who writes."""

import secrets
from dataclasses import dataclass, field
from uuid import uuid4

from protocol.ids import DocumentId, ProjectId, UserId
from protocol.text_form import unified
from server.access.fresh import Fresh
from server.access.roles import Ability
from server.errors import Conflict, Gone, Invalid, NotFound, TooLarge
from server.feature import Caller, Services
from server.features.documents.replica import RESERVED_CLIENTS
from server.features.documents.updates import seed_update
from server.features.files.rights import missing, require, require_there
from server.features.files.room import claim_room
from server.features.files.tree import create_file, valid_path
from server.hub.effects import Announce
from server.store import documents as store
from server.store import files
from server.store.db import Connection

PATHS_KEPT_S = 1.0  # what another worker did to a path is known here within this, even if its word is lost
PATHS_KEPT = 10_000
ROOT_NAME = "codemirror"  # the root Y.Text that stock clients of y-codemirror.next use; kept per document


@dataclass(slots=True)
class Opening:
    services: Services
    _paths: Fresh[tuple[ProjectId, str], files.TracedPathRow] = field(init=False)
    _seeds: Fresh[DocumentId, None] = field(init=False)

    def __post_init__(self) -> None:
        self._paths = Fresh(self.services.clock, PATHS_KEPT_S, PATHS_KEPT)
        self._seeds = Fresh(self.services.clock, PATHS_KEPT_S, PATHS_KEPT)

    async def find(self, caller: Caller, path: str, *, may_make: bool = False) -> tuple[DocumentId, list[Announce]]:
        """The document that a path leads to, seeded if this is its first time; and what making a file announces.

        A moved file is found by its old path. With `may_make`, a path that never was anything becomes an empty file
        for those who may write it.

        Raises:
            Invalid: the path breaks the rules, or names a directory or a file of bytes.
            NotFound: nothing was ever there and it is not to be made, or the caller does not see it.
            Gone: what was there is deleted; a late client must not bring it back.
            TooLarge: the text is over the limit for documents, or the project is full.
        """
        path = valid_path(path)
        require(caller, Ability.READ, path)
        try:
            return await self._existing(caller, path), []
        except _NeverWas:
            if not (may_make and caller.may(Ability.WRITE, path)):
                raise
        announced = await self._make(caller, path)
        return await self._existing(caller, path), announced

    def forget(self, project_id: ProjectId) -> None:
        """Something happened to the project's files: ask anew what its paths mean."""
        self._paths.forget(lambda key: key[0] == project_id)

    async def author_no(self, document_id: DocumentId, user_id: UserId) -> int:
        """The person's number in this document's log, given at the first time."""
        async with self.services.db.acquire() as connection:
            return await store.ensure_author(connection, document_id, user_id)

    async def _existing(self, caller: Caller, path: str) -> DocumentId:
        project_id = caller.project_id
        traced = await self._paths.of((project_id, path), lambda: self._traced(project_id, path))
        require_there(caller, Ability.READ, path, traced.path)
        if traced.deleted_at is not None:
            raise Gone(f"{traced.path} was deleted.")
        if traced.is_directory:
            raise Invalid(f"{traced.path} is a directory.")
        document_id = DocumentId(traced.file_id)
        if not traced.is_document:
            await self._seeds.of(document_id, lambda: self._seed(document_id))
        return document_id

    async def _traced(self, project_id: ProjectId, path: str) -> files.TracedPathRow:
        async with self.services.db.acquire() as connection:
            traced = await files.trace_path.maybe(connection, project_id=project_id, path=path)
        if traced is None:
            raise _NeverWas(str(missing(path)))
        return traced

    async def _make(self, caller: Caller, path: str) -> list[Announce]:
        try:
            async with self.services.db.transaction() as tx:
                await claim_room(self.services.settings, tx, caller.project_id, files=1, size=0)
                _, announced = await create_file(tx, caller.project_id, path, "", caller.principal.user_id)
        except Conflict:  # somebody else opened the same new path and was first
            return []
        return announced

    async def _seed(self, document_id: DocumentId) -> None:
        """Make the document of a file, once (P7): whoever is second finds the first one's."""
        async with self.services.db.transaction() as tx:
            text = await self._text_to_seed(tx, document_id)
            content, form = unified(text)
            lineage = uuid4()
            seed_client = new_seed_client()
            await store.create(
                tx,
                document_id,
                lineage=lineage,
                seed_client=seed_client,
                seed_update=seed_update(seed_client, str(lineage), ROOT_NAME, content),
                line_ending=store.LineEnding(form.line_ending),
                has_bom=form.has_bom,
            )

    async def _text_to_seed(self, connection: Connection, document_id: DocumentId) -> str:
        row = await files.read_content_for_seed.maybe(connection, file_id=document_id)
        if row is None:
            raise Gone("The file was deleted.")
        if row.is_symlink:
            raise Invalid("This is a symbolic link, which the server does not follow. Open what it names.")
        if row.is_binary:
            raise Invalid("This file is bytes, not text; it cannot be co-edited.")
        text = row.content or ""
        limit = self.services.settings.max_document_bytes
        if len(text.encode("utf-8", "replace")) > limit:
            raise TooLarge(f"Text above {limit} bytes is kept as a file and cannot be co-edited.")
        return text


class _NeverWas(NotFound):
    """The path has no history."""


def new_seed_client() -> int:
    return RESERVED_CLIENTS[secrets.randbelow(len(RESERVED_CLIENTS))]
