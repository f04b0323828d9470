"""What the HTTP doors to files share: who asks, bodies that may not stand still, errors as problems."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from protocol.frame import Value
from protocol.ids import CommandId, ProjectId
from server.errors import BadRequest, FlashError, TimedOut
from server.feature import Caller
from server.features.files.reading import Reading
from server.features.files.uploads import Uploads
from server.store.blobs.blobs import blobs_of
from server.store.db import Database
from server.transport.door import Door, storage_told
from server.transport.problems import problem
from server.transport.rpc import COMMAND_ID_HEADER, uuid_header

Answer = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class FileDoor:
    door: Door
    reading: Reading
    uploads: Uploads

    @classmethod
    def of(cls, door: Door, db: Database) -> "FileDoor":
        blobs = blobs_of(door.settings, db)
        return cls(door, Reading(db, blobs), Uploads(db, door.clock, door.settings, blobs))

    async def caller(self, request: Request) -> Caller:
        """Who asks, with their grant in the project of the address.

        Raises:
            Unauthenticated, Forbidden, NotFound: as for every command.
        """
        principal = await self.door.principal(request, None, request.query_params.get("ticket"))
        try:
            project_id = ProjectId(UUID(request.path_params["project_id"]))
        except ValueError:
            raise BadRequest("The address names a project by its UUID.") from None
        return Caller(principal, await self.door.grant(principal, project_id))

    async def command(
        self,
        caller: Caller,
        name: str,
        body: dict[str, Value],
        command_id: CommandId | None,
        *,
        meaning: bytes | None = None,
    ) -> dict[str, Value]:
        """Run a command and carry its effects out; `meaning` is what a repetition must have in common with it.

        One that changes something comes after its body, which may have taken an hour: the rights of now count.
        """
        if command_id is not None:
            caller = Caller(caller.principal, await self.door.grant_now(caller.principal, caller.project_id))
        reply, effects = await self.door.dispatcher.command(caller, name, body, command_id, meaning=meaning)
        self.door.dispatcher.perform(effects)
        return reply

    def body(self, request: Request) -> AsyncIterator[bytes]:
        """The request's body as it comes.

        Raises, while it is read:
            TimedOut: it stands still.
            ClientDisconnect: it will never be whole.
        """
        return _steady(request.stream(), self.door.settings.transfer_stall_s)


async def answered(answer: Answer, request: Request) -> Response:
    """The response, or the error as a problem."""
    try:
        with storage_told():
            return await answer(request)
    except FlashError as error:
        return problem(error.code, str(error))
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it


def command_id_of(request: Request) -> CommandId:
    """The client's Idempotency-Key; a request without one is a command of its own."""
    return CommandId(uuid_header(request, COMMAND_ID_HEADER) or uuid4())


async def _steady(stream: AsyncIterator[bytes], stall_s: float) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(stall_s):
                piece = await anext(stream, None)
        except TimeoutError:
            raise TimedOut("The upload stood still for too long.") from None
        if piece is None:
            return
        yield piece
