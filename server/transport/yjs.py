"""`/yjs/<project id>/<path>`: the y-websocket dialect, v3 and v4. One socket is one document.

Stock clients ignore most close codes and come back for ever, so a refusal is said in-band and answered slowly.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from prometheus_client import Counter
from starlette.websockets import WebSocket

from protocol.documents import OpenDocument, Opened
from protocol.errors import ERRORS
from protocol.ids import Channel, ProjectId
from protocol.message import AwarenessAsked, AwarenessSent, Edit, SyncAsked
from protocol.websocket import frame
from protocol.yjs import sync
from protocol.yjs.malformed import Malformed
from server.access.roles import Ability
from server.errors import BadRequest, FlashError, LimitReached, NotFound, TooLarge
from server.feature import Caller
from server.transport.accepting import accepted
from server.transport.dialects import YJS
from server.transport.door import Door, close_number, count_refusal
from server.transport.socket import DoorSocket, Farewell

REFUSAL_DELAY_S = 1.0  # a refused client that comes back at once costs no more than this often

_malformed = Counter("flashio_yjs_malformed_total", "Frames of stock clients that cannot be read")


@dataclass(slots=True)
class YjsEndpoint:
    door: Door

    async def serve(self, websocket: WebSocket) -> None:
        limits = replace(self.door.socket_limits, too_large=_too_large)
        subprotocol = next(iter(websocket.scope.get("subprotocols", [])), None)
        socket = await accepted(websocket, limits, subprotocol)
        try:
            with self.door.knocking():
                caller = await self._entered_or_refused(websocket, socket)
        except LimitReached as error:
            await self._refuse(socket, error, _nothing_to_end)
            return
        if caller is None:
            return
        leave = self.door.leaving(caller)
        try:
            await self._serve(websocket, socket, caller, leave)
        except BaseException:
            leave()
            raise

    async def _serve(self, websocket: WebSocket, socket: DoorSocket, caller: Caller, leave: Callable[[], None]) -> None:
        try:
            session = await self._opened(websocket, caller)
        except FlashError as error:
            await self._refuse(socket, error, leave)
            return
        await socket.serve(session.on_message, leave)

    async def _refuse(self, socket: DoorSocket, error: FlashError, on_ended: Callable[[], None]) -> None:
        """Say why in-band; who would come back unchanged is answered slowly."""
        count_refusal(error)
        await self.door.clock.sleep(0 if ERRORS[error.code].retry else REFUSAL_DELAY_S)
        farewell = _farewell(error)
        socket.write(farewell.frames)
        socket.close(farewell.code, farewell.reason)
        await socket.serve(_unheard, on_ended)

    async def _entered_or_refused(self, websocket: WebSocket, socket: DoorSocket) -> Caller | None:
        """Invariant: who is refused counts as knocking until they are gone, or refused sockets would have no bound."""
        try:
            return await self._entered(websocket, socket)
        except FlashError as error:
            gone = asyncio.Event()
            await self._refuse(socket, error, gone.set)
            await gone.wait()
            return None

    async def _entered(self, websocket: WebSocket, socket: DoorSocket) -> Caller:
        query, read_since = websocket.query_params, self.door.clock.monotonic()
        principal = await self.door.principal(websocket, query.get("token"), query.get("ticket"))
        try:
            project_id = ProjectId(UUID(websocket.path_params["project_id"]))
        except ValueError:
            raise NotFound("The address is /yjs/<project id>/<path>.") from None
        grant = await self.door.grant(principal, project_id)
        return self.door.enter(socket, YJS, principal, grant, read_since=read_since)

    async def _opened(self, websocket: WebSocket, caller: Caller) -> "YjsSession":
        command = OpenDocument(path=websocket.path_params["path"][:4096], create=caller.may(Ability.WRITE))
        dispatcher = self.door.dispatcher
        reply, effects = await dispatcher.command(caller, OpenDocument.name, command.model_dump(mode="python"), None)
        if not dispatcher.perform(effects):
            raise FlashError
        return YjsSession(self.door, caller, Opened.model_validate(reply).channel)


class YjsSession:
    """One stock client: its messages translated for dispatch. It numbers no edits, so they are counted here."""

    def __init__(self, door: Door, caller: Caller, channel: Channel) -> None:
        self._door = door
        self._caller = caller
        self._channel = channel
        self._edits = 0
        self._stream = door.dispatcher.stream

    def on_message(self, data: bytes) -> None:
        if (update := sync.sole_update(data)) is not None:
            self._edits += 1
            self._stream(self._caller, Edit(self._channel, self._edits, update))
        elif (update := sync.sole_awareness(data)) is not None:
            self._stream(self._caller, AwarenessSent(self._channel, update))
        else:
            self._take(data)

    def _take(self, data: bytes) -> None:
        try:
            messages = sync.parse_frame(data)
        except Malformed as error:
            _malformed.inc()
            self._door.tell_and_close(self._caller, BadRequest(f"The frame cannot be read: {error}"))
            return
        for message in messages:
            if (translated := self._translated(message)) is not None:
                self._stream(self._caller, translated)

    def _translated(self, message: sync.Message) -> Edit | SyncAsked | AwarenessSent | AwarenessAsked | None:
        match message:
            case sync.Update(update):
                self._edits += 1
                return Edit(self._channel, self._edits, update)
            case sync.SyncStep2(update):
                self._edits += 1
                return Edit(self._channel, self._edits, update, is_answer=True)
            case sync.SyncStep1(state_vector):
                return SyncAsked(self._channel, state_vector)
            case sync.Awareness(update):
                return AwarenessSent(self._channel, update)
            case sync.QueryAwareness():
                return AwarenessAsked(self._channel)
            case sync.AuthDenied():
                return None


def _farewell(error: FlashError) -> Farewell:
    """An error in the words of the dialect; stock clients heed no close code but those of ours."""
    return Farewell(frame(sync.encode_auth_denied(f"{error.code}: {error}")), close_number(error), str(error)[:100])


def _too_large(limit_bytes: int) -> Farewell:
    return _farewell(TooLarge(f"One message may have at most {limit_bytes} bytes."))


def _unheard(_data: bytes) -> None:
    """What a refused socket still says is not read."""


def _nothing_to_end() -> None:
    """Who never came in does not leave."""
