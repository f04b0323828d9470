"""A command of the registry as an operation: `POST /api/<feature>/<command>`."""

from typing import Any

from protocol.model import Command, reply_of
from server.access.roles import ability_names
from server.feature import CommandSpec
from server.transport.openapi.examples import example_of
from server.transport.openapi.parts import EVERY_REQUEST, headers, parameter, problems
from server.transport.openapi.schemas import Json, Schemas

JSON = "application/json"
ANYBODY = "signed in"  # what a command needs that needs no ability


def command_paths(specs: list[CommandSpec], schemas: Schemas) -> Json:
    """The paths of all commands that have a meaning without a socket, in the order of their features."""
    return {f"/api/{spec.command.name}": {"post": _operation(spec, schemas)} for spec in specs}


def words_of(command: type[Command[Any]]) -> tuple[str, str]:
    """The first sentence of its docstring, and all of it."""
    text = " ".join((command.__doc__ or "").split())
    return text.partition(". ")[0].removesuffix("."), text


def needs_of(spec: CommandSpec) -> str:
    return ", ".join(ability_names(spec.ability)) or ANYBODY


def _operation(spec: CommandSpec, schemas: Schemas) -> Json:
    command = spec.command
    summary, description = words_of(command)
    sent, told = schemas.sent(command), schemas.told(reply_of(command))
    return {
        "tags": [command.name.partition("/")[0]],
        "operationId": command.name.replace("/", "_"),
        "summary": summary,
        "description": description,
        "x-ability": needs_of(spec),
        "x-mutates": command.mutates,
        "security": [{"bearer": []}, {"cookie": []}],
        "parameters": _parameters(spec),
        "requestBody": {
            "required": bool(schemas.resolved(sent).get("required")),
            "content": {JSON: {"schema": sent, "example": example_of(schemas, sent)}},
        },
        "responses": {
            "200": {
                "description": "Done",
                "headers": headers(),
                "content": {JSON: {"schema": told, "example": example_of(schemas, told)}},
            },
            **problems(_statuses(spec)),
        },
    }


def _parameters(spec: CommandSpec) -> list[Json]:
    names = ["Project"] * spec.is_in_project + ["IdempotencyKey"] * spec.command.mutates + ["RequestId"]
    return [parameter(name) for name in names]


def _statuses(spec: CommandSpec) -> set[int]:
    """How it can be refused: on the way by what every request passes, then by what it works on."""
    statuses = set(EVERY_REQUEST)
    if spec.command.mutates:
        statuses.add(409)  # it exists already, changed meanwhile, or a first try ended nobody knows how
    if spec.is_in_project or spec.command.mutates:
        statuses.add(410)  # what it works on, or who vouched for it, is gone
    if spec.is_in_project:
        statuses |= {409, 423}  # a document may be set aside
    if "if_match" in spec.command.model_fields:
        statuses.add(412)
    return statuses
