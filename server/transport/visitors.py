"""Where a request comes from, as far as that can be known: for rate limits and for people's lists of sessions."""

import ipaddress

from starlette.requests import HTTPConnection

NOBODY = "unknown"


def network_address(request: HTTPConnection, forwarded_hops: int) -> str:
    """The address of the browser; behind proxies the entry that the outermost trusted one wrote.

    What further entries of X-Forwarded-For say was written by the visitor and is not looked at.
    """
    direct = request.client.host if request.client is not None else NOBODY
    if forwarded_hops == 0:
        return direct
    written = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    if len(written) < forwarded_hops:
        return direct
    return _normal(written[-forwarded_hops].strip()) or direct


def _normal(address: str) -> str | None:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None
