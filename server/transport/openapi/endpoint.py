"""`/api/openapi.json` and `/api`: made once, at the first request, and kept."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from server.feature import CommandSpec
from server.transport.downloads import asked_versions
from server.transport.openapi.document import api_document
from server.transport.openapi.reference import reference_page
from server.transport.openapi.schemas import Json


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes with their version."""

    content: bytes
    media_type: str
    etag: str

    @classmethod
    def of(cls, text: str, media_type: str) -> "Kept":
        content = text.encode()
        return cls(content, media_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"')

    def answer(self, request: Request) -> Response:
        """The bytes, or 304 for who has them."""
        headers = {"etag": self.etag, "cache-control": "no-cache"}
        if self.etag in asked_versions(request.headers.get("if-none-match")):
            return Response(status_code=304, headers=headers)
        return Response(self.content, headers=headers, media_type=self.media_type)


@dataclass(slots=True)
class ApiEndpoints:
    """`commands`: what is registered."""

    commands: Iterable[CommandSpec]
    _kept: dict[str, Kept] = field(default_factory=dict)

    async def document(self, request: Request) -> Response:
        """OpenAPI 3.1, for programs."""
        return await self._answer(request, "application/json", json.dumps)

    async def page(self, request: Request) -> Response:
        """The same, for people."""
        return await self._answer(request, "text/html", reference_page)

    async def _answer(self, request: Request, media_type: str, written: Callable[[Json], str]) -> Response:
        if media_type not in self._kept:
            # In a thread: it takes tens of milliseconds, and edits and cursors wait for nobody.
            self._kept[media_type] = await asyncio.to_thread(self._make, media_type, written)
        return self._kept[media_type].answer(request)

    def _make(self, media_type: str, written: Callable[[Json], str]) -> Kept:
        return Kept.of(written(api_document(self.commands)), media_type)
