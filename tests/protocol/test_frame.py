"""Frames: what is not one is refused, and what would be expensive is refused cheaply (P10)."""

import time
import tracemalloc
from contextlib import suppress

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import frame
from protocol.frame import MAX_ITEMS, FrameRefused

plain = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary()
)
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(st.integers(0, 99), st.lists(values, max_size=4))
def test_what_is_encoded_is_decoded(kind: int, fields: list[object]) -> None:
    assert frame.decode(frame.encode([kind, *fields])) == [kind, *fields]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_refused(data: bytes) -> None:
    with suppress(FrameRefused):
        assert isinstance(frame.decode(data)[0], int)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc0",
        b"\x90",
        b"\x80",
        frame.encode([1]) + b"\x00",
        frame.encode([1, "cut off"])[:-1],
        frame.encode(["edit"]),
        frame.encode([True]),
        msgpack.packb([1, msgpack.ExtType(5, b"x")]),
        msgpack.packb([1, {2: "a key that is no string"}]),
        b"\x92\x01\xa1\xff",
        b"\x91" * 10_000_000,
    ],
    ids=lambda data: data[:8].hex() or "empty",
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(FrameRefused):
        frame.decode(data)


def test_arrays_in_arrays_do_not_get_around_the_limit_of_items() -> None:
    """P8, P10."""
    row = b"\xdc\xff\xff" + b"\xc0" * 65_535
    bomb = b"\xdc\x01\xe0" + row * 480
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(FrameRefused, match=str(MAX_ITEMS)):
        frame.decode(bomb)
    took_s, (_, peak_bytes) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (took_s < 0.2, peak_bytes < 8_000_000) == (True, True)


def test_a_long_edit_is_no_bomb() -> None:
    edit = frame.encode([10, 1, 1, bytes(8_000_000)])
    assert len(frame.decode(edit)[3]) == 8_000_000
    text = frame.encode([1, 1, "documents/write", {"path": "a", "text": "x" * 5_000_000}, None])
    assert len(frame.decode(text)[3]["text"]) == 5_000_000
