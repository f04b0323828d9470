"""`/content/<link>/<name>` on the origin of FILES_ORIGIN: contents, and nothing else of this server."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from protocol.errors import CloseCode
from protocol.ids import ProjectId, UserId
from server.access.principal import Principal
from server.archive.packing import ArchiveFormat
from server.errors import NotFound
from server.feature import Caller
from server.transport.archives import ArchiveEndpoint
from server.transport.content_links import PATH, ContentLinks, Kind
from server.transport.door import Door
from server.transport.downloads import HARMLESS
from server.transport.file_door import answered
from server.transport.files import FileEndpoint

ONLY_READS = frozenset({"read"})
NOTHING_HERE = "Only contents are served here."


@dataclass(frozen=True, slots=True)
class ContentEndpoint:
    door: Door
    files: FileEndpoint
    archives: ArchiveEndpoint
    links: ContentLinks | None

    async def serve(self, request: Request) -> Response:
        return await answered(self._get, request)

    async def _get(self, request: Request) -> Response:
        """Looked at again is whether the person may read; a cookie or a token that came along is not."""
        if self.links is None or request.headers.get("host") != self.links.host:
            raise NotFound
        link = self.links.opened(request.path_params["link"])
        principal = Principal(UserId(link.user_id), "", "", scopes=ONLY_READS)
        caller = Caller(principal, await self.door.grant(principal, ProjectId(link.project_id)))
        if link.kind is Kind.FILE:
            return await self.files.download(request, caller, link.path)
        return await self.archives.download(request, caller, ArchiveFormat(link.kind.value))


@dataclass(frozen=True, slots=True)
class OnlyContents:
    """ASGI middleware: whoever comes to the host of contents reaches nothing but contents."""

    app: ASGIApp
    host: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _host(scope) != self.host:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(CloseCode.POLICY_VIOLATION)(scope, receive, send)
        elif scope["path"].startswith(f"{PATH}/") and scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
        else:
            await PlainTextResponse(NOTHING_HERE, 404, HARMLESS)(scope, receive, send)


def _host(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
