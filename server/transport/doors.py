"""Which door a handshake is for: matched before the web framework, whose layers cost as much as the handshake."""

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from server.transport.door import Door
from server.transport.ws import WsEndpoint
from server.transport.yjs import YjsEndpoint

WS, YJS = "/ws", "/yjs/"


class Doors:
    """ASGI middleware. What is no address of a door goes on, and is refused."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._ws = WsEndpoint(door)
        self._yjs = YjsEndpoint(door)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] == "websocket" and path == WS:
            await self._ws.serve(WebSocket(scope, receive, send))
            return
        project_id, is_document, file_path = path.removeprefix(YJS).partition("/")
        if scope["type"] == "websocket" and path.startswith(YJS) and is_document:
            scope["path_params"] = {"project_id": project_id, "path": file_path}
            await self._yjs.serve(WebSocket(scope, receive, send))
            return
        await self._app(scope, receive, send)
