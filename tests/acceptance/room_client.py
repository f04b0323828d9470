"""One person of a busy room on `/ws`: types and moves the cursor on time, comes back when the server died.

Made for a thousand in one process: what is heard is kept as bytes until the replica is asked for.
"""

import asyncio
import random
from collections import deque
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, cast
from uuid import UUID

import msgpack
from pycrdt import Doc, Text, merge_updates

import protocol
from protocol import frame
from protocol.ids import ProjectId
from protocol.message import Type
from protocol.session import Hello
from protocol.yjs.awareness import AwarenessEntry, encode_awareness_update
from tests.acceptance.chain import Chain
from tests.harness.editor import ROOT_NAME
from tests.harness.live_server import LiveServer
from tests.harness.raw_client import BINARY, KEY, PONG, framed

TICK_S = 0.1  # a cursor each, an edit every second one
BACK_AFTER_S = (0.1, 0.5)
SERVER_CLOSE, SERVER_PING = 0x8, 0x9
CURSOR = (
    '{"t":%d,"user":{"name":"Ada Lovelace","color":"#30bced","colorLight":"#30bced33"},"cursor":{"anchor":{"type":null,'
    '"tname":"codemirror","item":{"client":%d,"clock":%d},"assoc":0},"head":{"type":null,"tname":"codemirror",'
    '"item":{"client":%d,"clock":%d},"assoc":0}}}'
)


@dataclass(slots=True)
class Timings:
    """Seconds, of everybody who writes into it; `is_on` while they count."""

    saved_s: list[float] = field(default_factory=list)
    delivered_s: list[float] = field(default_factory=list)
    frames: int = 0
    is_on: bool = False

    def begin(self) -> None:
        self.saved_s, self.delivered_s, self.frames, self.is_on = [], [], 0, True


