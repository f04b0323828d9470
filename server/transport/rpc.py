"""`POST /api/<feature>/<command>`: the same commands over HTTP, with problem+json errors (RFC 9457)."""

from dataclasses import dataclass
from uuid import UUID

from pydantic_core import to_jsonable_python
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from protocol.ids import CommandId, ProjectId
from server.errors import BadRequest, FlashError, TooLarge, UnsupportedMediaType
from server.feature import Caller
from server.transport.door import Door
from server.transport.problems import problem

PROJECT_HEADER = "x-project"  # the project that a command works in
COMMAND_ID_HEADER = "idempotency-key"
JSON = "application/json"


@dataclass(slots=True)
class RpcEndpoint:
    door: Door

    async def serve(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except FlashError as error:
            return problem(error.code, str(error))

    async def _answer(self, request: Request) -> Response:
        principal = await self.door.principal(request, None, None)
        project_id = uuid_header(request, PROJECT_HEADER)
        grant = None if project_id is None else await self.door.grant(principal, ProjectId(project_id))
        command_id = uuid_header(request, COMMAND_ID_HEADER)
        body = await read_body(request, self.door.settings.max_body_bytes)
        if body:
            check_is_json(request)
        name = f"{request.path_params['feature']}/{request.path_params['command']}"
        reply, effects = await self.door.dispatcher.command(
            Caller(principal, grant),
            name,
            body,
            None if command_id is None else CommandId(command_id),
        )
        self.door.dispatcher.perform(effects)
        return JSONResponse(to_jsonable_python(reply, bytes_mode="base64"))


async def read_body(request: Request, limit: int) -> bytes:
    """Raises: TooLarge when the body has more bytes than the limit; the rest is not read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge(f"A request body has at most {limit} bytes here.")
    return bytes(body)


def check_is_json(request: Request) -> None:
    """Raises: UnsupportedMediaType when the body is called something else than plain JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON:
        raise UnsupportedMediaType(f"This is sent as JSON: with Content-Type: {JSON}.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("This is sent as it is: leave Content-Encoding out.")


def uuid_header(request: Request, header: str) -> UUID | None:
    """Raises: BadRequest when the header holds something else."""
    value = request.headers.get(header)
    if value is None:
        return None
    try:
        return UUID(value)
    except ValueError:
        raise BadRequest(f"The header {header} holds a UUID.") from None
