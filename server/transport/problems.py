"""Errors over HTTP as RFC 9457 has them, those of the web framework included."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from protocol.errors import ERRORS, ErrorCode
from protocol.problem import MEDIA_TYPE, Problem
from server.visit import current_visit

RETRY_AFTER_S = "1"  # limits are per second, and a storage that is back takes requests at once
FOR_READING = ("GET", "HEAD")  # static files, which have no routes of their own
DETAILS = {
    ErrorCode.NOT_FOUND: "Nothing is at this address. GET /api lists what there is.",
    ErrorCode.METHOD_NOT_ALLOWED: "This address does not take that method; the header Allow names those that it takes.",
}


def problem(
    code: ErrorCode, detail: str = "", *, status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The response that tells an error, by its own status unless another is given."""
    told = Problem.of(code, detail, request_id=current_visit().request_id, status=status)
    wait = {"retry-after": RETRY_AFTER_S} if told.status in (429, 503) else {}
    return Response(told.model_dump_json(), told.status, {**wait, **(headers or {})}, media_type=MEDIA_TYPE)


async def refused(request: Request, error: Exception) -> Response:
    """What the web framework refuses by itself: no such address, not with that method.

    Raises:
        TypeError: it is registered for other errors than `HTTPException`.
    """
    if not isinstance(error, HTTPException):
        raise TypeError(f"{type(error).__name__} is no refusal of the framework")
    code = _code_of(error.status_code)
    headers = {"allow": _methods_at(request)} if code is ErrorCode.METHOD_NOT_ALLOWED else error.headers
    return problem(code, DETAILS.get(code, ""), status=error.status_code, headers=headers)


def _methods_at(request: Request) -> str:
    """What the address takes by all routes of its form: the framework names those of the first alone."""
    path: str = request.scope["path"]
    there = [route for route in request.app.routes if isinstance(route, Route) and route.path_regex.match(path)]
    methods = {method for route in there if route.path == there[0].path for method in route.methods or ()}
    return ", ".join(sorted(methods) or FOR_READING)


def _code_of(status: int) -> ErrorCode:
    found = next((code for code, entry in ERRORS.items() if entry.http_status == status), None)
    return found or (ErrorCode.BAD_REQUEST if status < 500 else ErrorCode.INTERNAL)