class RoomClient(asyncio.Protocol):
    """`acknowledged` counts the characters of its chain that the server called saved."""

    def __init__(self, server: LiveServer, path: str, chain: Chain, timings: Timings, *, is_timed: bool) -> None:
        self.chain = chain
        self.acknowledged = 0
        self.is_live = False  # in the room, and what the server lacked is sent
        self.troubles: list[str] = []
        self.doc: Doc[Text] = Doc()
        self._server = server
        self._path = path
        self._timings = timings
        self._is_timed = is_timed
        self._heard: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._is_upgraded = False
        self._channel = self._sent = self._cursor_clock = self._ticks = 0
        self._covered: deque[tuple[int, int, float]] = deque()  # (n, characters, sent at)
        self._ticking: asyncio.TimerHandle | None = None
        self._is_over = False
        self._loop = asyncio.get_running_loop()

    @property
    def is_level(self) -> bool:
        return self.is_live and self.acknowledged == self.chain.count

    def replica(self) -> "Doc[Text]":
        """The document as this person sees it now."""
        if self._heard:
            self.doc.apply_update(merge_updates(*self._heard))
            self._heard.clear()
        return self.doc

    def text(self) -> str:
        return str(self.replica().get(ROOT_NAME, type=Text))

    async def connect(self) -> None:
        """Try until a connection is made; what follows happens by itself."""
        while not self._is_over:
            try:
                await self._loop.create_connection(lambda: self, "127.0.0.1", self._server.port)
            except OSError:
                await asyncio.sleep(random.uniform(*BACK_AFTER_S))
            else:
                return

    def start_typing(self) -> None:
        self._ticking = self._loop.call_later(random.uniform(0, 2 * TICK_S), self._tick)

    def stop_typing(self) -> None:
        if self._ticking is not None:
            self._ticking.cancel()

    def leave(self) -> None:
        self._is_over = True
        self.stop_typing()
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._rest, self._is_upgraded, self.is_live, self._sent = b"", False, False, 0
        self._covered.clear()
        self._transport.write(
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {protocol.SUBPROTOCOL}\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_live, self._transport = False, None
        if not self._is_over:
            self._loop.call_later(random.uniform(*BACK_AFTER_S), lambda: self._loop.create_task(self.connect()))

    def data_received(self, data: bytes) -> None:
        data, pos = self._rest + data, 0
        if not self._is_upgraded:
            pos = data.find(b"\r\n\r\n") + 4
            if pos < 4:
                self._rest = data
                return
            self._is_upgraded = True
            body = Hello(minor=0, client="rooms", project_id=_project(self._server), token=self._server.token)
            self._say([Type.HELLO, body.model_dump(mode="json")])
        total = len(data)
        while pos + 2 <= total:
            size, start = data[pos + 1], pos + 2
            if size == 126:
                size, start = int.from_bytes(data[start : start + 2], "big"), start + 2
            elif size == 127:
                size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
            if start + size > total or start > total:
                break
            self._take(data[pos] & 15, data[start : start + size])
            pos = start + size
        self._rest = data[pos:]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == BINARY:
            self._timings.frames += 1
            if payload[1] == Type.AWARENESS:
                if self._is_timed and self._timings.is_on:
                    self._time_cursor(payload)
            else:
                self._take_message(msgpack.unpackb(payload))
        elif opcode == SERVER_PING and self._transport is not None:
            self._transport.write(framed(PONG, payload))
        elif opcode == SERVER_CLOSE and self._transport is not None:
            self._transport.close()

    def _take_message(self, fields: list[Any]) -> None:
        match fields:
            case [Type.EDIT, _, bytes(update)] | [Type.SYNC, _, False, bytes(update)]:
                self._heard.append(update)
            case [Type.SAVED, _, int(n), _]:
                self._take_saved(n)
            case [Type.HELLO, _]:
                body = {"path": self._path, "stateVector": self.replica().get_state(), "create": True}
                self._say([Type.REQUEST, 1, "documents/open", body, None])
            case [Type.REPLY, _, dict(opened)]:
                self._channel = opened["channel"]
            case [Type.ASK, _, bytes(state_vector)]:
                self._send_edit(self.replica().get_update(state_vector))
                self.is_live = True
            case [Type.EVENT, *_] | [Type.STORAGE, *_] | [Type.PONG, _]:
                pass
            case _:
                self._take_trouble(fields)

    def _take_trouble(self, fields: list[Any]) -> None:
        """An error that says to come again is none."""
        if fields[0] == Type.ERROR and fields[2]["retry"] and self._transport is not None:
            self._transport.abort()
        else:
            self.troubles.append(repr(fields)[:300])

    def _take_saved(self, n: int) -> None:
        now = perf_counter()
        while self._covered and self._covered[0][0] <= n:
            _, self.acknowledged, at = self._covered.popleft()
            if self._timings.is_on:
                self._timings.saved_s.append(now - at)

    def _time_cursor(self, payload: bytes) -> None:
        at = payload.find(b'"t":') + 4
        if at > 3:
            end = at + payload[at : at + 24].find(b",")
            self._timings.delivered_s.append(perf_counter() - int(payload[at:end]) / 1e9)

    def _tick(self) -> None:
        self._ticking = self._loop.call_later(TICK_S, self._tick)
        self._ticks += 1
        if self._ticks % 2:
            update = self.chain.type()
            self._heard.append(update)
            if self.is_live:
                self._send_edit(update)
        if self.is_live:
            self._send_cursor()

    def _send_edit(self, update: bytes) -> None:
        self._sent += 1
        self._covered.append((self._sent, self.chain.count, perf_counter()))
        self._say([Type.EDIT, self._channel, self._sent, update])

    def _send_cursor(self) -> None:
        self._cursor_clock += 1
        client, at = self.chain.client, self.chain.count
        state = CURSOR % (perf_counter() * 1e9, client, at, client, at)
        update = encode_awareness_update([AwarenessEntry(client, self._cursor_clock, state)])
        self._say([Type.AWARENESS, self._channel, update])

    def _say(self, fields: list[Any]) -> None:
        if self._transport is not None:
            self._transport.write(framed(BINARY, frame.encode(fields)))


def _project(server: LiveServer) -> ProjectId:
    return ProjectId(UUID(server.project_id))
