"""The `Socket` port on any ASGI server: a reader loop, a writer task, frames split again because ASGI frames them."""

import asyncio
from collections import deque
from collections.abc import Callable

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from protocol.errors import CLOSE_TEXTS, CloseCode
from protocol.websocket import payloads
from server.transport.socket import Farewell, SocketClosed, SocketLimits

# Messages over the limit by up to this factor are read all the same, to be refused in the door's words; the server
# below closes larger ones by itself, with 1009.
READ_TO_BE_REFUSED = 2
TEXT_REFUSED = Farewell(b"", CloseCode.UNSUPPORTED_DATA, CLOSE_TEXTS[CloseCode.UNSUPPORTED_DATA])

log = structlog.get_logger(__name__)


class AsgiSocket:
    """Invariant: `send` of the ASGI server is awaited by the writer alone, so frames leave whole and in order."""

    def __init__(self, websocket: WebSocket, limits: SocketLimits) -> None:
        self._websocket = websocket
        self._limits = limits
        self._frames: deque[bytes] = deque()
        self._buffered = 0
        self._wake = asyncio.Event()
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._on_writable: Callable[[], None] | None = None
        self._close: tuple[int, str] | None = None
        self._reader: asyncio.Task[None] | None = None
        self._writer: asyncio.Task[None] | None = None
        self.close_code: int | None = None

    @property
    def buffered_bytes(self) -> int:
        return self._buffered

    def write(self, frames: bytes) -> None:
        if self._close is None and self.close_code is None:
            self._frames.append(frames)
            self._buffered += len(frames)
            self._wake.set()

    def when_writable(self, callback: Callable[[], None]) -> None:
        self._on_writable = callback
        if self._buffered <= self._limits.low_watermark_bytes:
            asyncio.get_running_loop().call_soon(self._tell_writable)

    def close(self, code: int, reason: str) -> None:
        if self._close is None:
            self._close = (code, reason)
            self._wake.set()
            self._may_read.set()
            self._cut_later()

    def pause_reading(self) -> None:
        self._may_read.clear()

    def resume_reading(self) -> None:
        self._may_read.set()

    async def serve(self, on_message: Callable[[bytes], None], on_ended: Callable[[], None]) -> None:
        """See `DoorSocket`; returns at the end."""
        try:
            await self._carry(on_message)
        finally:
            on_ended()

    async def receive(self, timeout_s: float, max_bytes: int) -> bytes:
        """See `DoorSocket`."""
        async with asyncio.timeout(timeout_s):
            message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise SocketClosed
        data = message.get("bytes")
        if isinstance(data, bytes) and len(data) <= max_bytes:
            return data
        refusal = self._limits.too_large(max_bytes) if isinstance(data, bytes) else TEXT_REFUSED
        for payload in payloads(refusal.frames):
            await self._websocket.send_bytes(payload)
        await self._websocket.close(refusal.code, refusal.reason)
        raise SocketClosed

    async def _carry(self, on_message: Callable[[bytes], None]) -> None:
        async with asyncio.TaskGroup() as group:
            self._reader = group.create_task(self._read(on_message))
            self._writer = group.create_task(self._write())
            if self._close is not None:
                self._cut_later()
            await asyncio.wait((self._reader, self._writer), return_when=asyncio.FIRST_COMPLETED)
            if self._close is None:
                self._writer.cancel()

    async def _read(self, on_message: Callable[[bytes], None]) -> None:
        while True:
            await self._may_read.wait()
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                self.close_code = message.get("code") or CloseCode.GOING_AWAY
                return
            data = message.get("bytes")
            if not isinstance(data, bytes):
                self._refuse(TEXT_REFUSED)
            elif len(data) > self._limits.max_message_bytes:
                self._refuse(self._limits.too_large(self._limits.max_message_bytes))
            elif self._close is None:
                on_message(data)

    async def _write(self) -> None:
        try:
            while self._frames or self._close is None:
                await self._write_waiting()
                self._wake.clear()
                if self._close is None:
                    await self._wake.wait()
            await self._websocket.close(*self._close)
        except (WebSocketDisconnect, RuntimeError) as error:
            # The ASGI server says "unexpected message" when the peer was faster with its close.
            log.debug("the peer left while it was written to", reason=str(error))

    async def _write_waiting(self) -> None:
        while self._frames:
            frames = self._frames.popleft()
            for payload in payloads(frames):
                await self._websocket.send_bytes(payload)
            self._buffered -= len(frames)
            if self._buffered <= self._limits.low_watermark_bytes:
                self._tell_writable()

    def _tell_writable(self) -> None:
        callback, self._on_writable = self._on_writable, None
        if callback is not None:
            callback()

    def _refuse(self, refusal: Farewell) -> None:
        self.write(refusal.frames)
        self.close(refusal.code, refusal.reason)

    def _cut_later(self) -> None:
        """A peer that does not even read the close frame is left after a grace time."""
        for task in (self._reader, self._writer):
            if task is not None:
                asyncio.get_running_loop().call_later(self._limits.close_grace_s, task.cancel)
