"""The OpenAPI 3.1 document, put together from the registry of commands and what else is served over HTTP."""

from collections.abc import Iterable

from protocol import VERSION
from protocol.accounts import SignInProvider
from protocol.model import reply_of
from protocol.problem import Problem
from server.feature import CommandSpec
from server.transport.openapi.archives import archive_paths
from server.transport.openapi.commands import command_paths
from server.transport.openapi.contents import content_paths
from server.transport.openapi.operations import operation_paths
from server.transport.openapi.parts import HEADERS, PARAMETERS, SECURITY_SCHEMES, problem_responses
from server.transport.openapi.personal_data import personal_data_paths
from server.transport.openapi.schemas import Json, Schemas
from server.transport.openapi.signing_in import signing_in_paths

# What holds for all of it, by title.
ABOUT = {
    "Commands": (
        "What a page of FlashIO does is a command: `POST /api/<feature>/<command>` with a JSON body. The same ones, by "
        "the same names and with the same bodies, go over the WebSocket at `/ws`; those that act on an open socket "
        "exist only there. Contents of files have addresses of their own."
    ),
    "Signing in": (
        "A program sends a bearer token. A browser's session cookie counts when the request comes from a page of this "
        "server."
    ),
    "Projects": (
        "Most commands work in a project, which `X-Project` names. `x-ability` says what the caller must be allowed to "
        "do there."
    ),
    "Repeating": (
        "A command that changes something carries an `Idempotency-Key`. Sent again with the same body it gets the "
        "first answer and has no second effect, over the socket too."
    ),
    "Errors": (
        "Every refusal is `application/problem+json` (RFC 9457). `code` is for programs, `detail` for people, and "
        "`retry` says whether the same request may succeed later."
    ),
    "Lists": "Lists have pages: give `next` of a page as `after` of the following one; it is null at the end.",
    "Request ids": "Every answer carries `X-Request-ID`, the caller's own if it sent one. Log and audit know it.",
}

OTHER_TAGS = {
    "contents": "Bytes and texts of files: whole, in parts, resumable",
    "signing in": "Pages and forms of browsers",
    "operations": "Health, metrics, these documents",
}


def api_document(specs: Iterable[CommandSpec]) -> Json:
    """The document; commands that need an open socket are left out."""
    shown = [spec for spec in specs if not spec.needs_socket]
    schemas = Schemas(
        (spec.command for spec in shown), [*(reply_of(spec.command) for spec in shown), Problem, SignInProvider]
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "FlashIO", "version": "{}.{}".format(*VERSION), "description": _about()},
        "tags": _tags(shown),
        "paths": command_paths(shown, schemas)
        | content_paths()
        | archive_paths()
        | personal_data_paths()
        | signing_in_paths()
        | operation_paths(),
        "components": {
            "schemas": schemas.components,
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "responses": problem_responses(),
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _tags(specs: Iterable[CommandSpec]) -> list[Json]:
    features = dict.fromkeys(spec.command.name.partition("/")[0] for spec in specs)
    return [{"name": name} for name in features] + [
        {"name": name, "description": description} for name, description in OTHER_TAGS.items()
    ]


def _about() -> str:
    return "\n\n".join(f"**{title}.** {text}" for title, text in ABOUT.items())
