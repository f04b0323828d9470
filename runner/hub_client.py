"""The Python client of `/ws`: typed, for the runner, the tests and the benchmarks.

It keeps no document of its own: callers hold their pycrdt or Yjs replica and exchange updates through a `Channel`.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID, uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

import protocol
from protocol import frame
from protocol.documents import CloseDocument, OpenDocument, Opened
from protocol.frame import Value
from protocol.ids import ProjectId
from protocol.message import Type
from protocol.model import Command, WireModel
from protocol.session import Hello, ResumeFrom, Welcome
from protocol.yjs.sync import EMPTY_STATE_VECTOR

R = TypeVar("R", bound=WireModel)

REPLY_TIMEOUT_S = 20.0
CLIENT_NAME = "flashio-python"


def _ignore(_value: object) -> None:
    """The callback of those who do not listen."""


NOBODY: "tuple[None, Callable[[dict[str, Value]], None]]" = (None, _ignore)  # asked for what was answered


class ServerRefused(Exception):
    """The server answered with an error; `code` is of `protocol.errors`."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(f"{body['code']}: {body['message']}")
        self.code: str = body["code"]
        self.retry: bool = body["retry"]


class Disconnected(Exception):
    """The socket is closed; `close_code` says how."""

    def __init__(self, close_code: int | None, reason: str) -> None:
        super().__init__(f"closed with {close_code}: {reason}")
        self.close_code = close_code


@dataclass(slots=True)
class Channel:
    """One open document; its callbacks run in the order of arrival."""

    opened: Opened
    _client: "HubClient"
    on_update: Callable[[bytes], None]
    on_awareness: Callable[[bytes], None]
    on_ask: Callable[[bytes], None]
    sent: int = 0
    saved: int = 0
    saved_seq: int = 0
    storage_reachable: bool = True
    ended: dict[str, Any] | None = None
    _parts: list[bytes] = field(default_factory=list)
    _is_synced: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def edit(self, update: bytes) -> int:
        """Send a Yjs update and return its count; `when_saved` tells when it is committed."""
        self.sent += 1
        await self._client.send([Type.EDIT, self.opened.channel, self.sent, update])
        return self.sent

    async def aware(self, update: bytes) -> None:
        """Send a y-protocols awareness update."""
        await self._client.send([Type.AWARENESS, self.opened.channel, update])

    async def ask(self, state_vector: bytes) -> None:
        """Ask for what a replica with this state vector lacks; it arrives at `on_update`."""
        self._is_synced = False
        await self._client.send([Type.SYNC, self.opened.channel, state_vector])

    async def when_synced(self, timeout_s: float = REPLY_TIMEOUT_S) -> None:
        """Return when the whole answer to the last question has arrived."""
        await self.until(lambda: self._is_synced, timeout_s)

    async def when_saved(self, n: int | None = None, timeout_s: float = REPLY_TIMEOUT_S) -> int:
        """Return the log number once edit `n` (default: the last one sent) is committed.

        Raises:
            TimeoutError: it was not confirmed in time.
            Disconnected: the socket closed first.
        """
        wanted = self.sent if n is None else n
        await self.until(lambda: self.saved >= wanted, timeout_s)
        return self.saved_seq

    async def when_ended(self, timeout_s: float = REPLY_TIMEOUT_S) -> dict[str, Any]:
        """Return the body of Ended."""
        await self.until(lambda: self.ended is not None, timeout_s)
        return self.ended or {}

    async def when_storage(self, *, reachable: bool, timeout_s: float = REPLY_TIMEOUT_S) -> None:
        """Return when the server says that edits are being saved, or that they are not."""
        await self.until(lambda: self.storage_reachable == reachable, timeout_s)

    async def close(self) -> None:
        await self._client.command(CloseDocument(channel=self.opened.channel))

    async def until(self, holds: Callable[[], bool], timeout_s: float = REPLY_TIMEOUT_S) -> None:
        """Return when `holds` does; it is asked again after every frame of this channel.

        Raises:
            TimeoutError: it did not in time.
            Disconnected: the socket closed first.
        """
        async with asyncio.timeout(timeout_s):
            while not holds():
                self._client.check_open()
                self._changed.clear()
                await self._changed.wait()

    def wake(self) -> None:
        """Let those who wait look again."""
        self._changed.set()

    def take(self, fields: list[Value]) -> None:
        """Handle a frame of this channel."""
        match fields:
            case [Type.EDIT, _, bytes(update)]:
                self.on_update(update)
            case [Type.SAVED, _, int(n), int(seq)]:
                self.saved, self.saved_seq = n, seq
            case [Type.AWARENESS, _, bytes(update)]:
                self.on_awareness(update)
            case [Type.SYNC, _, bool(more), bytes(part)]:
                self._take_part(part, more=more)
            case [Type.ASK, _, bytes(state_vector)]:
                self.on_ask(state_vector)
            case [Type.STORAGE, _, bool(reachable)]:
                self.storage_reachable = reachable
            case [Type.ENDED, _, dict(body)]:
                self.ended = body
        self.wake()

    def _take_part(self, part: bytes, *, more: bool) -> None:
        self._parts.append(part)
        if not more:
            update, self._parts = b"".join(self._parts), []
            self.on_update(update)
            self._is_synced = True


