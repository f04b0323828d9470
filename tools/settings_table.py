"""Writes the table of settings into docs/operations.md, between two markers; the rest of that file is by hand."""

import types
from enum import Enum
from pathlib import Path
from typing import Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from server.settings import Settings

BEGIN = "<!-- settings: written by `python -m tools.generate` -->"
END = "<!-- end of settings -->"
_START = f"# Operations\n\n## Settings\n\n{BEGIN}\n{END}\n"


def render(page: str) -> str:
    """Return `page` with the table of today's settings; an empty page gets a heading and the markers.

    Raises:
        ValueError: the page has not both markers in order.
    """
    text = page or _START
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"docs/operations.md needs the lines `{BEGIN}` and `{END}`: the table goes between them")
    return f"{before}{BEGIN}\n\n{_table()}\n\n{END}{after}"


def _table() -> str:
    rows = ["| variable | value | default | meaning |", "| --- | --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        cells = (f"`{name.upper()}`", _kind(field.annotation), _default(field), field.description or "")
        rows.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(rows)


def _kind(annotation: object) -> str:
    origin, options = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{option}`" for option in options)
    if origin in (Union, types.UnionType):
        return " or ".join(_kind(option) for option in options if option is not type(None))
    if origin is tuple:
        return "list, comma separated"
    return _WORDS.get(annotation, "text") if isinstance(annotation, type) else "text"


_WORDS: dict[type, str] = {bool: "true or false", int: "integer", float: "number", Path: "path", str: "text"}


def _default(field: FieldInfo) -> str:
    match field.get_default(call_default_factory=True):
        case None | () | "":
            return "none"
        case bool(value):
            return f"`{str(value).lower()}`"
        case Enum() as value:
            return f"`{value.value}`"
        case value:
            return f"`{value}`"
