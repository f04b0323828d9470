"""The base of every command, reply and event: frozen, camelCase on the wire, strict about what it is sent."""

from collections.abc import Callable
from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class WireModel(BaseModel):
    """A map on the wire. Bytes are MessagePack bin on `/ws` and base64 in JSON."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )


R = TypeVar("R", bound=WireModel)


class Command(WireModel, Generic[R]):
    """A request body; `R` is the body of its reply. `name` is `<feature slug>/<command>`."""

    name: ClassVar[str]
    mutates: ClassVar[bool] = False  # invariant: True needs a command id and takes effect once (P12)


class Event(WireModel):
    """Something that happened, told to those who may know. `name` is `<feature slug>/<event>`."""

    name: ClassVar[str]

    def seen_by(self, sees: Callable[[str], bool]) -> Self | None:
        """What is left of it for somebody who sees only some paths, None for nothing; all, unless it names paths."""
        del sees
        return self


class Empty(WireModel):
    """A reply without content."""


def reply_of(command: type[Command[Any]]) -> type[WireModel]:
    """The reply model `R` of a class that derives from `Command[R]`."""
    for base in command.__mro__:
        match getattr(base, "__pydantic_generic_metadata__", {}):
            case {"args": (reply,)} if isinstance(reply, type) and issubclass(reply, WireModel):
                return reply
    raise TypeError(f"{command.__name__} does not say its reply: derive it from Command[Reply]")
