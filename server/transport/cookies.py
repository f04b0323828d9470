"""Our cookies, the session's before all: names and flags follow from whether the connection is encrypted."""

import math
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from server.settings import Settings

PLAIN_NAME = "flashio-session"
HOST_PREFIX = "__Host-"  # browsers take such a cookie over TLS only, for this host only
SECURE_NAME = f"{HOST_PREFIX}{PLAIN_NAME}"
AUTHJS_NAMES = ("authjs.session-token", "next-auth.session-token")  # version 5, version 4
AUTHJS_SECURE = "__Secure-"
BROWSER_NAME = "flashio-browser"  # while somebody is away at a provider: only the browser that left may come back
BROWSER_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
KEPT_S = 400 * 24 * 3600  # the longest that browsers keep a cookie: when a session ends is decided in the database
MAX_CHUNKS = 16  # of 4 KB: more than browsers keep for one host


def session_token(request: HTTPConnection, settings: Settings) -> str | None:
    """The token in the request's cookie, if it has one.

    Over TLS the plain name is not read: a neighbouring host name could have set it.
    """
    return request.cookies.get(_name(is_secure(request, settings))) or None


def authjs_cookies(request: HTTPConnection, settings: Settings) -> Iterator[tuple[str, str]]:
    """Name and value of the session cookies that Auth.js set, whole again where it had to cut them."""
    prefix = AUTHJS_SECURE if is_secure(request, settings) else ""
    for base in AUTHJS_NAMES:
        name = prefix + base
        value = request.cookies.get(name) or "".join(_chunks(request.cookies, name))
        if value:
            yield name, value


def _chunks(cookies: Mapping[str, str], name: str) -> Iterator[str]:
    for number in range(MAX_CHUNKS):
        chunk = cookies.get(f"{name}.{number}")
        if chunk is None:
            return
        yield chunk


def set_session(response: Response, request: HTTPConnection, settings: Settings, token: str) -> None:
    """Sign the browser in. The cookie does not end when the session first would: that moves while it is used."""
    secure = is_secure(request, settings)
    response.set_cookie(_name(secure), token, max_age=KEPT_S, path="/", httponly=True, samesite="lax", secure=secure)


def browser_secret(request: HTTPConnection, settings: Settings) -> str | None:
    """The secret that this browser keeps while somebody signs in with a provider."""
    value = request.cookies.get(_browser_name(is_secure(request, settings)), "")
    return value if BROWSER_SECRET.fullmatch(value) else None


def set_browser_secret(response: Response, request: HTTPConnection, settings: Settings, secret: str) -> None:
    """Give this browser a secret for as long as one may be away; `Lax`, because the way back begins elsewhere."""
    secure, kept_s = is_secure(request, settings), math.ceil(settings.provider_sign_in_s)
    name = _browser_name(secure)
    response.set_cookie(name, secret, max_age=kept_s, path="/", httponly=True, samesite="lax", secure=secure)


def clear_session(response: Response, request: HTTPConnection, settings: Settings) -> None:
    """Let the browser forget how it was signed in, by whichever program."""
    secure = is_secure(request, settings)
    prefix = AUTHJS_SECURE if secure else ""
    theirs = tuple(prefix + base for base in AUTHJS_NAMES)
    for name in (_name(secure), *(name for name in request.cookies if name.startswith(theirs))):
        response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=secure)


def is_secure(request: HTTPConnection, settings: Settings) -> bool:
    """Whether the browser speaks TLS: to us, or to the proxy in front that PUBLIC_URL names."""
    if request.url.scheme in ("https", "wss"):
        return True
    public = urlsplit(settings.public_url or "")
    return public.scheme == "https" and request.headers.get("host") == public.netloc


def _name(secure: bool) -> str:
    return SECURE_NAME if secure else PLAIN_NAME


def _browser_name(secure: bool) -> str:
    return f"{HOST_PREFIX}{BROWSER_NAME}" if secure else BROWSER_NAME
