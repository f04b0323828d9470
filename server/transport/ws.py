"""`/ws`: our own protocol. Hello and Welcome, then requests in order and streams at once."""

import asyncio
from collections import deque
from dataclasses import dataclass, replace

import structlog
from prometheus_client import Counter
from pydantic import ValidationError
from starlette.websockets import WebSocket

import protocol
from protocol import message as wire
from protocol.frame import FrameRefused
from protocol.ids import ConnectionId
from protocol.message import Hello, Ping, Request
from protocol.outbound import Failed, Ponged, Replied, Welcomed
from protocol.projects import Resumed, ResumeEvents
from protocol.session import Hello as HelloBody
from protocol.session import Limits, ProjectInfo, Welcome
from protocol.websocket import frame
from server.access.principal import person
from server.access.roles import Ability, ability_names
from server.errors import BadRequest, FlashError, LimitReached, RateLimited, TooLarge, Unauthenticated
from server.feature import Caller
from server.hub.effects import Send
from server.settings import Settings
from server.transport.accepting import accepted
from server.transport.dialects import FLASH
from server.transport.door import Door, close_number, count_refusal
from server.transport.socket import DoorSocket, Farewell, SocketClosed

log = structlog.get_logger(__name__)

SERVER_NAME = "flashio"

_requests_refused = Counter(
    "flashio_requests_refused_total", "Requests refused because too many waited on their socket"
)


@dataclass(slots=True)
class WsEndpoint:
    door: Door

    async def serve(self, websocket: WebSocket) -> None:
        offered = websocket.scope.get("subprotocols", [])
        subprotocol = protocol.SUBPROTOCOL if protocol.SUBPROTOCOL in offered else None
        limits = replace(self.door.socket_limits, too_large=_too_large)
        socket = await accepted(websocket, limits, subprotocol)
        try:
            with self.door.knocking():
                session = await self._welcomed_or_refused(websocket, socket)
        except LimitReached as error:
            await self._refuse(socket, error)
            return
        except SocketClosed:
            return
        if session is not None:
            await socket.serve(session.on_message, self.door.leaving(session.caller))

    async def _welcomed_or_refused(self, websocket: WebSocket, socket: DoorSocket) -> "WsSession | None":
        """Invariant: who is refused counts as knocking until they are gone, or refused sockets would have no bound."""
        try:
            return await self._welcomed(websocket, socket)
        except FlashError as error:
            await self._refuse(socket, error)
            return None

    @staticmethod
    async def _refuse(socket: DoorSocket, error: FlashError) -> None:
        """Say why, close, and return when the socket is gone: within the grace for a close, if the peer is deaf."""
        count_refusal(error)
        farewell = _farewell(error)
        socket.write(farewell.frames)
        socket.close(farewell.code, farewell.reason)
        gone = asyncio.Event()
        await socket.serve(_unheard, gone.set)
        await gone.wait()

    async def _welcomed(self, websocket: WebSocket, socket: DoorSocket) -> "WsSession":
        settings = self.door.settings
        self.door.check_host(websocket)
        self.door.check_origin(websocket)
        hello = await self._hello(socket, settings)
        read_since = self.door.clock.monotonic()
        principal = await self.door.principal(websocket, hello.token, hello.ticket)
        grant = await self.door.grant(principal, hello.project_id)
        caller = self.door.enter(socket, FLASH, principal, grant, read_since=read_since)
        session = WsSession(self.door, caller)
        try:
            await session.welcome(hello, settings)
        except BaseException:
            self.door.leave(caller)
            raise
        return session

    async def _hello(self, socket: DoorSocket, settings: Settings) -> HelloBody:
        try:
            first = wire.decode(await socket.receive(settings.hello_timeout_s, settings.max_hello_bytes))
            if not isinstance(first, Hello):
                raise BadRequest("The first message is Hello.")
            return HelloBody.model_validate(first.body)
        except TimeoutError:
            raise Unauthenticated(f"No Hello came within {settings.hello_timeout_s} s.") from None
        except ValidationError as error:
            raise BadRequest(f"Hello: {error.errors(include_url=False)[0]['msg']}") from None
        except ValueError as error:
            raise BadRequest(str(error)) from None


