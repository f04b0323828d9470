"""Signing in and out: pages and forms of browsers."""

from server.transport.openapi.browsing import HTML, page, query, see_other
from server.transport.openapi.parts import headers, problems
from server.transport.openapi.schemas import Json

FORM = "application/x-www-form-urlencoded"
TEXT: Json = {"type": "string", "maxLength": 400}
OF_PROVIDER: Json = {"type": "string", "maxLength": 4096, "pattern": "^[ -~]*$"}  # RFC 6749, appendix A
NEXT: Json = {"type": "string", "maxLength": 512, "description": "Path of this server to go to afterwards"}
SCRIPT_REFUSALS = (400, 401, 403, 413, 422, 429, 500, 503, 504)
AWAY_REFUSALS = ("400", "401", "403", "404", "409", "422", "429", "503")
BY_SCRIPT = "For the script of our own sign-in page: Origin or Sec-Fetch-Site must say so."
FORM_REFUSALS = ("400", "401", "403", "413", "422", "429", "503")
PROVIDER: Json = {"name": "provider", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 40}}
BY_BROWSERS = "A form of our own pages: Origin or Sec-Fetch-Site must say so. Refusals are pages, too."


def signing_in_paths() -> Json:
    return {
        "/signin": {"get": _sign_in()},
        "/signin/email": {"get": _confirm_page(), "post": _form("ask", "Send a link to an address", {"email": TEXT})},
        "/signin/confirm": {"post": _form("confirm", "Use the link of a mail up", {"email": TEXT, "token": TEXT})},
        "/signin/guest": {"post": _form("guest", "Come in as a guest, where they are let in", {"name": TEXT})},
        "/signin/passkey/options": {"post": _passkey_options()},
        "/signin/passkey": {"post": _passkey()},
        "/signin/providers": {"get": _providers()},
        "/signin/with/{provider}": {"parameters": [PROVIDER], "get": _with_provider()},
        "/signin/with/{provider}/callback": {"parameters": [PROVIDER], "get": _back_from_provider()},
        "/signout": {"post": _sign_out()},
    }


def _sign_in() -> Json:
    return {
        "tags": ["signing in"],
        "operationId": "signin_page",
        "summary": "The page to sign in at",
        "description": "With `key`, the link that `python -m server dev` prints, it signs in at once.",
        "security": [],
        "parameters": [
            query("next", "Where to go afterwards", NEXT),
            query("key", "Of the development link", TEXT),
            query("name", "Who signs in by the development link", TEXT),
        ],
        "responses": {
            "200": page("The page"),
            "303": see_other("Signed in"),
            "403": page("The host name is not served here") | {"content": HTML | _problem_content()},
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
        "parameters": [query("email", "Of the mail", TEXT), query("token", "Of the mail", TEXT)],
        "responses": {"200": page("The button")},
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
            "200": page("What comes next"),
            "303": see_other("Signed in"),
            **{status: page("Why not") for status in FORM_REFUSALS},
        },
    }


def _passkey_options() -> Json:
    return {
        "tags": ["signing in"],
        "operationId": "signin_passkey_options",
        "summary": "What `navigator.credentials.get` needs",
        "description": BY_SCRIPT,
        "security": [],
        "responses": {"200": _json("A challenge, good once", {"type": "object"}), **problems(SCRIPT_REFUSALS)},
    }


def _passkey() -> Json:
    fields: Json = {"credential": {"type": "string"}, "next": NEXT}
    body: Json = {"type": "object", "properties": fields, "required": ["credential"]}
    return {
        "tags": ["signing in"],
        "operationId": "signin_passkey",
        "summary": "Sign in with a passkey: the browser's answer as JSON text",
        "description": BY_SCRIPT,
        "security": [],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": _json("Signed in", {"type": "object", "properties": {"next": NEXT}, "required": ["next"]}),
            **problems(SCRIPT_REFUSALS),
        },
    }


def _providers() -> Json:
    provider: Json = {"$ref": "#/components/schemas/SignInProvider"}
    return {
        "tags": ["signing in"],
        "operationId": "signin_providers",
        "summary": "The providers that people can sign in with",
        "security": [],
        "responses": {"200": _json("Those that are configured", {"type": "array", "items": provider})},
    }


def _with_provider() -> Json:
    return {
        "tags": ["signing in"],
        "operationId": "signin_with",
        "summary": "Go to a provider to sign in there",
        "security": [],
        "parameters": [query("next", "Where to go afterwards", NEXT), query("link", "Add it to one's account", TEXT)],
        "responses": {"303": see_other("To the provider"), **{status: page("Why not") for status in AWAY_REFUSALS}},
    }


def _back_from_provider() -> Json:
    names = ("state", "code", "iss", "error")
    return {
        "tags": ["signing in"],
        "operationId": "signin_back",
        "summary": "Come back from a provider",
        "security": [],
        "parameters": [query(name, "As the provider says it", OF_PROVIDER) for name in names],
        "responses": {"303": see_other("Signed in"), **{status: page("Why not") for status in AWAY_REFUSALS}},
    }


def _json(description: str, schema: Json) -> Json:
    return {"description": description, "headers": headers(), "content": {"application/json": {"schema": schema}}}


def _sign_out() -> Json:
    return {
        "tags": ["signing in"],
        "operationId": "signout",
        "summary": "End the session of the cookie, and the sockets that it opened",
        "security": [{"cookie": []}],
        "responses": {"303": see_other("Signed out"), **problems((400, 403, 429, 500, 503, 504))},
    }
