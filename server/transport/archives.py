"""`/archives`: projects as zip and tar.gz archives. GET exports one, POST imports one and answers before it is done."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO
from uuid import UUID

import structlog
from starlette.requests import Request
from starlette.responses import Response

from server.access.path_rights import PathRights
from server.access.roles import Ability
from server.archive.entry import ArchiveRefused
from server.archive.packing import ArchiveFormat
from server.archive.plan import Choice
from server.errors import BadRequest, FlashError, Invalid, TimedOut, TooLarge
from server.feature import Caller
from server.features.archives.exporting import Exporter
from server.features.archives.importing import Importer, Reservation, Wanted
from server.features.files.rights import require
from server.features.files.tree import valid_path
from server.features.projects.making import check_may_make
from server.store.blobs.blobs import blobs_of
from server.store.db import Database
from server.store.failures import StorageFailure
from server.transport.content_links import ContentLinks, Kind, Link
from server.transport.downloads import HARMLESS, SteadyResponse, attachment
from server.transport.file_door import FileDoor, answered, command_id_of

MAX_NAME = 255
MEDIA_TYPES = {ArchiveFormat.ZIP: "application/zip", ArchiveFormat.TAR_GZ: "application/gzip"}
LEFT_OUT_HEADER = "x-left-out"
MIB = 1 << 20

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ArchiveEndpoint:
    files: FileDoor
    importer: Importer
    exporter: Exporter
    links: ContentLinks | None = None

    @classmethod
    def of(cls, files: FileDoor, db: Database, links: ContentLinks | None) -> "ArchiveEndpoint":
        settings, clock = files.door.settings, files.door.clock
        blobs = blobs_of(settings, db)
        return cls(files, Importer(db, clock, settings, blobs), Exporter(db, clock, settings, blobs), links)

    async def export_zip(self, request: Request) -> Response:
        return await answered(lambda asked: self._export(asked, ArchiveFormat.ZIP), request)

    async def export_tar(self, request: Request) -> Response:
        return await answered(lambda asked: self._export(asked, ArchiveFormat.TAR_GZ), request)

    async def import_new(self, request: Request) -> Response:
        """A new project of the archive in the body; the query names it."""
        return await answered(self._import_new, request)

    async def import_into(self, request: Request) -> Response:
        """Files of a project that is there."""
        return await answered(self._import_into, request)

    async def _export(self, request: Request, kind: ArchiveFormat) -> Response:
        caller = await self.files.caller(request)
        if self.links is None:
            return await self.download(request, caller, kind)
        return self.links.redirect(Link.of(caller, Kind(kind.value)), f"project.{kind.value}")

    async def download(self, request: Request, caller: Caller, kind: ArchiveFormat) -> Response:
        """The project as an archive, for GET and HEAD."""
        paths = caller.paths
        export = await self.exporter.begin(caller.project_id, paths.sees)
        headers = HARMLESS | {
            "content-type": MEDIA_TYPES[kind],
            "content-disposition": attachment(f"{export.name}.{kind.value}".replace("/", "_")),
            LEFT_OUT_HEADER: str(len(export.left_out)),
        }
        if request.method == "HEAD":
            return Response(headers=headers)
        stream = self.exporter.stream(export, kind)
        first = await anext(stream)  # what keeps it from beginning is told as an error, not as a broken download
        stall_s = self.files.door.settings.transfer_stall_s
        watch = partial(self._watch, caller, paths)
        return SteadyResponse(_with_first(first, stream), 200, headers, stall_s=stall_s, watch=watch)

    @contextmanager
    def _watch(self, caller: Caller, paths: PathRights) -> Iterator[Callable[[], bool]]:
        """What was chosen by rules that are others now goes on no more."""
        with self.files.door.watching(caller):
            yield lambda: caller.may(Ability.READ) and caller.paths == paths

    async def _import_new(self, request: Request) -> Response:
        principal = await self.files.door.principal(request, None, request.query_params.get("ticket"))
        check_may_make(principal)
        name = request.query_params.get("name", "").strip()
        if not 0 < len(name) <= MAX_NAME:
            raise Invalid(f"Name the new project by `?name=`, with 1 to {MAX_NAME} characters.")
        wanted = Wanted(principal.user_id, command_id_of(request), _choice(request), new_name=name)
        return await self._import(request, wanted)

    async def _import_into(self, request: Request) -> Response:
        caller = await self.files.caller(request)
        directory = request.query_params.get("directory", "")
        into = valid_path(directory) if directory else ""
        require(caller, Ability.WRITE, into)

        async def still_allowed() -> PathRights:
            grant = await self.files.door.grant_now(caller.principal, caller.project_id)
            require(Caller(caller.principal, grant), Ability.WRITE, into)
            return grant.paths

        wanted = Wanted(
            caller.principal.user_id,
            command_id_of(request),
            _choice(request),
            project_id=caller.project_id,
            into=into,
            still_allowed=still_allowed,
        )
        return await self._import(request, wanted)

    async def _import(self, request: Request, wanted: Wanted) -> Response:
        """Take the archive in, answer with the import's id, and go on beside the request."""
        known = await self.importer.known(wanted.user_id, wanted.request_key)
        if known is not None:
            return _accepted(known)
        self._check_size(int(request.headers.get("content-length", "0")))
        place = self.importer.reserve(wanted.user_id)
        archive = tempfile.TemporaryFile(dir=self.files.door.settings.scratch_dir)  # noqa: SIM115 - closed by the task
        try:
            await self._receive_in_time(request, archive)
            import_id = await self.importer.begin(wanted)
        except BaseException:
            _let_go(archive, place)
            raise
        if import_id is None:
            _let_go(archive, place)
            return _accepted(await self.importer.known(wanted.user_id, wanted.request_key))
        task = self.files.door.tasks.start("import an archive", self._run(import_id, wanted, archive))
        task.add_done_callback(lambda _: _let_go(archive, place))  # also when it is cancelled before it began
        return _accepted(import_id)

    async def _receive_in_time(self, request: Request, archive: IO[bytes]) -> None:
        """Whoever sends drop by drop keeps no place from others for long."""
        try:
            async with asyncio.timeout(self.files.door.settings.import_timeout_s):
                await self._receive(request, archive)
        except TimeoutError:
            raise TimedOut("The archive took too long to arrive. Split it, or try a faster line.") from None

    async def _receive(self, request: Request, archive: IO[bytes]) -> None:
        """The file has no name, so nothing of it is left whatever happens to this process."""
        size = 0
        async for piece in self.files.body(request):
            size += len(piece)
            self._check_size(size)
            await asyncio.to_thread(archive.write, piece)
        if size == 0:
            raise BadRequest("The body holds the archive: a zip, a tar or a tar.gz.")
        await asyncio.to_thread(archive.seek, 0)

    async def _run(self, import_id: UUID, wanted: Wanted, archive: IO[bytes]) -> None:
        try:
            announced = await self.importer.run(import_id, wanted, archive)
            self.files.door.dispatcher.perform(announced)
        except (ArchiveRefused, FlashError) as error:
            log.info("import refused", import_id=str(import_id), reason=str(error))
        except StorageFailure as error:
            log.warning("import failed", import_id=str(import_id), reason=str(error))

    def _check_size(self, size: int) -> None:
        limit = self.files.door.settings.max_archive_bytes
        if size > limit:
            raise TooLarge(f"An archive has at most {limit // MIB} MiB. Split it, or use `project import`.")


def _let_go(archive: IO[bytes], place: Reservation) -> None:
    archive.close()
    place.release()


def _choice(request: Request) -> Choice:
    query = request.query_params
    return Choice(
        takes_everything=_is_set(query.get("everything")), keeps_case_clashes=_is_set(query.get("keepCaseClashes"))
    )


def _is_set(value: str | None) -> bool:
    if value not in (None, "0", "1", "true", "false"):
        raise BadRequest("An option is `true` or `false`.")
    return value in ("1", "true")


def _accepted(import_id: UUID | None) -> Response:
    body = json.dumps({"id": str(import_id)})
    return Response(body, 202, media_type="application/json", headers={"cache-control": "no-store"})


async def _with_first(first: bytes, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in stream:
        yield piece
