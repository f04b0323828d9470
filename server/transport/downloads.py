"""Responses that carry what people put into files, in parts if asked, and so that it can never act as our origin.

It is downloaded, not shown, its type is not guessed, and a sandbox without any rights is around it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from urllib.parse import quote

from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Send

from protocol.errors import ErrorCode
from server.transport.problems import problem
from server.transport.ranges import NotSatisfiable, Part, asked_part

HARMLESS = {
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cache-control": "private, no-cache",
}

STOOD_STILL, REVOKED = "stood_still", "revoked"

# While it is open: whether the reader may still read.
Watch = Callable[[], AbstractContextManager[Callable[[], bool]]]

_cut = Counter("flashio_downloads_cut_total", "Downloads that were cut, by reason", ["reason"])


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes as they are now: `pieces` gives them from a start up to a stop. `etag` is quoted."""

    name: str
    mime_type: str
    etag: str
    size: int
    pieces: Callable[[int, int], AsyncIterator[bytes]]


def download(request: Request, content: Content, stall_s: float, watch: Watch) -> Response:
    """The answer to GET or HEAD: 200, 206, 304 or 416. Who loses the right to read while it lasts is sent no more."""
    headers = HARMLESS | {
        "etag": content.etag,
        "accept-ranges": "bytes",
        "content-type": content.mime_type,
        "content-disposition": attachment(content.name),
    }
    if content.etag in asked_versions(request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    try:
        asked = request.headers.get("range") if request.method == "GET" else None
        part = asked_part(asked, request.headers.get("if-range"), content.etag, content.size)
    except NotSatisfiable:
        where = {"accept-ranges": "bytes", "content-range": f"bytes */{content.size}"}
        return problem(ErrorCode.INVALID, f"The file has {content.size} bytes.", status=416, headers=where)
    sent = part or Part(0, content.size)
    headers["content-length"] = str(sent.stop - sent.start)
    if part is not None:
        headers["content-range"] = f"bytes {part.start}-{part.stop - 1}/{content.size}"
    if request.method == "HEAD":
        return Response(status_code=200, headers=headers)
    status = 200 if part is None else 206
    return SteadyResponse(content.pieces(sent.start, sent.stop), status, headers, stall_s=stall_s, watch=watch)


def unwatched() -> AbstractContextManager[Callable[[], bool]]:
    """Of what is the reader's own, whatever their rights in projects."""
    return nullcontext(lambda: True)


class SteadyResponse(StreamingResponse):
    """A stream that is cut when its reader takes nothing for `stall_s` seconds, or may not read any more."""

    def __init__(
        self,
        pieces: AsyncIterator[bytes],
        status_code: int,
        headers: dict[str, str],
        *,
        stall_s: float,
        watch: Watch = unwatched,
    ) -> None:
        super().__init__(pieces, status_code, headers)
        self._stall_s = stall_s
        self._watch = watch

    async def stream_response(self, send: Send) -> None:
        with self._watch() as may_read:

            async def send_in_time(message: Message) -> None:
                if not may_read():
                    raise _Cut(REVOKED)
                try:
                    async with asyncio.timeout(self._stall_s):
                        await send(message)
                except TimeoutError:
                    raise _Cut(STOOD_STILL) from None

            try:
                await super().stream_response(send_in_time)
            except _Cut as cut:
                _cut.labels(str(cut)).inc()  # the response is not whole, so the server below closes its connection


class _Cut(Exception):
    """Nothing more is sent; the message is the reason."""


def attachment(name: str) -> str:
    """Content-Disposition that makes browsers save a file under its name (RFC 6266)."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def asked_versions(header: str | None) -> list[str]:
    """The versions that If-None-Match names; whether they are weak makes no difference to it."""
    return [tag.strip().removeprefix("W/") for tag in (header or "").split(",")]
