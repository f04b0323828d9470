"""WebSockets and HTTP into an ASGI application in this process: every door, every header, no network.

The peer takes what it is sent only while it reads: what it leaves fills up as in a TCP connection, and then the
application's `send` waits.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Close

HOST = "127.0.0.1:8000"
END_TIMEOUT_S = 20


class AsgiConnection:
    """The client's side of one WebSocket; it has the methods of websockets' connection that our client uses."""

    def __init__(self, capacity_bytes: int = 64 * 1024) -> None:
        self.subprotocol: str | None = None
        self.close_code: int | None = None
        self.close_reason: str | None = None
        self._capacity_bytes = capacity_bytes
        self._inbound: asyncio.Queue[Message] = asyncio.Queue()
        self._arrived: deque[bytes | str] = deque()
        self._arrived_bytes = 0
        self._changed = asyncio.Condition()
        self._is_accepted = False
        self._may_read = asyncio.Event()
        self._may_read.set()

    @property
    def transport(self) -> "AsgiConnection":
        """What reading can be paused on."""
        return self

    def pause_reading(self) -> None:
        self._may_read.clear()

    def resume_reading(self) -> None:
        self._may_read.set()

    async def send(self, data: bytes | str) -> None:
        if self.close_code is not None:
            raise self._closed_error()
        kind = "bytes" if isinstance(data, bytes) else "text"
        self._inbound.put_nowait({"type": "websocket.receive", kind: data})

    async def recv(self) -> bytes | str:
        await self._may_read.wait()
        async with self._changed:
            await self._changed.wait_for(lambda: self._arrived or self.close_code is not None)
            if not self._arrived:
                raise self._closed_error()
            data = self._arrived.popleft()
            self._arrived_bytes -= len(data)
            self._changed.notify_all()
            return data

    async def close(self, code: int = 1000) -> None:
        await self._end(code, "")
        self._inbound.put_nowait({"type": "websocket.disconnect", "code": code})

    async def when_closed(self) -> tuple[int, str]:
        """Read on until the server closes; returns its code and reason."""
        async with asyncio.timeout(END_TIMEOUT_S):
            async for _ in self:
                pass
        return self.close_code or 0, self.close_reason or ""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes | str:
        try:
            return await self.recv()
        except ConnectionClosedError:
            raise StopAsyncIteration from None

    async def receive_of_asgi(self) -> Message:
        return await self._inbound.get()

    async def send_of_asgi(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                self._is_accepted = True
                self.subprotocol = message.get("subprotocol")
            case "websocket.send":
                await self._arrive(message.get("bytes") if message.get("bytes") is not None else message["text"])
            case "websocket.close":
                await self._end(message.get("code", 1000), message.get("reason") or "")
                self._inbound.put_nowait({"type": "websocket.disconnect", "code": self.close_code})

    async def _arrive(self, data: bytes | str) -> None:
        async with self._changed:
            await self._changed.wait_for(
                lambda: self._arrived_bytes < self._capacity_bytes or self.close_code is not None
            )
            if self.close_code is None:
                self._arrived.append(data)
                self._arrived_bytes += len(data)
                self._changed.notify_all()

    async def _end(self, code: int, reason: str) -> None:
        async with self._changed:
            if self.close_code is None:
                self.close_code, self.close_reason = code, reason
            self._changed.notify_all()

    def _closed_error(self) -> ConnectionClosedError:
        return ConnectionClosedError(Close(self.close_code or 1006, self.close_reason or ""), None)


@asynccontextmanager
async def websocket(
    app: ASGIApp,
    address: str,
    *,
    headers: Mapping[str, str] | None = None,
    subprotocols: tuple[str, ...] = (),
    capacity_bytes: int = 64 * 1024,
) -> AsyncIterator[AsgiConnection]:
    """Open a WebSocket at a path with its query; leaving the block closes it and ends the application's task."""
    connection = AsgiConnection(capacity_bytes)
    parts = urlsplit(address)
    scope: dict[str, Any] = {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "scheme": "ws",
        "http_version": "1.1",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [
            (name.lower().encode(), value.encode()) for name, value in ({"host": HOST} | dict(headers or {})).items()
        ],
        "subprotocols": list(subprotocols),
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "state": {},
        "extensions": {},
    }
    connection._inbound.put_nowait({"type": "websocket.connect"})
    serving = asyncio.ensure_future(app(scope, connection.receive_of_asgi, connection.send_of_asgi))
    try:
        yield connection
    finally:
        await connection.close()
        async with asyncio.timeout(END_TIMEOUT_S):
            await serving
