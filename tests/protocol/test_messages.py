"""The frames of `/ws`: golden vectors that the TypeScript client checks too, and what is refused."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import frame, message
from protocol.frame import MAX_DEPTH, FrameRefused
from protocol.message import MAX_UINT, Type
from protocol.model import reply_of
from tools import vectors
from tools.generate import render_all
from tools.typescript import render
from tools.wire_models import find_models

VECTORS_PATH = Path(__file__).parents[2] / "protocol/vectors/messages.json"
VECTORS: list[dict[str, Any]] = json.loads(VECTORS_PATH.read_text(encoding="utf-8"))
EACH_VECTOR = pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['sender']}: {v['name']}")

COMMAND_ID = "9c5b94b1-35ad-49bb-b118-8e8fc24abf80"
FROM_CLIENT = {Type.HELLO, Type.REQUEST, Type.PING, Type.EDIT, Type.AWARENESS, Type.SYNC}
FROM_SERVER = set(Type) - {Type.REQUEST, Type.PING}


def with_bytes(value: Any) -> Any:
    """Undo the `{"hex": ...}` form that bytes have in the file."""
    match value:
        case {"hex": str(text)}:
            return bytes.fromhex(text)
        case dict():
            return {key: with_bytes(item) for key, item in value.items()}
        case list():
            return [with_bytes(item) for item in value]
        case _:
            return value


def nested(levels: int) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for _ in range(levels - 1):
        body = {"in": body}
    return body


@EACH_VECTOR
def test_a_golden_frame_decodes_to_its_fields_and_they_encode_to_the_same_bytes(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    fields = with_bytes(vector["decoded"])
    assert frame.decode(data) == fields
    assert frame.encode(fields) == data


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["sender"] == "client"], ids=lambda v: v["name"])
def test_every_golden_frame_of_a_client_is_a_message_with_these_fields(vector: dict[str, Any]) -> None:
    decoded = message.decode(bytes.fromhex(vector["hex"]))
    expected = with_bytes(vector["decoded"])[1:]
    values = [getattr(decoded, name) for name in list(decoded.__annotations__)[: len(expected)]]
    assert [str(value) if isinstance(value, UUID) else value for value in values] == expected


def test_there_is_a_golden_frame_of_every_kind_in_both_directions() -> None:
    assert {v["decoded"][0] for v in VECTORS if v["sender"] == "client"} == FROM_CLIENT
    assert {v["decoded"][0] for v in VECTORS if v["sender"] == "server"} == FROM_SERVER


def test_the_generated_files_are_what_the_sources_say() -> None:
    root = VECTORS_PATH.parents[2]
    differing = [str(path) for path, text in render_all().items() if (root / path).read_text(encoding="utf-8") != text]
    assert differing == []
    assert vectors.render() == VECTORS_PATH.read_text(encoding="utf-8")


def test_every_command_and_event_is_in_the_typescript_maps_with_its_own_types() -> None:
    models = find_models()
    text = render(models)
    for command in models.commands:
        row = f'"{command.name}": {{ request: {command.__name__}; reply: {reply_of(command).__name__}; mutates: '
        assert text.count(row) == 1
    for event in models.events:
        assert text.count(f'"{event.name}": {event.__name__};') == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a MessagePack frame"),
        (b"\x93\x0a\x07", "not a MessagePack frame"),
        (b"\xc1", "not a MessagePack frame"),
        (frame.encode([Type.PING, 1]) + b"\x00", "not a MessagePack frame"),
        (msgpack.packb({"type": 5}), "a frame is an array"),
        (msgpack.packb("ping"), "a frame is an array"),
        (msgpack.packb(5), "a frame is an array"),
        (msgpack.packb([]), "a frame is an array"),
        (msgpack.packb(["5", 1]), "a frame is an array"),
        (msgpack.packb([True, 1]), "a frame is an array"),
        (msgpack.packb([5.0, 1]), "a frame is an array"),
        (msgpack.packb([5, msgpack.ExtType(1, b"x")]), "extension type 1"),
        (msgpack.packb([5, msgpack.Timestamp(1, 0)]), "extension type|no message of type 5"),
        (b"\x92\x00\x81\x01\x02", "not a MessagePack frame"),
        (b"\x92\x00\x81\xa1\xff\x02", "not a MessagePack frame"),
        (b"\xdd\xff\xff\xff\xff", "not a MessagePack frame"),
        (b"\x91" * 600 + b"\x00", "not a MessagePack frame|a frame is an array"),
    ],
)
def test_bytes_that_are_no_frame_are_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(FrameRefused, match=reason):
        message.decode(data)


@pytest.mark.parametrize(
    "fields",
    [
        [9],
        [99, 1],
        [-1, 1],
        [Type.REPLY, 1, {}],
        [Type.PING],
        [Type.PING, 1, 2],
        [Type.PING, -1],
        [Type.PING, MAX_UINT + 1],
        [Type.PING, 1.0],
        [Type.PING, True],
        [Type.EDIT, 7, 1, "text"],
        [Type.EDIT, 7, -1, b""],
        [Type.EDIT, -7, 1, b""],
        [Type.EDIT, MAX_UINT + 1, 1, b""],
        [Type.EDIT, 7, MAX_UINT + 1, b""],
        [Type.EDIT, 7, b""],
        [Type.AWARENESS, -1, b""],
        [Type.AWARENESS, 7, None],
        [Type.SYNC, 7, []],
        [Type.SYNC, True, b""],
        [Type.HELLO, []],
        [Type.HELLO],
        [Type.REQUEST, 1, "files/list", {}],
        [Type.REQUEST, -1, "files/list", {}, None],
        [Type.REQUEST, MAX_UINT + 1, "files/list", {}, None],
        [Type.REQUEST, 1, b"files/list", {}, None],
        [Type.REQUEST, 1, "files/list", [], None],
        [Type.REQUEST, 1, "files/list", {}, "no uuid"],
        [Type.REQUEST, 1, "files/list", {}, 5],
    ],
    ids=repr,
)
def test_a_frame_of_an_unknown_type_or_a_wrong_shape_is_refused(fields: list[Any]) -> None:
    with pytest.raises(FrameRefused):
        message.decode(frame.encode(fields))


def test_numbers_up_to_the_largest_that_javascript_holds_are_accepted() -> None:
    decoded = message.decode(frame.encode([Type.EDIT, MAX_UINT, MAX_UINT, b"\x00\x00"]))
    assert decoded == message.Edit(message.Channel(MAX_UINT), MAX_UINT, b"\x00\x00")


def test_a_body_nested_to_the_limit_is_accepted_and_one_level_more_is_refused() -> None:
    deepest = [Type.REQUEST, 1, "files/list", nested(MAX_DEPTH), COMMAND_ID]
    assert isinstance(message.decode(frame.encode(deepest)), message.Request)
    for fields in (
        [Type.REQUEST, 1, "files/list", nested(MAX_DEPTH + 1), None],
        [Type.HELLO, nested(MAX_DEPTH + 1)],
    ):
        with pytest.raises(FrameRefused, match="nested deeper"):
            message.decode(frame.encode(fields))


@given(st.binary(max_size=200))
def test_random_bytes_are_a_message_or_refused_and_never_another_error(data: bytes) -> None:
    try:
        message.decode(data)
    except FrameRefused:
        return


@given(st.sampled_from([v for v in VECTORS if v["sender"] == "client"]), st.data())
def test_a_truncated_golden_frame_is_refused(vector: dict[str, Any], data: st.DataObject) -> None:
    whole = bytes.fromhex(vector["hex"])
    length = data.draw(st.integers(min_value=0, max_value=len(whole) - 1))
    with pytest.raises(FrameRefused):
        message.decode(whole[:length])
