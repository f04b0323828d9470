import pytest

from protocol.yjs.awareness import (
    MAX_CLOCK,
    AwarenessEntry,
    AwarenessLimits,
    decode_awareness,
    encode_awareness_update,
)
from protocol.yjs.lib0 import write_var_bytes, write_var_string, write_var_uint
from protocol.yjs.malformed import Malformed

CURSOR = '{"user":{"name":"Zoë","color":"#30bced"},"cursor":{"anchor":{"item":null,"assoc":0}}}'
LIMITS = AwarenessLimits(entries=3, state_bytes=200, total_bytes=400, nesting=4)


def refusal_of(data: bytes) -> str:
    with pytest.raises(Malformed) as refusal:
        decode_awareness(data, LIMITS)
    return refusal.value.reason


def one(state: str, client: int = 1, clock: int = 1) -> bytes:
    return b"\x01" + write_var_uint(client) + write_var_uint(clock) + write_var_string(state)


def test_entries_are_read_back_and_null_means_left() -> None:
    entries = [AwarenessEntry(3912345678, 15, CURSOR), AwarenessEntry(1 << 52, 0, "{}"), AwarenessEntry(7, 2, None)]
    assert decode_awareness(encode_awareness_update(entries), LIMITS) == entries


def test_an_update_is_encoded_as_y_protocols_does() -> None:
    assert encode_awareness_update([AwarenessEntry(300, 5, None)]).hex() == "01ac0205046e756c6c"


def test_no_entries_are_an_update_too() -> None:
    assert decode_awareness(b"\x00", LIMITS) == []


@pytest.mark.parametrize("state", ["", "{", "NaN", "1e999", '"\\ud800"', "nul", "{} {}", "[1,]", '{"a":1e400}'])
def test_a_state_that_a_browser_or_the_server_could_not_parse_is_refused(state: str) -> None:
    assert refusal_of(one(state)) == "json"


def test_a_state_that_is_not_utf8_is_refused() -> None:
    assert refusal_of(b"\x01\x01\x01" + write_var_bytes(b'"\xff"')) == "utf8"


def test_each_cap_is_enforced() -> None:
    assert refusal_of(b"\x04" + one("null")[1:] * 4) == "entries"
    assert refusal_of(one('"' + "x" * 200 + '"')) == "state"
    assert refusal_of(one('"' + "x" * 400 + '"')) == "size"
    assert refusal_of(one("[" * 5 + "]" * 5)) == "nesting"
    assert decode_awareness(one("[" * 4 + "]" * 4), LIMITS)


def test_brackets_inside_strings_do_not_count_as_nesting() -> None:
    state = '["[[[[[[", "\\"[[[[[", "{{{{{\\\\"]'
    assert decode_awareness(one(state), LIMITS)[0].state == state


def test_a_clock_that_could_not_be_followed_is_refused() -> None:
    assert refusal_of(one("{}", clock=MAX_CLOCK + 1)) == "clock"
    assert decode_awareness(one("{}", clock=MAX_CLOCK), LIMITS)


def test_a_client_named_twice_is_refused() -> None:
    assert refusal_of(b"\x02" + one("{}")[1:] * 2) == "duplicate"


def test_bytes_missing_or_left_over_are_refused() -> None:
    whole = one(CURSOR)
    assert {refusal_of(whole[:size]) for size in range(len(whole))} == {"truncated"}
    assert refusal_of(whole + b"\x00") == "trailing"
    assert refusal_of(b"\x01\x01\x01\xff\x7f") in {"truncated", "state"}
