"""Schemas as HTML: the fields of a body, their types and bounds."""

import json
import re
from html import escape

from server.transport.openapi.schemas import Json

BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
}


def field_list(document: Json, schema: Json, *, is_sent: bool = False) -> str:
    """The fields of an object, or what the schema is instead; `is_sent`: by clients, who may leave some out."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if not schema.get("properties"):
        return f"<p>{type_of(schema)}</p>" if schema.get("type") != "object" else '<p class="muted">No fields.</p>'
    required = schema.get("required", ()) if is_sent else ()
    rows = "".join(_field(name, field, is_required=name in required) for name, field in schema["properties"].items())
    return f"<dl>{rows}</dl>"


def type_of(schema: Json) -> str:
    """The name of a type, with links to models."""
    return f'<code class="type">{_type(schema)}</code>'


def _field(name: str, schema: Json, *, is_required: bool) -> str:
    must = '<span class="must">required</span>' if is_required else ""
    notes = "; ".join(filter(None, (schema.get("description", ""), _bounds(schema))))
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(notes))
    return f"<dt><code>{escape(name)}</code>{type_of(schema)}{must}</dt><dd>{text}</dd>"


def _type(schema: Json) -> str:
    match schema:
        case {"$ref": str(reference)}:
            name = escape(reference.rpartition("/")[2])
            return f'<a href="#schema-{name}">{name}</a>'
        case {"anyOf": list(options)}:
            return " or ".join(_type(option) for option in options)
        case {"enum": list(values)}:
            return " | ".join(escape(json.dumps(value)) for value in values)
        case {"const": value}:
            return escape(json.dumps(value))
        case {"type": "array", "items": dict(items)}:
            return f"list of {_type(items)}"
        case {"type": str(kind), "format": str(form)}:
            return escape(form if kind == "string" else f"{kind}, {form}")
        case _:
            return escape(str(schema.get("type", "any")))


def _bounds(schema: Json) -> str:
    options = [schema, *schema.get("anyOf", ())]
    found = [text.format(option[key]) for option in options for key, text in BOUNDS.items() if key in option]
    default = schema.get("default")
    return ", ".join([*found, *([] if default is None else [f"{json.dumps(default)} when absent"])])
