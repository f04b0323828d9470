"""What operators and tools ask for: health, metrics, development's mail, these documents themselves."""

from server.transport.openapi.browsing import page, query
from server.transport.openapi.parts import headers, problems
from server.transport.openapi.schemas import Json


def operation_paths() -> Json:
    return {
        "/dev/mail": {"get": _mails()},
        "/healthz": {"get": _health("alive", "The process answers", ready=False)},
        "/readyz": {"get": _health("ready", "Whether people should be sent here", ready=True)},
        "/metrics": {"get": _metrics()},
        "/api": {"get": _reference()},
        "/api/openapi.json": {"get": _document()},
    }


def _mails() -> Json:
    return {
        "tags": ["operations"],
        "operationId": "development_mails",
        "summary": "The mails that `python -m server dev` would have sent",
        "security": [],
        "parameters": [query("key", "Of the development link", {"type": "string", "maxLength": 400})],
        "responses": {"200": page("The mails"), **problems((401, 403, 404))},
    }


def _health(name: str, summary: str, *, ready: bool) -> Json:
    fields: Json = {"status": {"type": "string"}}
    if ready:
        fields["checks"] = {"type": "object", "additionalProperties": {"type": "string"}}
    schema: Json = {"type": "object", "properties": fields, "required": list(fields)}
    told: Json = {"headers": headers(), "content": {"application/json": {"schema": schema}}}
    answers = {"200": {"description": "Yes"} | told}
    return {
        "tags": ["operations"],
        "operationId": f"health_{name}",
        "summary": summary,
        "security": [],
        "responses": answers | ({"503": {"description": "No, and why"} | told} if ready else {}),
    }


def _metrics() -> Json:
    return {
        "tags": ["operations"],
        "operationId": "metrics",
        "summary": "Metrics for Prometheus",
        "security": [],
        "responses": {
            "200": {
                "description": "The exposition",
                "headers": headers(),
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        },
    }


def _reference() -> Json:
    return {
        "tags": ["operations"],
        "operationId": "reference",
        "summary": "This document as a page",
        "security": [],
        "responses": {"200": page("The page"), "304": {"description": "Unchanged", "headers": headers("ETag")}},
    }


def _document() -> Json:
    return {
        "tags": ["operations"],
        "operationId": "openapi",
        "summary": "This document",
        "security": [],
        "responses": {
            "200": {
                "description": "OpenAPI 3.1",
                "headers": headers("ETag"),
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            "304": {"description": "Unchanged", "headers": headers("ETag")},
        },
    }
