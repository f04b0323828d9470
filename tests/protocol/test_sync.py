import pytest

from protocol.yjs.malformed import Malformed
from protocol.yjs.sync import (
    MESSAGES_PER_FRAME,
    AuthDenied,
    Awareness,
    QueryAwareness,
    SyncStep1,
    SyncStep2,
    Update,
    encode_auth_denied,
    encode_awareness,
    encode_query_awareness,
    encode_sync_step1,
    encode_sync_step2,
    encode_update,
    parse_frame,
)

LONG = bytes(range(256)) * 2

ENCODED = [
    (SyncStep1(b"\x00"), encode_sync_step1(b"\x00"), "00000100"),
    (SyncStep2(b"\x00\x00"), encode_sync_step2(b"\x00\x00"), "0001020000"),
    (Update(LONG), encode_update(LONG), "00028004" + LONG.hex()),
    (Awareness(b"\x00"), encode_awareness(b"\x00"), "010100"),
    (AuthDenied("nein, ü"), encode_auth_denied("nein, ü"), "0200086e65696e2c20c3bc"),
    (QueryAwareness(), encode_query_awareness(), "03"),
]


@pytest.mark.parametrize(("message", "encoded", "wire"), ENCODED)
def test_a_message_is_encoded_as_y_protocols_does_and_read_back(message, encoded: bytes, wire: str) -> None:
    assert encoded.hex() == wire
    assert parse_frame(encoded) == [message]


def test_several_messages_in_one_frame_are_all_read_in_order() -> None:
    frame = b"".join(encoded for _, encoded, _ in ENCODED)
    assert parse_frame(frame) == [message for message, _, _ in ENCODED]


def test_a_frame_cut_off_anywhere_is_refused_unless_a_message_ends_there() -> None:
    frame = b"".join(encoded for _, encoded, _ in ENCODED)
    ends = {len(b"".join(encoded for _, encoded, _ in ENCODED[:count])) for count in range(1, len(ENCODED))}
    for size in set(range(len(frame))) - ends:
        with pytest.raises(Malformed) as refusal:
            parse_frame(frame[:size])
        assert refusal.value.reason == "truncated"


@pytest.mark.parametrize("frame", ["04", "0003", "0201", "ff01", "0280808010"])
def test_an_unknown_kind_of_message_is_refused(frame: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse_frame(bytes.fromhex(frame))
    assert refusal.value.reason == "kind"


def test_a_frame_of_too_many_messages_is_refused() -> None:
    assert len(parse_frame(encode_query_awareness() * MESSAGES_PER_FRAME)) == MESSAGES_PER_FRAME
    with pytest.raises(Malformed) as refusal:
        parse_frame(encode_query_awareness() * (MESSAGES_PER_FRAME + 1))
    assert refusal.value.reason == "messages"
