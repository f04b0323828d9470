"""The one table of errors and close codes: a name, a number, a text, and whether trying again can help.

Numbers 4400-4499 mean "do not retry unchanged", 4500-4599 "retry later"; y-websocket 3.1 and our client obey them.
Beside these a socket may close with 1000-1013 as RFC 6455 section 7.4 defines them (see `CloseCode`).
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class ErrorCode(StrEnum):
    BAD_REQUEST = "bad_request"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    GONE = "gone"
    PRECONDITION_FAILED = "precondition_failed"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    FOREIGN_LINEAGE = "foreign_lineage"
    REPLICA_ENDED = "replica_ended"
    INVALID = "invalid"
    QUARANTINED = "quarantined"
    UNSUPPORTED_VERSION = "unsupported_version"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    LIMIT_REACHED = "limit_reached"


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """`number` is the close code when the error ends the socket; `http_status` its form on `POST /api/...`."""

    number: int
    http_status: int
    text: str

    @property
    def retry(self) -> bool:
        return self.number >= 4500


ERRORS: dict[ErrorCode, ErrorEntry] = {
    ErrorCode.BAD_REQUEST: ErrorEntry(4400, 400, "The frame or request cannot be understood."),
    ErrorCode.UNAUTHENTICATED: ErrorEntry(4401, 401, "Sign in, or send a valid token or ticket."),
    ErrorCode.FORBIDDEN: ErrorEntry(4403, 403, "Your role or token does not allow this."),
    ErrorCode.NOT_FOUND: ErrorEntry(4404, 404, "There is no such thing, or you may not see it."),
    ErrorCode.METHOD_NOT_ALLOWED: ErrorEntry(4405, 405, "This address does not take that method."),
    ErrorCode.CONFLICT: ErrorEntry(4409, 409, "It exists already or changed meanwhile."),
    ErrorCode.GONE: ErrorEntry(4410, 410, "It was deleted."),
    ErrorCode.PRECONDITION_FAILED: ErrorEntry(4412, 412, "It changed since you read it; read it again."),
    ErrorCode.TOO_LARGE: ErrorEntry(4413, 413, "It is over a limit of this server."),
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: ErrorEntry(4415, 415, "The body is not of a type that is understood here."),
    ErrorCode.FOREIGN_LINEAGE: ErrorEntry(4419, 409, "Your copy belongs to an earlier life of this document."),
    ErrorCode.REPLICA_ENDED: ErrorEntry(4420, 409, "Your copy was ended; open the document anew."),
    ErrorCode.INVALID: ErrorEntry(4422, 422, "A value is not valid."),
    ErrorCode.QUARANTINED: ErrorEntry(4423, 423, "The document is set aside until an operator repairs it."),
    ErrorCode.UNSUPPORTED_VERSION: ErrorEntry(4426, 426, "This server does not speak that protocol version."),
    ErrorCode.INTERNAL: ErrorEntry(4500, 500, "The server failed; it is logged. Try again."),
    ErrorCode.UNAVAILABLE: ErrorEntry(4503, 503, "Storage is not reachable. Try again soon."),
    ErrorCode.TIMEOUT: ErrorEntry(4504, 504, "It took too long. Try again."),
    ErrorCode.LIMIT_REACHED: ErrorEntry(4513, 503, "The server is at a limit. Try again later."),
    ErrorCode.RATE_LIMITED: ErrorEntry(4529, 429, "Too many requests. Slow down."),
}


class CloseCode(IntEnum):
    """The codes of RFC 6455 section 7.4.1 that this server sends."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    INVALID_TEXT = 1007
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013  # the reader was too slow: its outbox reached the byte limit


CLOSE_TEXTS: dict[CloseCode, str] = {
    CloseCode.NORMAL: "Done.",
    CloseCode.GOING_AWAY: "The server or the page goes away; reconnect.",
    CloseCode.PROTOCOL_ERROR: "The WebSocket protocol was violated.",
    CloseCode.UNSUPPORTED_DATA: "Only binary messages are spoken here.",
    CloseCode.INVALID_TEXT: "A text message was not UTF-8.",
    CloseCode.POLICY_VIOLATION: "The Origin, the Host or the first message is not accepted.",
    CloseCode.MESSAGE_TOO_BIG: "A message was over the size limit.",
    CloseCode.INTERNAL_ERROR: "The server failed; reconnect.",
    CloseCode.SERVICE_RESTART: "The server restarts; reconnect after a moment.",
    CloseCode.TRY_AGAIN_LATER: "You read too slowly; reconnect to resync.",
}
