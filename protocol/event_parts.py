"""What of a numbered event somebody may know who does not see every path."""

from collections.abc import Callable

from pydantic import ValidationError

from protocol.frame import Value
from protocol.model import Event


def part_of_event(name: str, body: dict[str, Value], sees: Callable[[str], bool]) -> dict[str, Value] | None:
    """The body without what is hidden, None when nothing is left.

    Invariant: of an event that this release does not know, or cannot read, nothing is left.
    """
    kind = next((event for event in Event.__subclasses__() if event.name == name), None)
    if kind is None:
        return None
    if kind.seen_by is Event.seen_by:
        return body
    try:
        seen = kind.model_validate(body, strict=False).seen_by(sees)
    except ValidationError:
        return None
    return None if seen is None else seen.model_dump(mode="json")
