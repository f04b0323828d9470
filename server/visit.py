"""Where the work of this moment comes from, for logs and the audit: ambient, so that nothing has to hand it on."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from structlog.contextvars import bound_contextvars

MAX_REQUEST_ID = 128  # characters
MAX_ADDRESS = 64


@dataclass(frozen=True, slots=True)
class Visit:
    """`request_id` names the HTTP request, or the handshake of the socket that a command came by.

    Both are None for what nobody asked for, such as jobs, and for the command line.
    """

    request_id: str | None = None
    address: str | None = None


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
