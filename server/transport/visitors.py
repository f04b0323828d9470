"""Where a request comes from, as far as that can be known: for rate limits and for people's lists of sessions."""

import ipaddress

from starlette.requests import HTTPConnection

NOBODY = "unknown"
IPV6_SITE_BITS = 64  # one customer's network: a single machine has all of its addresses


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


def network_of(address: str) -> str:
    """What is counted as one visitor: an IPv4 address, or an IPv6 network of 64 bits."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_SITE_BITS), strict=False))


def _normal(address: str) -> str | None:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None
