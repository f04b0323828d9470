"""The tree of errors that reach a client: each leaf has its code from `protocol.errors`."""

from typing import ClassVar
from uuid import UUID

from protocol.errors import ERRORS, ErrorCode


class FlashError(Exception):
    """An error that a client is told; `str()` of it is shown to people and says what to do next."""

    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL

    def __init__(self, message: str = "") -> None:
        super().__init__(message or ERRORS[self.code].text)


class BadRequest(FlashError):
    code = ErrorCode.BAD_REQUEST


class Unauthenticated(FlashError):
    code = ErrorCode.UNAUTHENTICATED


class Forbidden(FlashError):
    code = ErrorCode.FORBIDDEN


class NotFound(FlashError):
    code = ErrorCode.NOT_FOUND


class Conflict(FlashError):
    code = ErrorCode.CONFLICT


class Gone(FlashError):
    code = ErrorCode.GONE


class PreconditionFailed(FlashError):
    code = ErrorCode.PRECONDITION_FAILED


class TooLarge(FlashError):
    code = ErrorCode.TOO_LARGE


class UnsupportedMediaType(FlashError):
    code = ErrorCode.UNSUPPORTED_MEDIA_TYPE


class ForeignLineage(FlashError):
    code = ErrorCode.FOREIGN_LINEAGE


class ReplicaEnded(FlashError):
    code = ErrorCode.REPLICA_ENDED


class Invalid(FlashError):
    code = ErrorCode.INVALID


class Quarantined(FlashError):
    code = ErrorCode.QUARANTINED

    def __init__(self, document_id: UUID) -> None:
        super().__init__(
            "This document holds an unreadable entry and is set aside; the rest of the project works. "
            f"An operator can run: python -m server document repair {document_id}"
        )


class UnsupportedVersion(FlashError):
    code = ErrorCode.UNSUPPORTED_VERSION


class Unavailable(FlashError):
    code = ErrorCode.UNAVAILABLE


class TimedOut(FlashError):
    code = ErrorCode.TIMEOUT


class RateLimited(FlashError):
    code = ErrorCode.RATE_LIMITED


class LimitReached(FlashError):
    code = ErrorCode.LIMIT_REACHED


class StartRefused(Exception):
    """The process cannot start; the message is one sentence for the operator, who sees nothing else."""
