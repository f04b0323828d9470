"""Signing in with a provider: the way there, the way back, and the list of providers for the page."""

import secrets
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from protocol.accounts import SignInProvider
from protocol.ids import UserId
from server.access.secrets import SECRET_BYTES
from server.access.vault import Vault
from server.errors import FlashError, Forbidden, Unauthenticated
from server.features.accounts.own_affairs import own
from server.features.accounts.providers import ProviderSignIns, Returned
from server.identity.configured import configured_providers
from server.identity.port import Provider
from server.transport.cookies import browser_secret, set_browser_secret, set_session
from server.transport.door import storage_told
from server.transport.session import SessionEndpoints, safe_next
from server.transport.sign_in_pages import refused_page

LINK = "link"  # the query parameter that asks to add the provider to one's account
MAX_PARAMETER = 4_096  # characters of what a provider sends along


@dataclass(slots=True)
class ProviderEndpoints:
    """Who may try, and how often, is the same as for the forms of `SessionEndpoints`."""

    sessions: SessionEndpoints
    providers: tuple[Provider, ...] = field(init=False)
    sign_ins: ProviderSignIns = field(init=False)

    def __post_init__(self) -> None:
        services = self.sessions.services
        settings = services.settings
        self.providers = configured_providers(settings, services.clock)
        self.sign_ins = ProviderSignIns(services, self.providers, Vault(settings.encryption_keys))

    async def listed(self, _request: Request) -> Response:
        """The configured providers, for whoever wants to sign in."""
        listed = [SignInProvider(slug=provider.slug, name=provider.name) for provider in self.providers]
        return JSONResponse([provider.model_dump(mode="json") for provider in listed])

    async def begin(self, request: Request) -> Response:
        """Send the browser to the provider, with a secret that it must bring back.

        A GET, because browsers apply the `form-action` of our pages to every address that a provider redirects to. It
        changes nothing here, and what comes of it is decided by who signs in there.
        """
        next_path = safe_next(request.query_params)
        try:
            self.sessions.door.check_host(request)
            self.sessions.check_rate(request)
            user_id = await self._asker(request) if LINK in request.query_params else None
            browser = browser_secret(request, self.sessions.services.settings) or secrets.token_urlsafe(SECRET_BYTES)
            with storage_told():
                address = await self.sign_ins.begin(request.path_params["provider"], browser, next_path, user_id)
        except FlashError as error:
            return refused_page(error, next_path)
        response = RedirectResponse(address, status_code=303, headers={"cache-control": "no-store"})
        set_browser_secret(response, request, self.sessions.services.settings, browser)
        return response

    async def finish(self, request: Request) -> Response:
        """The browser is back: sign its person in, or add the provider to the account of who began this."""
        slug = request.path_params["provider"]
        try:
            self.sessions.door.check_host(request)
            with storage_told():
                finished = await self.sign_ins.finish(
                    slug,
                    browser_secret(request, self.sessions.services.settings) or "",
                    _returned(request),
                    self.sessions.visit(request, slug),
                    await self._visitor(request),
                )
        except FlashError as error:
            return refused_page(error, "/")
        if finished.started is None:
            return RedirectResponse(finished.next_path, status_code=303)
        self.sessions.door.dispatcher.perform(finished.started.effects)
        response = RedirectResponse(finished.next_path, status_code=303)
        set_session(response, request, self.sessions.services.settings, finished.started.token)
        return response

    async def _asker(self, request: Request) -> UserId:
        """Who wants to add a provider: a page of ours asked, so its cookie counts.

        Raises:
            Unauthenticated: nobody is signed in, or another page asked.
            Forbidden: a guest, or a program with a token.
        """
        principal = own(await self.sessions.door.principal(request, None, None))
        if principal.is_guest:
            raise Forbidden("Guests have no account to add this to. Sign in first.")
        return principal.user_id

    async def _visitor(self, request: Request) -> UserId | None:
        """Who is signed in in this browser. The page it comes from is the provider's; the try is bound to us anyway."""
        try:
            return (await self.sessions.door.of_cookies(request)).user_id
        except Unauthenticated:
            return None


def _returned(request: Request) -> Returned:
    def said(name: str) -> str | None:
        value = request.query_params.get(name)
        return None if value is None else value[:MAX_PARAMETER]

    return Returned(said("state") or "", said("code"), said("iss"), said("error"))
