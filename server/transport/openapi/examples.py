"""One example of every schema: made of what the schema says, so that it is right as long as the schema is."""

from typing import Any

from server.transport.openapi.schemas import Json, Schemas

OF_FORMAT: dict[str, str] = {
    "uuid": "0b8f6c1e-2d3a-4f5b-9c6d-7e8f9a0b1c2d",
    "date-time": "2026-02-03T04:05:06.789Z",
    "base64url": "AAEC",
    "binary": "AAEC",
}
# What a text of this field's name may look like; a schema knows only that it is a text.
OF_FIELD: dict[str, str] = {
    "action": "collaborators/changed",
    "address": "203.0.113.7",
    "checksum": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    "color": "#2a78d6",
    "colorLight": "#2a78d633",
    "content": "print('hello')\n",
    "description": "A sketch",
    "detail": "There is no such file.",
    "email": "ada@example.org",
    "glob": ".env*",
    "ifMatch": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    "label": "CI",
    "language": "python",
    "mimeType": "text/x-python",
    "name": "Ada",
    "path": "src/main.py",
    "requestId": "6f1b2a345c6d4e7f8a9b0c1d2e3f4a5b",
    "target": "../README.md",
    "text": "print('hello')\n",
    "to": "src/app.py",
}


def example_of(schemas: Schemas, schema: Json, field: str = "") -> Any:  # noqa: ANN401 - JSON of any form
    """JSON that the schema allows. `field`: the name under which it stands."""
    schema = schemas.resolved(schema)
    match schema:
        case {"examples": [first, *_]} | {"const": first} | {"enum": [first, *_]}:
            return first
        case {"properties": dict(fields)}:
            shown = {name: part for name, part in fields.items() if _is_shown(name, part, schema)}
            return {name: example_of(schemas, part, name) for name, part in shown.items()}
        case {"anyOf": [first, *_]}:
            return example_of(schemas, first, field)
        case {"type": "array", "items": dict(items)}:
            return [example_of(schemas, items, field.removesuffix("s"))]
        case {"type": "object"}:
            return {}
        case _:
            return _scalar(schema, field)


def _is_shown(name: str, part: Json, schema: Json) -> bool:
    """Required fields, and of the others those whose default says something; null and marks of pages do not."""
    return name in schema.get("required", ()) or part.get("default") not in (None, "")


def _scalar(schema: Json, field: str) -> Any:  # noqa: ANN401 - JSON of any form
    match schema.get("type"):
        case "integer" | "number":
            return schema.get("default", schema.get("minimum", 1))
        case "boolean":
            return schema.get("default", False)
        case "null":
            return None
        case _:
            text = OF_FORMAT.get(schema.get("format", "")) or OF_FIELD.get(field, field or "text")
            return text[: schema.get("maxLength")]
