"""`/ws`: our own protocol. Hello and Welcome, then requests in order and streams at once."""

from collections import deque
from dataclasses import dataclass

import structlog
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
from server.access.roles import Ability
from server.errors import BadRequest, FlashError, RateLimited, Unauthenticated
from server.feature import Caller
from server.hub.effects import Send
from server.settings import Settings
from server.transport.accepting import accepted
from server.transport.dialects import FLASH
from server.transport.door import Door, close_number, count_refusal
from server.transport.socket import DoorSocket, SocketClosed

log = structlog.get_logger(__name__)

SERVER_NAME = "flashio"
REQUESTS_WAITING = 64  # per socket; more are refused as too many


@dataclass(slots=True)
class WsEndpoint:
    door: Door

    async def serve(self, websocket: WebSocket) -> None:
        offered = websocket.scope.get("subprotocols", [])
        subprotocol = protocol.SUBPROTOCOL if protocol.SUBPROTOCOL in offered else None
        socket = await accepted(websocket, self.door.socket_limits, subprotocol)
        try:
            with self.door.knocking():
                session = await self._welcomed(websocket, socket)
        except FlashError as error:
            count_refusal(error)
            socket.write(frame(wire.error(None, error.code, str(error))))
            socket.close(close_number(error), str(error)[:100])
            await socket.serve(_unheard, _nothing_to_end)
            return
        except SocketClosed:
            return
        await socket.serve(session.on_message, self.door.leaving(session.caller))

    async def _welcomed(self, websocket: WebSocket, socket: DoorSocket) -> "WsSession":
        settings = self.door.settings
        self.door.check_host(websocket)
        self.door.check_origin(websocket)
        hello = await self._hello(socket, settings)
        principal = await self.door.principal(websocket, hello.token, hello.ticket)
        grant = await self.door.grant(principal, hello.project_id)
        caller = self.door.enter(socket, FLASH, principal, grant)
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
        self._waiting: deque[Request] = deque()
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
            project=ProjectInfo(
                id=grant.project_id,
                name=grant.project_name,
                role=grant.role.value,
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
                self._queue(message)
            case Ping(n):
                self._send(Ponged(n))
            case Hello():
                self._door.tell_and_close(self.caller, BadRequest("Hello is said once."))
            case _:
                self._door.dispatcher.stream(self.caller, message)

    def _queue(self, request: Request) -> None:
        if len(self._waiting) >= REQUESTS_WAITING:
            error = RateLimited(f"More than {REQUESTS_WAITING} requests wait on this socket. Slow down.")
            self._send(Failed(request.id, error.code, str(error)))
            return
        self._waiting.append(request)
        if not self._is_answering:
            self._is_answering = True
            self._door.tasks.start("answer requests", self._answer())

    async def _answer(self) -> None:
        """Answer in order until none waits; between bursts a socket has no task of its own."""
        try:
            while self._waiting:
                await self._answer_one(self._waiting.popleft())
        finally:
            self._is_answering = False

    async def _answer_one(self, request: Request) -> None:
        dispatcher = self._door.dispatcher
        try:
            reply, effects = await dispatcher.command(self.caller, request.name, request.body, request.command_id)
        except FlashError as error:
            self._send(Failed(request.id, error.code, str(error)))
            return
        if not dispatcher.perform([Send(self._socket, Replied(request.id, reply))]):
            self._send(Failed(request.id, FlashError.code, str(FlashError())))
        dispatcher.perform(effects)

    def _send(self, message: Replied | Failed | Ponged | Welcomed) -> None:
        self._door.hub.perform([Send(self._socket, message)])


def _unheard(_data: bytes) -> None:
    """What a refused socket still says is not read."""


def _nothing_to_end() -> None:
    """Who never came in does not leave."""
