"""`/files/<project>/<path>`: the content of one file. GET with ranges and ETags, PUT with preconditions."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from starlette.requests import Request
from starlette.responses import Response

from protocol import frame
from protocol.documents import DocumentText
from protocol.frame import Value
from protocol.ids import CommandId, UploadId
from protocol.text_form import TextForm, restored
from server.access.roles import Ability
from server.errors import BadRequest, TooLarge
from server.feature import Caller
from server.features.files.languages import BYTES, text_of
from server.features.files.preconditions import ANY, NONE, check_precondition
from server.features.files.reading import is_text
from server.features.files.rights import require
from server.features.files.tree import valid_path
from server.store.files import FileRow
from server.transport.content_links import ContentLinks, Kind, Link
from server.transport.downloads import Content, download
from server.transport.file_door import FileDoor, answered, command_id_of
from server.transport.rpc import COMMAND_ID_HEADER


@dataclass(frozen=True, slots=True)
class Put:
    """What a PUT asks for, beside the bytes."""

    path: str
    if_match: str | None
    command_id: CommandId

    def meaning(self, checksum: bytes) -> bytes:
        """What a repetition must ask for too, whether it finds a text there, bytes or nothing."""
        return frame.encode(["PUT", self.path, self.if_match, checksum])


@dataclass(slots=True)
class FileEndpoint:
    """`links`: contents are served by another origin, which these lead to."""

    files: FileDoor
    links: ContentLinks | None = None

    async def serve(self, request: Request) -> Response:
        return await answered(self._put if request.method == "PUT" else self._get, request)

    async def _get(self, request: Request) -> Response:
        caller, path = await self.files.caller(request), valid_path(request.path_params["path"])
        if self.links is None:
            return await self.download(request, caller, path)
        row = await self.files.reading.file(caller, path)
        return self.links.redirect(Link.of(caller, Kind.FILE, row.path), PurePosixPath(row.path).name)

    async def download(self, request: Request, caller: Caller, path: str) -> Response:
        """The content of a file, for GET and HEAD."""
        content = await self._content(caller, await self.files.reading.file(caller, path))
        watch = partial(self._watch, caller, path)
        return download(request, content, self.files.door.settings.transfer_stall_s, watch)

    @contextmanager
    def _watch(self, caller: Caller, path: str) -> Iterator[Callable[[], bool]]:
        with self.files.door.watching(caller):
            yield lambda: caller.may(Ability.READ, path)

    async def _put(self, request: Request) -> Response:
        """201 for a file that was not there, 204 for other content; the ETag is of what was written."""
        caller, path = await self.files.caller(request), valid_path(request.path_params["path"])
        require(caller, Ability.WRITE, path)
        if_match, command_id = precondition_of(request), command_id_of(request)
        may_repeat = COMMAND_ID_HEADER in request.headers
        announced_bytes = int(request.headers.get("content-length", "0"))
        if announced_bytes > self.files.door.settings.max_file_bytes:
            raise TooLarge(f"A file holds at most {self.files.door.settings.max_file_bytes} bytes.")
        row = await self.files.reading.find(caller, path)
        if if_match in (NONE, ANY) and not may_repeat:  # a repetition is answered as before whatever is there now
            check_precondition(if_match, None if row is None else "there")
        body = self.files.body(request)
        head, is_whole = await _head(body, self.files.door.settings.max_document_bytes)
        text = text_of(head) if is_whole else None
        put = Put(path, if_match, command_id)
        if text is not None and row is not None and is_text(row):
            etag = await self._write_text(caller, put, head, text)
        else:
            etag = await self._upload(caller, put, _rest(head, body))
        return Response(status_code=201 if row is None else 204, headers={"etag": f'"{etag}"'})

    async def _content(self, caller: Caller, row: FileRow) -> Content:
        name, mime_type = PurePosixPath(row.path).name, row.mime_type or BYTES
        if row.is_binary:
            etag = "" if row.checksum is None else row.checksum.hex()
            reading = self.files.reading
            return Content(name, mime_type, f'"{etag}"', row.size, lambda *part: reading.pieces(row, *part))
        data = await self._text(caller, row)
        etag = hashlib.sha256(data).hexdigest()
        return Content(
            name, f"{mime_type}; charset=utf-8", f'"{etag}"', len(data), lambda *part: _once(data[slice(*part)])
        )

    async def _text(self, caller: Caller, row: FileRow) -> bytes:
        """A text with the edits of this moment, saved or not; one that nobody ever opened as it is stored."""
        stored = await self.files.reading.stored_text(row)
        if stored is not None:
            return stored
        reply = await self.files.command(caller, "documents/read", {"path": row.path}, None)
        document = DocumentText.model_validate(reply)
        return restored(document.text, TextForm(document.line_ending, document.has_bom))

    async def _write_text(self, caller: Caller, put: Put, data: bytes, text: str) -> str:
        """Bring the document to the text by the smallest edit found, so that open editors keep their places."""
        body = {"path": put.path, "text": text, "if_match": put.if_match}
        meaning = put.meaning(hashlib.sha256(data).digest())
        return _etag(await self.files.command(caller, "documents/write", body, put.command_id, meaning=meaning))

    async def _upload(self, caller: Caller, put: Put, body: AsyncIterator[bytes]) -> str:
        uploads = self.files.uploads
        upload = await uploads.begin(caller, put.path, None)
        try:
            await uploads.receive(upload, 0, body)
            checksum = await uploads.complete(await uploads.find(caller, UploadId(upload.id)))
            finish, meaning = {"upload": upload.id, "if_match": put.if_match}, put.meaning(checksum)
            return _etag(await self.files.command(caller, "files/finish", finish, put.command_id, meaning=meaning))
        finally:
            await uploads.drop(upload)


def precondition_of(request: Request) -> str | None:
    """If-Match and If-None-Match as commands say it: a checksum, `*`, empty for "no file yet", None for neither.

    Raises:
        BadRequest: several versions, or one that cannot be ours.
    """
    if request.headers.get("if-none-match", "").strip() == "*":
        return NONE
    header = request.headers.get("if-match")
    if header is None or header.strip() == ANY:
        return None if header is None else ANY
    etag = header.strip()
    if len(etag) < 2 or etag[0] != '"' or etag[-1] != '"' or "," in etag:
        raise BadRequest('If-Match holds one strong ETag, such as "0a1b...", or *.')
    return etag.strip('"')


def _etag(reply: dict[str, Value]) -> str:
    """The checksum that a command answered, whichever of the two it was at the first time."""
    return str(reply["checksum"] or "")


async def _head(body: AsyncIterator[bytes], limit: int) -> tuple[bytes, bool]:
    """The first bytes, some more than `limit` at most, and whether they are all."""
    head = bytearray()
    async for piece in body:
        head += piece
        if len(head) > limit:
            return bytes(head), False
    return bytes(head), True


async def _rest(head: bytes, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for piece in body:
        yield piece


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
