"""The archive of everything that is kept about a person, which no command carries."""

from server.transport.openapi.contents import BINARY
from server.transport.openapi.parts import headers, problems
from server.transport.openapi.schemas import Json


def personal_data_paths() -> Json:
    return {"/account/export": {"get": _account()}}


def _account() -> Json:
    return {
        "tags": ["contents"],
        "operationId": "account_export",
        "summary": "All of the caller's data as a zip archive",
        "description": "Needs a sign-in, not a bearer token.",
        "x-ability": "signed in",
        "security": [{"cookie": []}],
        "responses": {
            "200": {
                "description": "The archive",
                "headers": headers(),
                "content": {"application/zip": {"schema": BINARY}},
            },
            **problems([400, 401, 403, 429, 500, 503, 504]),
        },
    }