class WsSession:
    """One signed-in socket: its requests in order, its streams at once, its signs of life."""

    def __init__(self, door: Door, caller: Caller) -> None:
        self.caller = caller
        self._door = door
        self._socket: ConnectionId = caller.socket
        self._waiting: deque[tuple[Request, int]] = deque()
        self._waiting_bytes = 0
        self._is_answering = False

    async def welcome(self, hello: HelloBody, settings: Settings) -> None:
        """Send Welcome with the events missed; from here on the project's events follow without a gap.

        Raises:
            FlashError: the project cannot be read.
        """
        resume = ResumeEvents(resume=hello.resume).model_dump(mode="python")
        reply, effects = await self._door.dispatcher.command(self.caller, ResumeEvents.name, resume, None)
        resumed = Resumed.model_validate(reply)
        grant = self.caller.grant
        if grant is None:
            raise BadRequest("Name a project.")
        body = Welcome(
            minor=protocol.VERSION[1],
            server=SERVER_NAME,
            connection_id=self._socket,
            user=person(self.caller.principal),
            credential_ends_at=self.caller.principal.expires_at,
            project=ProjectInfo(
                id=grant.project_id,
                name=grant.project_name,
                role=grant.role.value,
                abilities=ability_names(grant.abilities),
                can_write=grant.allows(Ability.WRITE),
            ),
            limits=Limits(
                max_message_bytes=settings.max_message_bytes,
                max_update_bytes=settings.max_update_bytes,
                max_awareness_bytes=settings.max_awareness_bytes,
                max_document_bytes=settings.max_document_bytes,
                ping_interval_s=settings.ping_interval_s,
            ),
            server_time=self._door.clock.now(),
            epoch=resumed.epoch,
            seq=resumed.seq,
            recovered=resumed.recovered,
            missed=resumed.missed,
        )
        self._send(Welcomed(body.model_dump(mode="python")))
        if not self._door.dispatcher.perform(effects):
            raise FlashError

    def on_message(self, data: bytes) -> None:
        try:
            message = wire.decode(data)
        except FrameRefused as error:
            self._door.tell_and_close(self.caller, BadRequest(str(error)))
            return
        match message:
            case Request():
                self._queue(message, len(data))
            case Ping(n):
                self._send(Ponged(n))
            case Hello():
                self._door.tell_and_close(self.caller, BadRequest("Hello is said once."))
            case _:
                self._door.dispatcher.stream(self.caller, message)

    def _queue(self, request: Request, size: int) -> None:
        if (problem := self._over_the_bounds(size)) is not None:
            _requests_refused.inc()
            error = RateLimited(problem)
            self._send(Failed(request.id, error.code, str(error)))
            return
        self._waiting.append((request, size))
        self._waiting_bytes += size
        if not self._is_answering:
            self._is_answering = True
            self._door.tasks.start("answer requests", self._answer())

    def _over_the_bounds(self, size: int) -> str | None:
        """Why one more request of so many bytes may not wait; one alone always may, whatever its size."""
        settings = self._door.settings
        most, most_bytes = settings.max_waiting_requests, settings.max_waiting_request_bytes
        if len(self._waiting) >= most:
            return f"{most} requests wait on this socket already. Send more when some are answered."
        if self._waiting and self._waiting_bytes + size > most_bytes:
            return (
                f"Requests of more than {most_bytes} bytes would wait on this socket. Send more when some are answered."
            )
        return None

    async def _answer(self) -> None:
        """Answer in order until none waits or the socket is gone; between bursts a socket has no task of its own."""
        try:
            while self._waiting and self.caller.is_open:
                request, size = self._waiting.popleft()
                self._waiting_bytes -= size
                await self._answer_one(request)
        finally:
            self._is_answering = False

    async def _answer_one(self, request: Request) -> None:
        dispatcher, before = self._door.dispatcher, self.caller.principal
        try:
            reply, effects = await dispatcher.command(self.caller, request.name, request.body, request.command_id)
        except FlashError as error:
            self._send(Failed(request.id, error.code, str(error)))
            return
        if self.caller.principal is not before:
            self._door.renewed(self.caller)
        if not dispatcher.perform([Send(self._socket, Replied(request.id, reply))]):
            self._send(Failed(request.id, FlashError.code, str(FlashError())))
        dispatcher.perform(effects)

    def _send(self, message: Replied | Failed | Ponged | Welcomed) -> None:
        self._door.hub.perform([Send(self._socket, message)])


def _farewell(error: FlashError) -> Farewell:
    """An error in our protocol's words."""
    return Farewell(frame(wire.error(None, error.code, str(error))), close_number(error), str(error)[:100])


def _too_large(limit_bytes: int) -> Farewell:
    return _farewell(TooLarge(f"One message may have at most {limit_bytes} bytes here."))


def _unheard(_data: bytes) -> None:
    """What a refused socket still says is not read."""
