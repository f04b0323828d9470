"""Signing in and out in a browser: forms without scripts, by mail or by the link that `dev` prints."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from protocol.accounts import RevokeSession
from protocol.ids import CommandId, ProjectId, UserId
from server.access.passkeys import RelyingParty
from server.access.principal import Principal
from server.access.rate import Buckets
from server.access.signed_cookies import is_signed
from server.errors import BadRequest, FlashError, Forbidden, NotFound, RateLimited, Unauthenticated
from server.feature import Caller, Services
from server.features.accounts.email_links import METHOD, EmailLinks
from server.features.accounts.guests import METHOD as GUEST_METHOD
from server.features.accounts.guests import Guests
from server.features.accounts.signing_in import SignIn, Started, start_session
from server.identity.configured import configured_providers
from server.mail.shown import ShownMail
from server.settings import Settings
from server.transport.cookies import authjs_cookies, clear_session, session_token, set_session
from server.transport.door import Door, storage_told
from server.transport.problems import problem
from server.transport.rpc import read_body
from server.transport.sign_in_pages import confirm_page, mails_page, refused_page, sent_page, sign_in_page
from server.transport.visitors import network_address

MAX_NAME = 40  # characters
MAX_FORM_BYTES = 8_192
MAX_NEXT = 512  # characters
HOME = "/"
MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class SignInLink:
    """The link that `dev` prints: good while the process runs. `person` finds who signs in with `&name=`, if given.

    `mails`: what development shows instead of sending it.
    """

    secret: str
    project_id: ProjectId
    person: Callable[[str | None], Awaitable[UserId]]
    mails: ShownMail

    def check(self, key: str) -> None:
        """Raise unless the key is this link's.

        Raises:
            Unauthenticated: it is not.
        """
        if not secrets.compare_digest(key.encode(), self.secret.encode()):
            raise Unauthenticated("This sign-in link is not of the server that runs now; see what it printed.")


@dataclass(slots=True)
class SessionEndpoints:
    door: Door
    services: Services
    link: SignInLink | None
    links: EmailLinks = field(init=False)
    guests: Guests = field(init=False)
    rates: Buckets = field(init=False)

    def __post_init__(self) -> None:
        per_minute = self.services.settings.sign_ins_per_minute
        self.links = EmailLinks(self.services)
        self.guests = Guests(self.services)
        self.rates = Buckets(per_minute / MINUTE_S, per_minute, self.services.clock.monotonic)

    async def sign_in(self, request: Request) -> Response:
        """The page to sign in at; with `key` the development link, which signs in at once."""
        if "key" in request.query_params:
            return await self._by_link(request)
        try:
            self.door.check_host(request)
        except FlashError as error:
            return refused_page(error, HOME)
        return sign_in_page(
            safe_next(request.query_params),
            sends_mail=self.services.post.is_open,
            takes_passkeys=takes_passkeys(self.services.settings),
            takes_guests=self.services.settings.guests,
            providers=configured_providers(self.services.settings, self.services.clock),
        )

    async def ask(self, request: Request) -> Response:
        """A form: send a link to `email`."""
        form: Mapping[str, str] = {}
        try:
            form = await self._form(request)
            with storage_told():
                return sent_page(await self.links.ask(form.get("email", ""), safe_next(form)))
        except FlashError as error:
            return refused_page(error, safe_next(form))

    async def show(self, request: Request) -> Response:
        """What the link of a mail opens: a button. Nothing is used up by looking."""
        given = request.query_params
        return confirm_page(given.get("email", ""), given.get("token", ""), safe_next(given))

    async def confirm(self, request: Request) -> Response:
        """The button was pressed: use the link up and start a session."""
        form: Mapping[str, str] = {}
        try:
            form = await self._form(request)
            with storage_told():
                started = await self.links.confirm(
                    form.get("email", ""), form.get("token", ""), self.visit(request, METHOD)
                )
            return self._started(request, started, safe_next(form))
        except FlashError as error:
            return refused_page(error, safe_next(form))

    async def guest(self, request: Request) -> Response:
        """A form: come in as a guest called `name`."""
        form: Mapping[str, str] = {}
        try:
            form = await self._form(request)
            with storage_told():
                started = await self.guests.welcome(form.get("name", ""), self.visit(request, GUEST_METHOD))
            return self._started(request, started, safe_next(form))
        except FlashError as error:
            return refused_page(error, safe_next(form))

    async def sign_out(self, request: Request) -> Response:
        """End the session of the cookie, and the sockets that it opened."""
        try:
            self.door.check_host(request)
            if not self.door.check_origin(request):
                raise Forbidden("Sign out from a page of this server.")
            await self._end_sessions(request)
        except FlashError as error:
            return problem(error.code, str(error))
        response = RedirectResponse(HOME, status_code=303)
        clear_session(response, request, self.services.settings)
        return response

    async def mails(self, request: Request) -> Response:
        """Development's mailbox, for who has the development link."""
        try:
            self.door.check_host(request)
            if self.link is None:
                raise NotFound("Only `python -m server dev` shows mails.")
            self.link.check(request.query_params.get("key", ""))
        except FlashError as error:
            return problem(error.code, str(error))
        return mails_page(list(reversed(self.link.mails.kept)))

    async def _by_link(self, request: Request) -> Response:
        try:
            self.door.check_host(request)
            if self.link is None:
                raise Forbidden("This server has no sign-in link; only `python -m server dev` prints one.")
            self.link.check(request.query_params["key"])
            name = request.query_params.get("name", "").strip()[:MAX_NAME] or None
            with storage_told():
                user_id = await self.link.person(name)
                async with self.services.db.transaction() as tx:
                    started = await start_session(
                        tx, self.services.settings, self.services.clock, user_id, self.visit(request, "link")
                    )
            return self._started(request, started, f"/p/{self.link.project_id}")
        except FlashError as error:
            return problem(error.code, str(error))

    async def _end_sessions(self, request: Request) -> None:
        """End every session that the request's cookies name; a signed cookie has none, and is only forgotten."""
        settings = self.services.settings
        ours = session_token(request, settings)
        theirs = [value for _, value in authjs_cookies(request, settings) if not is_signed(value)]
        for token in ([ours] if ours else []) + theirs:
            try:
                with storage_told():
                    principal = await self.door.credentials.of_session(token)
            except Unauthenticated:
                continue
            if principal.credential is not None and principal.credential.id is not None:
                await self._end(principal, principal.credential.id)

    async def _end(self, principal: Principal, session_id: UUID) -> None:
        command = RevokeSession(id=session_id).model_dump(mode="python")
        _, effects = await self.door.dispatcher.command(
            Caller(principal, None), RevokeSession.name, command, CommandId(uuid4())
        )
        self.door.dispatcher.perform(effects)

    def check_rate(self, request: Request) -> None:
        """Count a try to sign in.

        Raises:
            RateLimited: too many came from that network.
        """
        if not self.rates.of(self.door.network(request)).try_take():
            raise RateLimited("Too many tries to sign in from your network. Wait a minute.")

    def check_try(self, request: Request) -> None:
        """Count a try to sign in that needs a page of ours.

        Raises:
            Forbidden: another page asks, which could sign people in as somebody else without their knowing.
            RateLimited: too many tries came from there.
        """
        self.door.check_host(request)
        if not self.door.check_origin(request):
            raise Forbidden("Sign in from a page of this server.")
        self.check_rate(request)

    async def _form(self, request: Request) -> Mapping[str, str]:
        """The fields of a form that one of our own pages sent, and not too often.

        Raises:
            Forbidden, RateLimited: see `check_try`.
            TooLarge, BadRequest: no such form.
        """
        self.check_try(request)
        body = await read_body(request, MAX_FORM_BYTES)
        try:
            return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=10, errors="strict"))
        except ValueError:
            raise BadRequest("That is not a form of this server's pages.") from None

    def visit(self, request: Request, method: str) -> SignIn:
        """How and from where this request signs somebody in."""
        address = network_address(request, self.services.settings.forwarded_hops)
        return SignIn(method, request.headers.get("user-agent"), address)

    def _started(self, request: Request, started: Started, next_path: str) -> Response:
        self.door.dispatcher.perform(started.effects)
        response = RedirectResponse(next_path, status_code=303)
        set_session(response, request, self.services.settings, started.token)
        return response


def takes_passkeys(settings: Settings) -> bool:
    """Whether the server knows the name that passkeys are bound to."""
    try:
        RelyingParty.of(settings.public_url)
    except Forbidden:
        return False
    return True


def safe_next(given: Mapping[str, str]) -> str:
    """Where to go after signing in: a path of this server, whatever the request says."""
    path = given.get("next", HOME)
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and len(path) <= MAX_NEXT
    return path if is_ours and path.isprintable() and "\\" not in path else HOME
