"""How every HTTP address says that something went wrong: `application/problem+json` (RFC 9457)."""

from pydantic import Field

from protocol.errors import ERRORS, ErrorCode
from protocol.model import WireModel

MEDIA_TYPE = "application/problem+json"


class Problem(WireModel):
    """What went wrong, for people (`title`, `detail`) and for programs (`code`, `retry`)."""

    type: str = Field(description="`urn:flashio:error:` and the code")
    title: str = Field(description="The same for every problem of this code")
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="What happened here, and what to do next")
    code: ErrorCode
    number: int = Field(description="The code as sockets are closed with it")
    retry: bool = Field(description="Whether the same request may succeed later")
    request_id: str | None = Field(description="X-Request-ID of the request, as in the server's log")

    @classmethod
    def of(cls, code: ErrorCode, detail: str, *, request_id: str | None, status: int | None = None) -> "Problem":
        """A problem as the table of errors has it; `status` where a protocol above HTTP asks for another one."""
        entry = ERRORS[code]
        return cls(
            type=f"urn:flashio:error:{code}",
            title=entry.text,
            status=status or entry.http_status,
            detail=detail or entry.text,
            code=code,
            number=entry.number,
            retry=entry.retry,
            request_id=request_id,
        )
