"""Where the work of this moment comes from, for logs and the audit: ambient, so that nothing has to hand it on."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from structlog.contextvars import bound_contextvars

MAX_REQUEST_ID = 128  # characters
MAX_ADDRESS = 64
IPV6_SITE_BITS = 64  # one customer's network: a single machine has all of its addresses


@dataclass(frozen=True, slots=True)
class Visit:
    """`request_id` names the HTTP request, or the handshake of the socket that a command came by.

    Both are None for what nobody asked for, such as jobs, and for the command line.
    """

    request_id: str | None = None
    address: str | None = None

    @property
    def network(self) -> str | None:
        """What limits count as one visitor."""
        return None if self.address is None else network_of(self.address)


NOBODY = Visit()
_current: ContextVar[Visit] = ContextVar("visit", default=NOBODY)


def current_visit() -> Visit:
    return _current.get()


@contextmanager
def visiting(visit: Visit) -> Iterator[None]:
    """What happens in the block, awaits and tasks begun there included, belongs to the visit; log lines name it."""
    token = _current.set(visit)
    try:
        with bound_contextvars(request_id=visit.request_id):
            yield
    finally:
        _current.reset(token)


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
