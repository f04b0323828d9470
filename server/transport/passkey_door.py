"""Signing in with a passkey: two calls of the sign-in page's script, answered in JSON."""

import json
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.errors import BadRequest, FlashError
from server.features.accounts.passkey_sign_in import METHOD, PasskeySignIn
from server.transport.cookies import set_session
from server.transport.door import storage_told
from server.transport.problems import problem
from server.transport.rpc import read_body
from server.transport.session import SessionEndpoints, safe_next

MAX_ANSWER_BYTES = 32_768


@dataclass(slots=True)
class PasskeyEndpoints:
    """Who may try, and how often, is the same as for the forms of `SessionEndpoints`."""

    sessions: SessionEndpoints
    passkeys: PasskeySignIn = field(init=False)

    def __post_init__(self) -> None:
        self.passkeys = PasskeySignIn(self.sessions.services)

    async def options(self, request: Request) -> Response:
        """What the browser's `navigator.credentials.get` needs."""
        try:
            self.sessions.check_try(request)
            with storage_told():
                asked = await self.passkeys.ask()
        except FlashError as error:
            return problem(error.code, str(error))
        return JSONResponse(asked.model_dump(mode="json"), headers={"cache-control": "no-store"})

    async def confirm(self, request: Request) -> Response:
        """The browser's answer, `{credential, next}`: start a session and say where to go."""
        try:
            self.sessions.check_try(request)
            given = await _answer(request)
            with storage_told():
                visit = self.sessions.visit(request, METHOD)
                started = await self.passkeys.confirm(given.get("credential", ""), visit)
        except FlashError as error:
            return problem(error.code, str(error))
        self.sessions.door.dispatcher.perform(started.effects)
        response = JSONResponse({"next": safe_next(given)}, headers={"cache-control": "no-store"})
        set_session(response, request, self.sessions.services.settings, started.token)
        return response


async def _answer(request: Request) -> dict[str, str]:
    """Raises: TooLarge, or BadRequest when it is no object of texts."""
    try:
        given = json.loads(await read_body(request, MAX_ANSWER_BYTES))
    except (ValueError, RecursionError):
        raise BadRequest("The body is JSON: {credential, next}.") from None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise BadRequest("The body is JSON: {credential, next}, both texts.")
    return given
