"""The built page, with the headers that WebContainers and a careful browser want."""

from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
RAW_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
NOT_BUILT = "The page is not built. Run `make build`, then reload. The API and the sockets work without it."


@dataclass(frozen=True, slots=True)
class PageEndpoint:
    """One page for every path of the app; its scripts have hashed names and are kept by browsers for ever."""

    folder: Path

    async def index(self, _request: Request) -> Response:
        page = self.folder / "index.html"
        if not page.is_file():
            return PlainTextResponse(NOT_BUILT, 503)
        return FileResponse(page, headers={"cache-control": "no-cache"})

    async def passkey_script(self, _request: Request) -> Response:
        """The script of the sign-in page, which the server writes: its name cannot change with its content."""
        script = self.folder / "passkey.js"
        if not script.is_file():
            return PlainTextResponse(NOT_BUILT, 503)
        return FileResponse(script, media_type="text/javascript", headers={"cache-control": "no-cache"})

    def assets(self) -> ASGIApp:
        return StaticFiles(directory=self.folder / "assets", check_dir=False)


@dataclass(frozen=True, slots=True)
class SecurityHeaders:
    """ASGI middleware that adds `HEADERS` to every HTTP response, but where it has stricter ones of its own."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.get("headers", [])
                names = {name for name, _ in own}
                message["headers"] = [*own, *(header for header in RAW_HEADERS if header[0] not in names)]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)
