"""What browsers and operators ask for: the forms of signing in, health, these documents themselves."""

from server.transport.openapi.parts import headers, problems
from server.transport.openapi.schemas import Json

HTML: Json = {"text/html": {"schema": {"type": "string"}}}
FORM = "application/x-www-form-urlencoded"
NEXT: Json = {"type": "string", "maxLength": 512, "description": "Path of this server to go to afterwards"}
FORM_REFUSALS = ("400", "401", "403", "413", "422", "429", "503")
BY_BROWSERS = "A form of our own pages: Origin or Sec-Fetch-Site must say so. Refusals are pages, too."


def page_paths() -> Json:
    return {
        "/signin": {"get": _sign_in()},
        "/signin/email": {"get": _confirm_page(), "post": _form("ask", "Send a link to an address", {"email": TEXT})},
        "/signin/confirm": {"post": _form("confirm", "Use the link of a mail up", {"email": TEXT, "token": TEXT})},
        "/signin/guest": {"post": _form("guest", "Come in as a guest, where they are let in", {"name": TEXT})},
        "/signout": {"post": _sign_out()},
        "/dev/mail": {"get": _mails()},
        "/healthz": {"get": _health("alive", "The process answers", ready=False)},
        "/readyz": {"get": _health("ready", "Whether people should be sent here", ready=True)},
        "/metrics": {"get": _metrics()},
        "/api": {"get": _reference()},
        "/api/openapi.json": {"get": _document()},
    }


TEXT: Json = {"type": "string", "maxLength": 400}


def _query(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _page(description: str) -> Json:
    return {"description": description, "headers": headers(), "content": HTML}


def _see_other(description: str) -> Json:
    location: Json = {"Location": {"schema": {"type": "string"}}}
    return {"description": description, "headers": headers() | location}


def _sign_in() -> Json:
    return {
        "tags": ["signing in"],
        "operationId": "signin_page",
        "summary": "The page to sign in at",
        "description": "With `key`, the link that `python -m server dev` prints, it signs in at once.",
        "security": [],
        "parameters": [
            _query("next", "Where to go afterwards", NEXT),
            _query("key", "Of the development link", TEXT),
            _query("name", "Who signs in by the development link", TEXT),
        ],
        "responses": {
            "200": _page("The page"),
            "303": _see_other("Signed in"),
            "403": _page("The host name is not served here") | {"content": HTML | _problem_content()},
            **problems((401, 422, 503)),
        },
    }


def _problem_content() -> Json:
    return {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _confirm_page() -> Json:
    return {
        "tags": ["signing in"],
        "operationId": "signin_link",
        "summary": "What the link of a mail opens: a button, which signs in",
        "security": [],
        "parameters": [_query("email", "Of the mail", TEXT), _query("token", "Of the mail", TEXT)],
        "responses": {"200": _page("The button")},
    }


def _form(name: str, summary: str, fields: Json) -> Json:
    schema: Json = {"type": "object", "properties": fields | {"next": NEXT}}
    return {
        "tags": ["signing in"],
        "operationId": f"signin_{name}",
        "summary": summary,
        "description": BY_BROWSERS,
        "security": [],
        "requestBody": {"content": {FORM: {"schema": schema}}},
        "responses": {
            "200": _page("What comes next"),
            "303": _see_other("Signed in"),
            **{status: _page("Why not") for status in FORM_REFUSALS},
        },
    }


def _sign_out() -> Json:
    return {
        "tags": ["signing in"],
        "operationId": "signout",
        "summary": "End the session of the cookie, and the sockets that it opened",
        "security": [{"cookie": []}],
        "responses": {"303": _see_other("Signed out"), **problems((400, 403, 429, 500, 503, 504))},
    }


def _mails() -> Json:
    return {
        "tags": ["operations"],
        "operationId": "development_mails",
        "summary": "The mails that `python -m server dev` would have sent",
        "security": [],
        "parameters": [_query("key", "Of the development link", TEXT)],
        "responses": {"200": _page("The mails"), **problems((401, 403, 404))},
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
        "responses": {"200": _page("The page"), "304": {"description": "Unchanged", "headers": headers("ETag")}},
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