class HubClient:
    """One socket of one project. Use `connected`."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._requests: dict[int, tuple[asyncio.Future[dict[str, Value]], Callable[[dict[str, Value]], None]]] = {}
        self._channels: dict[int, Channel] = {}
        self._ids = itertools.count(1)
        self._closed: asyncio.Future[Disconnected] = asyncio.get_running_loop().create_future()
        self.welcome: Welcome
        self.errors: list[dict[str, Any]] = []
        self.on_event: Callable[[str, dict[str, Any], int | None], None] = lambda *_: None

    async def command(self, command: Command[R], command_id: UUID | None = None) -> R:
        """Run a command and return its reply; one that changes state gets an id, kept for a retry if given.

        Raises:
            ServerRefused: the server answered with an error.
            Disconnected: the socket closed before the answer.
        """
        body = await self._request(command, command_id or (uuid4() if command.mutates else None))
        return reply_type(type(command)).model_validate(body)

    async def open(
        self,
        path: str,
        *,
        state_vector: bytes = EMPTY_STATE_VECTOR,
        create: bool = False,
        on_update: Callable[[bytes], None] = _ignore,
        on_awareness: Callable[[bytes], None] = _ignore,
        on_ask: Callable[[bytes], None] = _ignore,
    ) -> Channel:
        """Open a document; what the replica lacks arrives at `on_update`, and then `when_synced` returns."""

        def begin(reply: dict[str, Value]) -> None:
            opened = Opened.model_validate(reply)
            self._channels[opened.channel] = Channel(opened, self, on_update, on_awareness, on_ask)

        request = OpenDocument(path=path, state_vector=state_vector, create=create)
        reply = await self._request(request, None, begin)
        return self._channels[Opened.model_validate(reply).channel]

    async def send(self, fields: list[Value]) -> None:
        """Send one frame.

        Raises:
            Disconnected: the socket is closed.
        """
        try:
            await self._socket.send(frame.encode(fields))
        except ConnectionClosed as error:
            raise _disconnected(error) from error

    @property
    def transport(self) -> asyncio.Transport:
        """What carries the socket: reading can be paused on it, as a slow reader does."""
        return self._socket.transport

    def check_open(self) -> None:
        """Raises: Disconnected when the socket is closed."""
        if self._closed.done():
            raise self._closed.result()

    async def when_closed(self, timeout_s: float = REPLY_TIMEOUT_S) -> Disconnected:
        """Return how the socket closed."""
        async with asyncio.timeout(timeout_s):
            return await asyncio.shield(self._closed)

    async def greet(self, hello: Hello) -> None:
        """Say Hello and take the Welcome.

        Raises:
            ServerRefused: the server said why not.
        """
        await self.send([Type.HELLO, hello.model_dump(mode="json")])
        first = frame.decode(_bytes(await self._socket.recv()))
        if first[0] != Type.HELLO:
            raise ServerRefused(first[2])
        self.welcome = Welcome.model_validate(first[1])

    async def read(self) -> None:
        """Hand on what arrives until the socket closes."""
        try:
            async for data in self._socket:
                self._take(frame.decode(_bytes(data)))
        except ConnectionClosed:
            pass
        finally:
            self._end(Disconnected(self._socket.close_code, self._socket.close_reason or ""))

    async def _request(
        self, command: Command[Any], command_id: UUID | None, on_reply: Callable[[dict[str, Value]], None] = _ignore
    ) -> dict[str, Value]:
        return await self.request(command.name, command.model_dump(mode="python"), command_id, on_reply)

    async def request(
        self,
        name: str,
        body: dict[str, Value],
        command_id: UUID | None = None,
        on_reply: Callable[[dict[str, Value]], None] = _ignore,
    ) -> dict[str, Value]:
        """Send a request as it is, valid or not, and return the body of its reply; for the rest see `command`."""
        request_id = next(self._ids)
        reply: asyncio.Future[dict[str, Value]] = asyncio.get_running_loop().create_future()
        self._requests[request_id] = (reply, on_reply)
        await self.send([Type.REQUEST, request_id, name, body, command_id and str(command_id)])
        async with asyncio.timeout(REPLY_TIMEOUT_S):
            return await reply

    def _take(self, fields: list[Value]) -> None:
        match fields:
            case [Type.REPLY, int(request_id), dict(body)]:
                reply, on_reply = self._requests.pop(request_id, NOBODY)
                on_reply(body)  # also when nobody waits any more: what the reply opened is open
                if reply is not None and not reply.done():
                    reply.set_result(body)
            case [Type.ERROR, int(request_id), dict(body)]:
                reply, _ = self._requests.pop(request_id, NOBODY)
                if reply is not None and not reply.done():
                    reply.set_exception(ServerRefused(body))
            case [Type.ERROR, None, dict(body)]:
                self.errors.append(body)
            case [Type.EVENT, str(name), dict(body), seq]:
                self.on_event(name, body, seq)
            case [Type.PONG, _]:
                pass
            case [_, int(channel), *_] if channel in self._channels:
                self._channels[channel].take(fields)

    def _end(self, disconnected: Disconnected) -> None:
        if not self._closed.done():
            self._closed.set_result(disconnected)
        for reply, _ in self._requests.values():
            if not reply.done():
                reply.set_exception(disconnected)
                reply.exception()
        self._requests.clear()
        for channel in self._channels.values():
            channel.wake()


@asynccontextmanager
async def connected(
    url: str,
    project_id: UUID,
    *,
    token: str | None = None,
    ticket: str | None = None,
    resume: ResumeFrom | None = None,
    **options: Any,  # noqa: ANN401 - passed to websockets.connect
) -> AsyncIterator[HubClient]:
    """Connect to `url` (http or ws, without path) and sign in.

    Raises:
        ServerRefused: the server said why not.
    """
    address = url.replace("http", "ws", 1).rstrip("/") + "/ws"
    options.setdefault("max_size", None)
    async with connect(
        address, subprotocols=[Subprotocol(protocol.SUBPROTOCOL)], compression=None, **options
    ) as socket:
        client = HubClient(socket)
        await client.greet(
            Hello(
                minor=protocol.VERSION[1],
                client=CLIENT_NAME,
                project_id=ProjectId(project_id),
                token=token,
                ticket=ticket,
                resume=resume,
            )
        )
        reading = asyncio.ensure_future(client.read())
        try:
            yield client
        finally:
            reading.cancel()
            await asyncio.wait((reading,))


def reply_type(command: type[Command[R]]) -> type[R]:
    """The model of a command's reply."""
    for base in command.__mro__:
        arguments = base.__pydantic_generic_metadata__["args"] if issubclass(base, WireModel) else ()
        if arguments:
            found: type[R] = arguments[0]
            return found
    raise TypeError(f"{command.__name__} names no reply")


def _disconnected(error: ConnectionClosed) -> Disconnected:
    close = error.rcvd or error.sent
    return Disconnected(None if close is None else close.code, "" if close is None else close.reason)


def _bytes(data: str | bytes) -> bytes:
    if isinstance(data, str):
        raise TypeError("the server sent text")
    return data
