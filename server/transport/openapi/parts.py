"""What many operations share: parameters, headers, problems, ways to sign in. They are named in `components`."""

from collections.abc import Iterable
from http import HTTPStatus

from protocol.errors import ERRORS, ErrorCode
from protocol.problem import MEDIA_TYPE, Problem
from server.transport.openapi.schemas import Json

EVERY_REQUEST = (400, 401, 403, 404, 413, 415, 422, 429, 500, 503, 504)
EXAMPLE_ID = "6f1b2a345c6d4e7f8a9b0c1d2e3f4a5b"
UUID_SCHEMA: Json = {"type": "string", "format": "uuid"}

PARAMETERS: Json = {
    "Project": {
        "name": "X-Project",
        "in": "header",
        "required": True,
        "description": "The project that the command works in",
        "schema": UUID_SCHEMA,
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": (
            "Made by the client, new for each command. The same key with the same body gets the first answer again, "
            "without a second effect; with another body it is refused (422)"
        ),
        "schema": UUID_SCHEMA,
    },
    "RequestId": {
        "name": "X-Request-ID",
        "in": "header",
        "description": "Names the request in logs, problems and the audit; made by the server when absent",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:=/+-]{1,128}$"},
    },
    "ProjectId": {"name": "project", "in": "path", "required": True, "schema": UUID_SCHEMA},
    "Path": {
        "name": "path",
        "in": "path",
        "required": True,
        "description": "Path of the file in the project; its slashes are not escaped",
        "schema": {"type": "string", "minLength": 1, "maxLength": 1024},
        "example": "src/main.py",
    },
    "Ticket": {
        "name": "ticket",
        "in": "query",
        "description": "A single-use ticket in place of another credential, for links that cannot send headers",
        "schema": {"type": "string", "maxLength": 4096},
    },
}

HEADERS: Json = {
    "RequestId": {"description": "The id of this request", "required": True, "schema": {"type": "string"}},
    "RetryAfter": {"description": "Seconds to wait", "schema": {"type": "integer"}},
    "ETag": {"description": "The version of the content, as If-Match takes it", "schema": {"type": "string"}},
}

SECURITY_SCHEMES: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of `accounts/create_token`, of `accounts/project_token` or of the command line",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "flashio-session",
        "description": (
            "The session of a signed-in browser (over TLS `__Host-flashio-session`). It counts only for pages of this "
            "server or of ALLOWED_ORIGINS, by Origin or Sec-Fetch-Site"
        ),
    },
    "ticket": {
        "type": "apiKey",
        "in": "query",
        "name": "ticket",
        "description": "A ticket of `accounts/ticket`: once, within 30 s, in the project it was made in",
    },
}


def parameter(name: str) -> Json:
    return {"$ref": f"#/components/parameters/{name}"}


def headers(*names: str) -> Json:
    """The headers of an answer; every one has the id of its request."""
    return {HEADERS_BY_NAME[name]: {"$ref": f"#/components/headers/{name}"} for name in ("RequestId", *names)}


HEADERS_BY_NAME = {"RequestId": "X-Request-ID", "ETag": "ETag", "RetryAfter": "Retry-After"}


def problems(statuses: Iterable[int]) -> Json:
    """The refusals of an operation, by status."""
    return {str(status): {"$ref": f"#/components/responses/{_name(status)}"} for status in sorted(statuses)}


def problem_responses() -> Json:
    """Every status that a problem can have, with an example of each code."""
    statuses = sorted({entry.http_status for entry in ERRORS.values()} | {416, 460})
    return {_name(status): _response(status) for status in statuses}


def _name(status: int) -> str:
    return f"Problem{status}"


def _response(status: int) -> Json:
    codes = [code for code, entry in ERRORS.items() if entry.http_status == status] or [ErrorCode.INVALID]
    told = {str(code): Problem.of(code, "", request_id=EXAMPLE_ID, status=status) for code in codes}
    media: Json = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {code: {"value": problem.model_dump(mode="json")} for code, problem in told.items()},
    }
    description = " ".join(ERRORS[code].text for code in codes) if status != 460 else "Checksum Mismatch (tus 1.0)."
    return {
        "description": description if status != 416 else HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE.description,
        "headers": headers(*(["RetryAfter"] if status in (429, 503) else [])),
        "content": {MEDIA_TYPE: media},
    }
