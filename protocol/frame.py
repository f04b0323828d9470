"""MessagePack frames with every size bounded: the codec below all messages of `/ws`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgpack

MAX_DEPTH = 16  # levels; command bodies are flat, a deep one is an attack on recursive code
TIMESTAMP_EXTENSION = -1
MAX_ITEMS = 65_536  # entries of all arrays and maps of a frame; a byte each is the least they take

Value = Any  # a decoded MessagePack value: None, bool, int, float, str, bytes, list or dict


class FrameRefused(ValueError):
    """The bytes are not a frame of this protocol; the message says why."""


def encode(value: Value) -> bytes:
    """Encode a frame; UUIDs and aware datetimes become text (RFC 9562, RFC 3339)."""
    packed: bytes = msgpack.packb(value, use_bin_type=True, default=_as_text)
    return packed


def decode(data: bytes) -> list[Value]:
    """Decode one frame: an array whose first element is the message type.

    Raises:
        FrameRefused: not MessagePack, trailing bytes, an extension type, too deep, too many items, no type.
    """
    hooks = {} if len(data) <= MAX_ITEMS else _counting_hooks()
    try:
        value = msgpack.unpackb(
            data,
            raw=False,
            strict_map_key=True,
            ext_hook=_refuse_extension,
            max_array_len=MAX_ITEMS,
            max_map_len=MAX_ITEMS,
            **hooks,
        )
    except FrameRefused:
        raise
    except (ValueError, msgpack.UnpackException) as error:
        raise FrameRefused(f"not a MessagePack frame: {error or type(error).__name__}") from error
    if not isinstance(value, list) or not value or type(value[0]) is not int:
        raise FrameRefused("a frame is an array whose first element is the message type")
    return value


def check_body(value: Value) -> None:
    """Refuse a command body nested deeper than `MAX_DEPTH`, without recursion, or holding a MessagePack timestamp.

    Raises:
        FrameRefused: it is nested deeper, or holds the one extension type that the decoder knows by itself.
    """
    level = [value]
    for _ in range(MAX_DEPTH):
        if any(isinstance(item, msgpack.Timestamp) for item in level):
            _refuse_extension(TIMESTAMP_EXTENSION, b"")
        level = [
            child
            for item in level
            if isinstance(item, list | dict)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise FrameRefused(f"nested deeper than {MAX_DEPTH} levels")


def _counting_hooks() -> dict[str, Callable[[Any], Any]]:
    """Hooks that end the decoding when the items of arrays inside arrays become too many; each alone may be within."""
    items = 0

    def count(container: Any) -> Any:  # noqa: ANN401 - a list or a dict, passed on
        nonlocal items
        items += len(container)
        if items > MAX_ITEMS:
            raise FrameRefused(f"a frame holds at most {MAX_ITEMS} values")
        return container

    return {"list_hook": count, "object_hook": count}


def _as_text(value: Value) -> str:
    match value:
        case UUID():
            return str(value)
        case datetime() if value.tzinfo is not None:
            return value.isoformat().removesuffix("+00:00") + ("" if value.utcoffset() else "Z")
        case _:
            raise TypeError(f"{type(value).__name__} has no form on the wire")


def _refuse_extension(code: int, _data: bytes) -> Value:
    raise FrameRefused(f"extension type {code} is not part of this protocol")
