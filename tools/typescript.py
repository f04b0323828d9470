"""Writes `client/src/wire.gen.ts`: the types and tables of `protocol/` for TypeScript, from pydantic's own schemas."""

import json
from collections.abc import Iterator
from typing import Any, Literal

from protocol import SUBPROTOCOL, VERSION, message
from protocol.errors import CLOSE_TEXTS, ERRORS, CloseCode, ErrorCode
from protocol.model import Command, Event, WireModel, reply_of
from tools.wire_models import WireModels

Schema = dict[str, Any]  # JSON Schema as pydantic makes it
Mode = Literal["validation", "serialization"]

_HEADER = "// Written by `python -m tools.generate` from protocol/. Do not edit."
_BYTES_FORMATS = {"binary", "base64url"}


def render(models: WireModels) -> str:
    """The whole file, ending in a newline."""
    parts = [
        _HEADER,
        _constants(),
        _table("MessageType", {kind.name: int(kind) for kind in message.Type}),
        *_errors(),
        *_interfaces(models),
        _command_map(models.commands),
        _mutating(models.commands),
        _event_map(models.events),
    ]
    return "\n\n".join(parts) + "\n"


def _constants() -> str:
    major, minor = VERSION
    return "\n".join(
        (
            f"export const SUBPROTOCOL = {json.dumps(SUBPROTOCOL)};",
            f"export const VERSION = {{ major: {major}, minor: {minor} }} as const;",
            f"export const MAX_UINT = {message.MAX_UINT};",
        )
    )


def _table(name: str, entries: dict[str, int]) -> str:
    lines = "\n".join(f"  {key}: {value}," for key, value in entries.items())
    return f"export const {name} = {{\n{lines}\n}} as const;"


def _errors() -> Iterator[str]:
    rows = "\n".join(
        f"  {code}: {{ number: {entry.number}, retry: {json.dumps(entry.retry)}, text: {json.dumps(entry.text)} }},"
        for code, entry in ERRORS.items()
    )
    yield f"export const ERRORS = {{\n{rows}\n}} as const;\n\nexport type ErrorCode = keyof typeof ERRORS;"
    yield _table("CloseCode", {code.name: int(code) for code in CloseCode})
    texts = "\n".join(f"  {int(code)}: {json.dumps(text)}," for code, text in CLOSE_TEXTS.items())
    yield f"export const CLOSE_TEXTS: Readonly<Record<number, string>> = {{\n{texts}\n}};"


def _interfaces(models: WireModels) -> list[str]:
    """Each model once: what a client sends with its defaults optional, what a server sends with every field there."""
    seen: dict[str, str] = {}
    replies = {reply_of(command) for command in models.commands}
    _collect(seen, models.commands, "validation")
    _collect(seen, [*replies, *models.events], "serialization")
    _collect(seen, [model for model in models.others if model.__name__ not in seen], "validation")
    return [seen[name] for name in sorted(seen)]


def _collect(seen: dict[str, str], models: list[Any], mode: Mode) -> None:
    for model in models:
        schema = model.model_json_schema(mode=mode, ref_template="{model}")
        for name, part in {model.__name__: schema, **schema.get("$defs", {})}.items():
            if name == ErrorCode.__name__:
                continue  # written beside the table of errors
            text = _interface(name, part, mode)
            if seen.setdefault(name, text) != text:
                raise ValueError(f"{name} has two forms: give the one that a client sends a name of its own")


def _interface(name: str, schema: Schema, mode: Mode) -> str:
    fields: Schema = schema.get("properties", {})
    required = set(fields if mode == "serialization" else schema.get("required", ()))
    lines = [_doc(schema.get("description"), "")]
    if not fields:
        return "".join((*lines, f"export type {name} = Record<string, never>;"))
    lines.append(f"export interface {name} {{\n")
    for key, field in fields.items():
        mark = "" if key in required else "?"
        lines.append(f"{_doc(field.get('description'), '  ')}  {key}{mark}: {_type(field)};\n")
    return "".join((*lines, "}"))


def _doc(text: str | None, indent: str) -> str:
    return "" if not text else f"{indent}/** {' '.join(text.split())} */\n"


def _type(schema: Schema) -> str:
    match schema:
        case {"$ref": str(name)}:
            return name
        case {"anyOf": list(options)}:
            return " | ".join(_type(option) for option in options)
        case {"const": value}:
            return json.dumps(value)
        case {"enum": list(values)}:
            return " | ".join(json.dumps(value) for value in values)
        case {"type": "string", "format": str(form)} if form in _BYTES_FORMATS:
            return "Uint8Array"
        case {"type": "array", "items": dict(items)}:
            inner = _type(items)
            return f"({inner})[]" if " | " in inner else f"{inner}[]"
        case {"type": "object"}:
            return f"Record<string, {_entry_type(schema)}>"
        case {"type": str(kind)} if kind in _SCALARS:
            return _SCALARS[kind]
    raise ValueError(f"no TypeScript form is known for {schema}")


_SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def _entry_type(schema: Schema) -> str:
    match schema.get("additionalProperties"):
        case dict(entry) if entry:
            return _type(entry)
        case _:
            return "unknown"


def _command_map(commands: list[type[Command[WireModel]]]) -> str:
    rows = "\n".join(
        f"  {json.dumps(command.name)}: {{ request: {command.__name__}; reply: {reply_of(command).__name__}; "
        f"mutates: {json.dumps(command.mutates)} }};"
        for command in commands
    )
    return f"export interface Commands {{\n{rows}\n}}\n\nexport type CommandName = keyof Commands;"


def _mutating(commands: list[type[Command[WireModel]]]) -> str:
    rows = "\n".join(f"  {json.dumps(command.name)}: {json.dumps(command.mutates)}," for command in commands)
    return (
        "/** Whether a command changes state: then it carries a command id and takes effect once. */\n"
        f"export const MUTATES = {{\n{rows}\n}} as const satisfies {{ [N in CommandName]: Commands[N]['mutates'] }};"
    )


def _event_map(events: list[type[Event]]) -> str:
    rows = "\n".join(f"  {json.dumps(event.name)}: {event.__name__};" for event in events)
    return f"export interface Events {{\n{rows}\n}}\n\nexport type EventName = keyof Events;"
