"""One import from its archive to its files: all of it, or nothing of it."""

import asyncio
from collections import Counter as Counts
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge

from protocol.ids import ProjectId, UserId
from server.access.path_rights import PathRights
from server.archive.entry import ArchiveRefused
from server.archive.plan import Choice
from server.archive.unpacked import Began, Planned
from server.clock import Clock
from server.errors import Conflict, FlashError, Forbidden, LimitReached
from server.features.archives.placing import place
from server.features.archives.staging import Staging
from server.features.archives.unpacking import TOO_MUCH, Source, limits_of, unpacking
from server.features.projects.making import NewProject, make_owned
from server.hub.effects import Announce
from server.settings import Settings
from server.store import archives as store
from server.store.archives import ImportState
from server.store.blobs.blobs import Blobs
from server.store.blobs.keeping import Keeping
from server.store.db import Database, Transaction
from server.store.failures import StorageFailure

TELL_EVERY_S = 0.5
PATHS_AT_ONCE = 1_000  # looked at between two statements
PER_PERSON = 2  # imports at once in one process, so that nobody takes all places
INTERRUPTED = "The server could not finish it. Nothing of it is left; import it again."
CANCELLED = "It was cancelled. Nothing of it is left."

log = structlog.get_logger(__name__)

_imports = Counter("flashio_imports_total", "Imports of archives by outcome", ["outcome"])
_running = Gauge("flashio_imports_running", "Imports of archives under way")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made of an archive: a new project of this name, or files of one that is there.

    `still_allowed` raises when the person lost the right meanwhile; it returns what they may do with single paths.
    """

    user_id: UserId
    request_key: UUID
    choice: Choice
    new_name: str = ""
    project_id: ProjectId | None = None
    into: str = ""
    still_allowed: Callable[[], Awaitable[PathRights]] | None = None


@dataclass(slots=True)
class Progress:
    """Counts as in `protocol.archives.ImportProgress`."""

    planned: Planned = field(default_factory=lambda: Planned(0, 0, 0, []))
    files: int = 0
    bytes: int = 0


@dataclass(slots=True)
class Importer:
    """Invariant: at most `max_imports` of one process are received and unpacked at the same time, few of one person."""

    db: Database
    clock: Clock
    settings: Settings
    blobs: Blobs
    _under_way: Counts[UserId] = field(default_factory=Counts)

    def reserve(self, user_id: UserId) -> "Reservation":
        """A place for one import, to be given back.

        Raises:
            LimitReached: all are taken, or this person has taken theirs.
        """
        if self._under_way[user_id] >= PER_PERSON:
            raise LimitReached(f"You are importing {PER_PERSON} archives already. Try again when one is done.")
        if self._under_way.total() >= self.settings.max_imports:
            raise LimitReached("Other archives are being imported. Try again in a minute.")
        self._under_way[user_id] += 1
        _running.set(self._under_way.total())
        return Reservation(self, user_id)

    def give_back(self, user_id: UserId) -> None:
        self._under_way -= Counts([user_id])  # also forgets whoever has none left
        _running.set(self._under_way.total())

    async def known(self, user_id: UserId, request_key: UUID) -> UUID | None:
        """The import that this request made when it came before (P12)."""
        async with self.db.acquire() as connection:
            return await store.find_import.maybe(connection, user_id=user_id, request_key=request_key)

    async def begin(self, wanted: Wanted) -> UUID | None:
        """The id of a new import; None when the same request came before."""
        async with self.db.acquire() as connection:
            return await store.create_import.maybe(
                connection, user_id=wanted.user_id, request_key=wanted.request_key, project_id=wanted.project_id
            )

    async def run(
        self, import_id: UUID, wanted: Wanted, source: Source, told: Callable[[Progress], None] | None = None
    ) -> list[Announce]:
        """Unpack and place; returns what is to be announced.

        Raises:
            ArchiveRefused, FlashError, StorageFailure: why nothing came of it; nothing is left behind, and the row of
                the import says so.
        """
        keeping = Keeping(self.blobs)
        staging = Staging(self.db, self.settings, import_id, keeping, wanted.into)
        try:
            announced = await self._in_time(self._unpacked_and_placed(staging, wanted, source, told))
        except BaseException as error:
            await asyncio.shield(self._undone(staging, error))
            raise
        _imports.labels("done").inc()
        return announced

    async def _in_time(self, work: Awaitable[list[Announce]]) -> list[Announce]:
        try:
            async with asyncio.timeout(self.settings.import_timeout_s):
                return await work
        except TimeoutError:
            raise ArchiveRefused(TOO_MUCH) from None

    async def _unpacked_and_placed(
        self, staging: Staging, wanted: Wanted, source: Source, told: Callable[[Progress], None] | None
    ) -> list[Announce]:
        teller = _Teller(self, staging, told)
        async with unpacking(source, wanted.choice, limits_of(self.settings)) as messages:
            async for message in messages:
                match message:
                    case ["planned", *counts]:
                        teller.progress.planned = Planned(*counts)
                    case ["directory", path]:
                        await staging.add_directory(path)
                    case ["link", path, target]:
                        await staging.add_link(path, target)
                    case ["began", *facts]:
                        await staging.add_file(Began(*facts), _pieces(messages))
                await teller.tell()
        await staging.flush()
        await teller.tell(ImportState.PLACING)
        if wanted.still_allowed is not None:
            await self._refuse_limited(staging, await wanted.still_allowed())
        async with self.db.transaction() as tx:
            if await store.lock_import.maybe(tx, import_id=staging.import_id) is None:
                raise Conflict(CANCELLED)
            project_id, is_new = await _project(self.settings, tx, wanted)
            announced = await place(self.settings, tx, staging, project_id, wanted.user_id)
        return [] if is_new else announced

    async def _refuse_limited(self, staging: Staging, paths: PathRights) -> None:
        """Raises: Forbidden when something would come to lie where the person may not write; where is not told."""
        after = ""
        while not paths.is_empty:
            async with self.db.acquire() as connection:
                page = await store.list_staged.all(
                    connection, import_id=staging.import_id, after_path=after, limit=PATHS_AT_ONCE
                )
            if not all(paths.may_change(path) for path in page):
                raise Forbidden("The archive holds files at paths that you may not change in this project.")
            if len(page) < PATHS_AT_ONCE:
                return
            after = page[-1]

    async def _undone(self, staging: Staging, error: BaseException) -> None:
        """Take back what was staged, and write down why; what cannot be now is taken back when its time is over."""
        is_refused = isinstance(error, ArchiveRefused | FlashError)
        state = ImportState.REFUSED if is_refused else ImportState.FAILED
        _imports.labels(state.value).inc()
        reason = str(error) if is_refused else INTERRUPTED
        try:
            async with self.db.acquire() as connection:
                await store.forget_staged.run(connection, import_id=staging.import_id)
            await staging.keeping.abandon()
            async with self.db.acquire() as connection:
                await store.end_import.run(
                    connection, import_id=staging.import_id, state=state, reason=reason, project_id=None
                )
        except StorageFailure as failure:
            log.warning("import not taken back yet", import_id=str(staging.import_id), reason=str(failure))


@dataclass(slots=True)
class Reservation:
    """One place among the imports; giving it back twice does no harm."""

    importer: Importer | None
    user_id: UserId

    def release(self) -> None:
        importer, self.importer = self.importer, None
        if importer is not None:
            importer.give_back(self.user_id)


@dataclass(slots=True)
class _Teller:
    """Writes down how far an import is, now and then."""

    importer: Importer
    staging: Staging
    told: Callable[[Progress], None] | None
    progress: Progress = field(default_factory=Progress)
    _told_at: float = 0.0

    async def tell(self, state: ImportState = ImportState.UNPACKING) -> None:
        now = self.importer.clock.monotonic()
        if now - self._told_at < TELL_EVERY_S and state is ImportState.UNPACKING:
            return
        self._told_at = now
        progress, planned = self.progress, self.progress.planned
        progress.files, progress.bytes = self.staging.files, self.staging.size_bytes
        async with self.importer.db.acquire() as connection:
            is_known = await store.tell_import.run(
                connection,
                import_id=self.staging.import_id,
                state=state,
                files=progress.files,
                files_total=planned.files,
                bytes=progress.bytes,
                bytes_total=planned.total_bytes,
                skipped=planned.skipped,
                warnings=planned.warnings,
            )
        if not is_known:
            raise Conflict(CANCELLED)
        if self.told is not None:
            self.told(progress)


async def _pieces(messages: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    """The bytes of the file that began, up to its end."""
    async for message in messages:
        if not isinstance(message, bytes):
            return
        yield message


async def _project(settings: Settings, tx: Transaction, wanted: Wanted) -> tuple[ProjectId, bool]:
    if wanted.project_id is not None:
        return wanted.project_id, False
    made = await make_owned(settings, tx, NewProject(wanted.new_name), wanted.user_id)
    if wanted.choice.keeps_case_clashes:
        await store.keep_case_clashes.run(tx, project_id=made)
    return made, True
