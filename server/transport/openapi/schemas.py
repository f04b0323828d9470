"""Models of the wire as `components.schemas`."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

Json = dict[str, Any]  # a part of the document
Mode = Literal["validation", "serialization"]  # as a client sends it, as the server does

TEMPLATE = "#/components/schemas/{model}"


class Schemas:
    """`components` holds every model asked for and all that these are made of, by name."""

    def __init__(self, sent: Iterable[type[BaseModel]], told: Iterable[type[BaseModel]]) -> None:
        """`sent`: models that clients send; `told`: those that the server does."""
        asked: list[tuple[type[BaseModel], Mode]] = [(model, "validation") for model in sent]
        asked += [(model, "serialization") for model in told]
        references, definitions = models_json_schema(asked, ref_template=TEMPLATE)
        self._references: Mapping[tuple[Any, Mode], Json] = references
        self.components: Json = {name: plain(part) for name, part in sorted(definitions["$defs"].items())}

    def sent(self, model: type[BaseModel]) -> Json:
        """The reference to a model as clients send it."""
        return self._references[model, "validation"]

    def told(self, model: type[BaseModel]) -> Json:
        """The reference to a model as the server sends it."""
        return self._references[model, "serialization"]

    def resolved(self, schema: Json) -> Json:
        """What a reference stands for; anything else as it is."""
        name: str | None = schema.get("$ref")
        return schema if name is None else self.components[name.rpartition("/")[2]]


def plain(schema: Json) -> Json:
    """A schema without the titles that repeat the names of fields."""
    shown = {key: value for key, value in schema.items() if key != "title"}
    if "properties" in shown:
        shown["properties"] = {name: plain(field) for name, field in shown["properties"].items()}
    return shown
