import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.yjs.lib0 import (
    MAX_INTEGER,
    read_var_bytes,
    read_var_int,
    read_var_string,
    read_var_uint,
    write_var_bytes,
    write_var_int,
    write_var_string,
    write_var_uint,
)
from protocol.yjs.malformed import Malformed


@given(st.integers(0, MAX_INTEGER), st.binary(max_size=3))
def test_a_number_of_53_bits_survives_the_round_trip(value: int, around: bytes) -> None:
    encoded = write_var_uint(value)
    assert read_var_uint(around + encoded + around, len(around)) == (value, len(around) + len(encoded))


@given(st.integers(-MAX_INTEGER, MAX_INTEGER))
def test_a_signed_number_survives_the_round_trip(value: int) -> None:
    encoded = write_var_int(value)
    assert read_var_int(encoded, 0) == (value, len(encoded))


@given(st.text())
def test_a_string_survives_the_round_trip(value: str) -> None:
    encoded = write_var_string(value)
    assert read_var_string(encoded, 0) == (value, len(encoded))


@given(st.binary())
def test_bytes_survive_the_round_trip(value: bytes) -> None:
    encoded = write_var_bytes(value)
    assert read_var_bytes(encoded, 0) == (value, len(encoded))


@pytest.mark.parametrize(
    ("value", "encoded"),
    [(0, "00"), (127, "7f"), (128, "8001"), (300, "ac02"), (1 << 32, "8080808010"), (MAX_INTEGER, "ffffffffffffff0f")],
)
def test_numbers_are_encoded_as_lib0_does(value: int, encoded: str) -> None:
    assert write_var_uint(value).hex() == encoded


@pytest.mark.parametrize(
    ("value", "encoded"), [(0, "00"), (-1, "41"), (63, "3f"), (64, "8001"), (-64, "c001"), (-70000, "f0c508")]
)
def test_signed_numbers_are_encoded_as_lib0_does(value: int, encoded: str) -> None:
    assert write_var_int(value).hex() == encoded


@pytest.mark.parametrize("read", [read_var_uint, read_var_int, read_var_bytes, read_var_string])
def test_bytes_that_end_early_are_refused(read) -> None:
    for data in (b"", b"\x80", b"\xff\xff"):
        with pytest.raises(Malformed) as refusal:
            read(data, 0)
        assert refusal.value.reason == "truncated"


@pytest.mark.parametrize("encoded", ["ffffffffffffff10", "ffffffffffffffff01", "80808080808080808000"])
def test_a_number_of_more_than_53_bits_is_refused(encoded: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read_var_uint(bytes.fromhex(encoded), 0)
    assert refusal.value.reason == "number"


def test_a_signed_number_of_more_than_53_bits_is_refused() -> None:
    with pytest.raises(Malformed) as refusal:
        read_var_int(b"\xbf" + write_var_uint(1 << 50), 0)
    assert refusal.value.reason == "number"


@pytest.mark.parametrize("raw", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"])
def test_a_string_that_is_not_utf8_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed) as refusal:
        read_var_string(write_var_bytes(raw), 0)
    assert refusal.value.reason == "utf8"


@pytest.mark.parametrize("value", [-1, MAX_INTEGER + 1])
def test_a_number_that_lib0_cannot_hold_is_not_written(value: int) -> None:
    with pytest.raises(ValueError, match="varUint"):
        write_var_uint(value)
