"""`/uploads/<project>`: large files in pieces that may break off and go on later, by tus 1.0 (tus.io/protocols).

With the extensions creation, creation-with-upload, checksum, expiration and termination.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from protocol.errors import ErrorCode
from protocol.ids import UploadId
from server.errors import BadRequest, Conflict, NotFound, UnsupportedMediaType
from server.feature import Caller
from server.store.uploads import UploadRow
from server.transport.file_door import Answer, FileDoor, answered
from server.transport.problems import problem
from server.transport.settling import settle
from server.transport.tus_headers import ALGORITHMS, Checksum, checksum_of, metadata_of, number_of

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
METHODS = ["HEAD", "PATCH", "DELETE", "OPTIONS", "POST"]  # of an upload; POST for those that a proxy lets send no other
CONTENT_TYPE = "application/offset+octet-stream"
CHECKSUM_MISMATCH = 460  # of the checksum extension


@dataclass(frozen=True, slots=True)
class TusEndpoint:
    files: FileDoor

    async def collection(self, request: Request) -> Response:
        """POST begins an upload, OPTIONS says what this server can do."""
        return await self._answered(request, {"POST": self._create})

    async def upload(self, request: Request) -> Response:
        """HEAD tells how much is there, PATCH adds to it, DELETE ends it."""
        return await self._answered(request, {"HEAD": self._head, "PATCH": self._patch, "DELETE": self._delete})

    async def _answered(self, request: Request, answers: dict[str, Answer]) -> Response:
        named = request.headers.get("x-http-method-override") if request.method == "POST" else None
        method = (named or request.method).upper()
        if method == "OPTIONS":
            response = Response(status_code=204, headers=self._abilities())
        elif request.headers.get("tus-resumable") != VERSION:
            response = _other_version()
        elif method not in answers:
            response = problem(ErrorCode.METHOD_NOT_ALLOWED, headers={"allow": ", ".join([*answers, "OPTIONS"])})
        else:
            response = await answered(answers[method], request)
        response.headers["tus-resumable"] = VERSION
        return response

    def _abilities(self) -> dict[str, str]:
        return {
            "tus-version": VERSION,
            "tus-extension": EXTENSIONS,
            "tus-max-size": str(self.files.door.settings.max_file_bytes),
            "tus-checksum-algorithm": ",".join(ALGORITHMS),
        }

    async def _create(self, request: Request) -> Response:
        """`path` of Upload-Metadata says where the file is to be; without it `filename` does."""
        caller = await self.files.caller(request)
        text = request.headers.get("upload-metadata", "")
        metadata = metadata_of(text)
        path = metadata.get("path") or metadata.get("filename")
        if not path:
            raise BadRequest("Upload-Metadata names the file by its `path`, or by its `filename`.")
        upload = await self.files.uploads.begin(caller, path, number_of(request.headers, "upload-length"), text)
        headers = _headers(upload) | {"location": f"/uploads/{caller.project_id}/{upload.id}"}
        if request.headers.get("content-type") != CONTENT_TYPE and upload.size:
            return Response(status_code=201, headers=headers)
        return await self._received(request, caller, upload, 0, Response(status_code=201, headers=headers))

    async def _head(self, request: Request) -> Response:
        caller, upload = await self._found(request)
        if upload.finished_at is None and upload.received == upload.size:
            # The client may have missed that the end failed: it must not take a whole upload for a file.
            await settle(self.files, caller, upload, _if_match(upload))
        headers = _headers(upload) | {"cache-control": "no-store", "upload-length": str(upload.size)}
        if upload.metadata:
            headers["upload-metadata"] = upload.metadata
        return Response(status_code=200, headers=headers)

    async def _patch(self, request: Request) -> Response:
        if request.headers.get("content-type") != CONTENT_TYPE:
            raise UnsupportedMediaType(f"Bytes of an upload come with Content-Type: {CONTENT_TYPE}.")
        caller, upload = await self._found(request)
        at = number_of(request.headers, "upload-offset")
        if upload.finished_at is not None and at == upload.size:
            return Response(status_code=204, headers=_headers(upload))
        return await self._received(request, caller, upload, at, Response(status_code=204, headers=_headers(upload)))

    async def _delete(self, request: Request) -> Response:
        _, upload = await self._found(request)
        await self.files.uploads.drop(upload)
        return Response(status_code=204)

    async def _received(
        self, request: Request, caller: Caller, upload: UploadRow, at: int, response: Response
    ) -> Response:
        """Take the request's body in; with the last byte the upload becomes the file."""
        checksum = checksum_of(request.headers.get("upload-checksum"))
        body = self.files.body(request)
        if checksum is None:
            end = await self.files.uploads.receive(upload, at, body)
        else:
            verified_end = await self._verified(upload, at, body, checksum)
            if verified_end is None:
                return _mismatch()
            end = verified_end
        if end == upload.size:
            whole = await self.files.uploads.find(caller, UploadId(upload.id))
            await settle(self.files, caller, whole, _if_match(upload))
        response.headers["upload-offset"] = str(end)
        return response

    async def _verified(self, upload: UploadRow, at: int, body: AsyncIterator[bytes], checksum: Checksum) -> int | None:
        """Where the upload ends now; None when the bytes were not those that were meant, and are forgotten."""
        hasher, is_kept = checksum.hasher(), False

        async def hashed() -> AsyncIterator[bytes]:
            async for piece in body:
                hasher.update(piece)
                yield piece

        try:
            end = await self.files.uploads.receive(upload, at, hashed())
            is_kept = hasher.digest() == checksum.digest
        except Conflict:
            is_kept = True  # what is there was added by somebody else
            raise
        finally:
            if not is_kept:
                await self.files.uploads.cut_back(upload, at)
        return end if is_kept else None

    async def _found(self, request: Request) -> tuple[Caller, UploadRow]:
        caller = await self.files.caller(request)
        try:
            upload_id = UploadId(UUID(request.path_params["upload_id"]))
        except ValueError:
            raise NotFound("There is no such upload.") from None
        return caller, await self.files.uploads.find(caller, upload_id)


def _headers(upload: UploadRow) -> dict[str, str]:
    offset = upload.size if upload.finished_at is not None else upload.received
    return {"upload-offset": str(offset or 0), "upload-expires": _http_date(upload.expires_at)}


def _http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def _if_match(upload: UploadRow) -> str | None:
    """`ifMatch` of the metadata: the checksum that the file must have when the upload ends."""
    return metadata_of(upload.metadata).get("ifMatch")


def _other_version() -> Response:
    return problem(
        ErrorCode.PRECONDITION_FAILED,
        f"This server speaks tus {VERSION}: say so by the header Tus-Resumable.",
        headers={"tus-version": VERSION},
    )


def _mismatch() -> Response:
    detail = "The bytes do not match Upload-Checksum; none of them is kept."
    return problem(ErrorCode.INVALID, detail, status=CHECKSUM_MISMATCH)
