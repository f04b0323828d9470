"""Every request has an id: in its answer, in problems, in log lines and in the audit."""

import re
from dataclasses import dataclass
from uuid import uuid4

import structlog
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from protocol.errors import ErrorCode
from server.transport.problems import problem
from server.transport.visitors import network_address
from server.visit import MAX_ADDRESS, MAX_REQUEST_ID, Visit, visiting

HEADER = b"x-request-id"
WELL_FORMED = re.compile(rb"[A-Za-z0-9._:=/+-]{1,%d}" % MAX_REQUEST_ID)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visits:
    """ASGI middleware: takes the id that a request brings when it is well-formed, else makes one.

    What nobody foresaw is answered here, and logged under the id, before it goes on to the server below.
    """

    app: ASGIApp
    forwarded_hops: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        visit = Visit(_request_id(scope), network_address(HTTPConnection(scope), self.forwarded_hops)[:MAX_ADDRESS])
        with visiting(visit):
            if scope["type"] == "websocket":
                await self.app(scope, receive, send)
            else:
                await self._answered(scope, receive, _Answer(send, (visit.request_id or "").encode()))

    async def _answered(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self.app(scope, receive, answer)
        except Exception:
            log.exception("request failed", path=scope["path"], method=scope["method"])
            if not answer.has_begun:
                await problem(ErrorCode.INTERNAL)(scope, receive, answer)
            raise


@dataclass(slots=True)
class _Answer:
    """An ASGI send that adds the id to the head of the answer."""

    send: Send
    request_id: bytes
    has_begun: bool = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            message["headers"] = [*message.get("headers", []), (HEADER, self.request_id)]
        await self.send(message)


def _request_id(scope: Scope) -> str:
    """The client's own, so that one id follows a request through every program that it passes."""
    brought: bytes = next((value for name, value in scope["headers"] if name == HEADER), b"")
    return brought.decode() if WELL_FORMED.fullmatch(brought) else uuid4().hex
