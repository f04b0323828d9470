import dataclasses

import pycrdt
import pytest

from protocol.yjs.lib0 import write_var_uint
from protocol.yjs.limits import MAX_CLOCK, MESSAGE_LIMITS
from protocol.yjs.malformed import UpdateRefused
from protocol.yjs.state_vector import decode_state_vector, encode_state_vector

CLOCKS = {3912345678: 15000, (1 << 53) - 1: 1, 0: MAX_CLOCK, 7: 0}


def test_a_state_vector_survives_the_round_trip() -> None:
    assert decode_state_vector(encode_state_vector(CLOCKS)) == CLOCKS
    assert encode_state_vector({}) == b"\x00"


def test_the_greatest_client_comes_first_as_in_yjs() -> None:
    assert encode_state_vector({1: 2, 300: 4}).hex() == "02ac02040102"


def test_what_pycrdt_says_is_read() -> None:
    doc = pycrdt.Doc(client_id=77)
    doc.get("t", type=pycrdt.Text).insert(0, "é😀")
    assert decode_state_vector(doc.get_state()) == {77: 3}


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        (b"", "truncated"),
        (b"\x01\x01", "truncated"),
        (b"\x00\x00", "trailing"),
        (b"\x02\x01\x01\x01\x02", "duplicate"),
        (b"\x01\x01" + write_var_uint(MAX_CLOCK + 1), "clock"),
        (b"\x01" + b"\xff" * 9 + b"\x01\x01", "number"),
    ],
)
def test_a_state_vector_that_means_something_else_to_somebody_is_refused(encoded: bytes, reason: str) -> None:
    with pytest.raises(UpdateRefused) as refusal:
        decode_state_vector(encoded)
    assert refusal.value.reason == reason


def test_too_many_clients_are_refused_before_they_are_read() -> None:
    limits = dataclasses.replace(MESSAGE_LIMITS, vector_clients=3)
    with pytest.raises(UpdateRefused) as refusal:
        decode_state_vector(b"\x04", limits)
    assert refusal.value.reason == "clients"
