"""The session cookie: its name and its flags follow from whether the connection is encrypted."""

from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from server.settings import Settings

PLAIN_NAME = "flashio-session"
SECURE_NAME = f"__Host-{PLAIN_NAME}"  # browsers take it over TLS only, for this host only


def session_token(request: HTTPConnection, settings: Settings) -> str | None:
    """The token in the request's cookie, if it has one.

    Over TLS the plain name is not read: a neighbouring host name could have set it.
    """
    return request.cookies.get(_name(is_secure(request, settings))) or None


def set_session(response: Response, request: HTTPConnection, settings: Settings, token: str, expires: datetime) -> None:
    secure = is_secure(request, settings)
    response.set_cookie(_name(secure), token, expires=expires, path="/", httponly=True, samesite="lax", secure=secure)


def clear_session(response: Response, request: HTTPConnection, settings: Settings) -> None:
    secure = is_secure(request, settings)
    response.delete_cookie(_name(secure), path="/", httponly=True, samesite="lax", secure=secure)


def is_secure(request: HTTPConnection, settings: Settings) -> bool:
    """Whether the browser speaks TLS: to us, or to the proxy in front that PUBLIC_URL names."""
    if request.url.scheme in ("https", "wss"):
        return True
    public = urlsplit(settings.public_url or "")
    return public.scheme == "https" and request.headers.get("host") == public.netloc


def _name(secure: bool) -> str:
    return SECURE_NAME if secure else PLAIN_NAME
