"""The variables of templates: what is declared, and the values that somebody gives for them. Pure."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from protocol.paths import PathRefused, check_path
from protocol.templates import TemplateVariable
from server.errors import Invalid

DECLARED = "declared"


def stored(variables: Sequence[TemplateVariable]) -> dict[str, object]:
    """As the column holds them."""
    return {DECLARED: [variable.model_dump(mode="json") for variable in variables]}


def declared(column: Mapping[str, Any]) -> list[TemplateVariable]:
    """The other way round."""
    return [TemplateVariable.model_validate(variable) for variable in column.get(DECLARED, [])]


def check_declared_once(names: Sequence[str]) -> None:
    """Raises: Invalid when a variable is declared twice."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Invalid(f"The variable {twice[0]} is declared twice.")


def filled(variables: Sequence[TemplateVariable], given: Mapping[str, str]) -> dict[str, str]:
    """A value for each variable: the one that is given, else its default.

    Raises:
        Invalid: a value is missing, names no variable, or cannot stand where the variable does.
    """
    unknown = sorted(given.keys() - {variable.name for variable in variables})
    if unknown:
        raise Invalid(f"This template has no variable {unknown[0][:50]!r}.")
    values = {variable.name: given.get(variable.name, variable.default) for variable in variables}
    return {variable.name: _checked(variable, values[variable.name]) for variable in variables}


def _checked(variable: TemplateVariable, value: str | None) -> str:
    if value is None:
        raise Invalid(f"Say a value for {variable.name}.")
    # Invariant: no value holds braces, so that none can stand for another variable.
    if "{{" in value or "}}" in value or any(unicodedata.category(char) == "Cc" for char in value):
        raise Invalid(f"The value of {variable.name} is one line without {{{{ and }}}}.")
    return _part_of_a_path(variable.name, value) if variable.in_paths else value


def _part_of_a_path(name: str, value: str) -> str:
    if "/" in value:
        raise Invalid(f"The value of {name} is part of a file's name, so it holds no '/'.")
    try:
        return check_path(value)
    except PathRefused as error:
        raise Invalid(f"The value of {name} is part of a file's name. {error}") from None
