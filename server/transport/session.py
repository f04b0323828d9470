"""Signing in and out in a browser. The development link is the only way in yet."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from protocol.ids import ProjectId, UserId
from server.errors import FlashError, Forbidden, Unauthenticated
from server.transport.door import SESSION_COOKIE, Door, storage_told
from server.transport.rpc import problem

MAX_NAME = 40  # characters


@dataclass(frozen=True, slots=True)
class SignInLink:
    """The link that `dev` prints: good while the process runs. `person` finds who signs in with `&name=`, if given."""

    secret: str
    project_id: ProjectId
    person: Callable[[str | None], Awaitable[UserId]]


@dataclass(slots=True)
class SessionEndpoints:
    door: Door
    link: SignInLink | None

    async def sign_in(self, request: Request) -> Response:
        try:
            self.door.check_host(request)
            if self.link is None:
                raise Forbidden("This server has no sign-in link; only `python -m server dev` prints one.")
            if not secrets.compare_digest(request.query_params.get("key", "").encode(), self.link.secret.encode()):
                raise Unauthenticated("This sign-in link is not of the server that runs now; see what it printed.")
            return await self._signed_in(request, self.link)
        except FlashError as error:
            return problem(error.code, str(error))

    async def sign_out(self, request: Request) -> Response:
        try:
            self.door.check_host(request)
            if not self.door.check_origin(request):
                raise Forbidden("Sign out from a page of this server.")
            if token := request.cookies.get(SESSION_COOKIE):
                with storage_told():
                    await self.door.credentials.end_session(token)
                self.door.sign_ins.forget_session(token)
        except FlashError as error:
            return problem(error.code, str(error))
        response = RedirectResponse("/", status_code=303)
        response.delete_cookie(SESSION_COOKIE)
        return response

    async def _signed_in(self, request: Request, link: SignInLink) -> Response:
        days = self.door.settings.session_days
        name = request.query_params.get("name", "").strip()[:MAX_NAME] or None
        with storage_told():
            token, expires = await self.door.credentials.start_session(await link.person(name), days)
        response = RedirectResponse(f"/p/{link.project_id}", status_code=303)
        response.set_cookie(
            SESSION_COOKIE,
            token,
            expires=expires,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response
