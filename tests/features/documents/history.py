"""A document's rows as the server writes them, made without a socket, for what works on rows alone."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from pycrdt import Doc, Text

from protocol.ids import DocumentId
from protocol.yjs.update import STORED_LIMITS, check_update
from server.clock import Clock, SystemClock
from server.feature import Services
from server.features.documents.compaction import Compaction
from server.features.documents.opening import ROOT_NAME, new_seed_client
from server.features.documents.replica import Replica
from server.features.documents.updates import seed_update
from server.settings import Settings
from server.store import documents, files
from server.store.db import Database
from server.tasks import Tasks
from tests.store.examples import add_file, add_project, add_user

CLIENT = 1_000


def services_on(db: Database, clock: Clock | None = None, **settings: object) -> Services:
    """What a feature's jobs are given; nobody hears their effects."""
    clock = clock or SystemClock()
    made = Settings.model_validate(settings)
    return Services(made, clock, db, Tasks(clock), lambda _: None, "test")


@dataclass
class History:
    """One document and a person who writes at its end."""

    db: Database
    document_id: DocumentId
    project_id: UUID
    author_no: int
    doc: "Doc[Text]" = field(default_factory=lambda: Doc(client_id=CLIENT))

    async def type(self, text: str) -> bytes:
        """Append and commit; returns the update."""
        update = self.typed(text)
        await self.commit(update)
        return update

    def typed(self, text: str) -> bytes:
        """Append without committing."""
        before = self.doc.get_state()
        self.doc.get(ROOT_NAME, type=Text).insert(0, text)
        return self.doc.get_update(before)

    async def commit(self, *updates: bytes) -> None:
        async with self.db.acquire() as connection:
            edits = [documents.Edit(self.document_id, self.author_no, update) for update in updates]
            assert None not in await documents.commit(connection, edits)

    async def compact(self) -> bool:
        return await Compaction(services_on(self.db)).compact(self.document_id)

    async def text(self) -> str:
        """The text that a worker would serve."""
        stored = await documents.load(self.db, self.document_id)
        assert stored is not None
        assert stored.document.state is documents.DocumentState.LIVE
        replica = Replica(ROOT_NAME)
        states = [] if stored.snapshot is None else [stored.snapshot.state_v1]
        for update in [*states, *(row.update_v1 for row in stored.tail)]:
            replica.apply(update, check_update(update, STORED_LIMITS))
        return replica.text()

    async def row(self) -> documents.DocumentRow:
        async with self.db.acquire() as connection:
            return await documents.get_document.one(connection, document_id=self.document_id)

    async def shown(self) -> files.ContentRow:
        """What the file row holds."""
        async with self.db.acquire() as connection:
            return await files.read_content.one(connection, file_id=self.document_id)

    async def execute(self, sql: str, *arguments: object) -> None:
        """Run a statement whose first parameter is the document."""
        async with self.db.acquire() as connection:
            await connection.execute(sql, [self.document_id, *arguments])

    async def count(self, table: str) -> int:
        async with self.db.acquire() as connection:
            rows = await connection.fetch(
                f"select count(*) from {table} where document_id = $1",
                [self.document_id],
            )
        return int(rows[0][0])


async def history(db: Database, path: str = "a.txt") -> History:
    """A document whose seed is empty."""
    async with db.transaction() as tx:
        user_id = await add_user(tx)
        project_id = await add_project(tx, user_id)
        document_id = DocumentId(await add_file(tx, project_id, path))
        lineage, client = uuid4(), new_seed_client()
        seed = seed_update(client, str(lineage), ROOT_NAME, "")
        assert await documents.create(tx, document_id, lineage=lineage, seed_client=client, seed_update=seed)
        author_no = await documents.ensure_author(tx, document_id, user_id)
    return History(db, document_id, project_id, author_no)
