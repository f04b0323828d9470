"""The frame reader alone: however bytes are cut, the same events come out, and nothing is kept that is not needed."""

import random
import tracemalloc

import pytest

from protocol.errors import CloseCode
from server.settings import KIB
from server.transport.frames import Closed, Event, FrameReader, FrameViolation, Pinged, Ponged
from tests.acceptance.frame_makers import MAX_MESSAGE_BYTES, session
from tests.harness.raw_client import BINARY, CONTINUATION, PING, PONG, TEXT, closing, framed


def read(reader: FrameReader, *parts: bytes) -> list[Event | CloseCode]:
    """All events, the code of the violation last if there is one."""
    events: list[Event | CloseCode] = []
    for part in parts:
        reader.feed(part)
        try:
            events += reader.read()
        except FrameViolation as violation:
            return [*events, violation.code]
    return events


def test_events_come_in_the_order_of_frames() -> None:
    frames = framed(BINARY, b"one") + framed(PING, b"?") + framed(PONG, b"!") + closing(1001, b"bye")
    assert read(FrameReader(1024), frames) == [b"one", Pinged(b"?"), Ponged(b"!"), Closed(1001, b"\x03\xe9bye")]


@pytest.mark.parametrize("seed", range(40))
def test_it_does_not_matter_how_the_bytes_were_cut(seed: int) -> None:
    rng = random.Random(seed)
    data = session(rng).data
    whole = read(FrameReader(MAX_MESSAGE_BYTES), data)
    cuts = sorted(rng.randrange(len(data)) for _ in range(rng.randint(1, 60)))
    parts = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    assert read(FrameReader(MAX_MESSAGE_BYTES), *parts) == whole


def test_who_stops_reading_gets_the_rest_the_next_time() -> None:
    reader = FrameReader(1024)
    reader.feed(b"".join(framed(BINARY, b"%d" % number) for number in range(4)))
    assert [next(reader.read()) for _ in range(2)] == [b"0", b"1"]
    assert reader.has_more
    assert list(reader.read()) == [b"2", b"3"]
    assert not reader.has_more


def test_half_a_frame_gives_nothing_more() -> None:
    reader = FrameReader(1024)
    reader.feed(framed(BINARY, bytes(500))[:-1])
    assert list(reader.read()) == []
    assert not reader.has_more


def test_the_limit_counts_all_pieces_of_a_message() -> None:
    pieces = framed(BINARY, bytes(600), final=False), framed(CONTINUATION, bytes(424)), framed(BINARY, bytes(1024))
    assert [len(event) for event in read(FrameReader(1024), *pieces)] == [1024, 1024]
    pieces = framed(BINARY, bytes(600), final=False), framed(CONTINUATION, bytes(425))
    assert read(FrameReader(1024), *pieces) == [CloseCode.MESSAGE_TOO_BIG]


@pytest.mark.parametrize("header", [b"\x82\xfe\x04\x01", b"\x82\xff" + (1 << 63).to_bytes(8, "big")])
def test_too_large_is_said_when_the_header_is_there(header: bytes) -> None:
    """P10."""
    assert read(FrameReader(1024), header + bytes(4)) == [CloseCode.MESSAGE_TOO_BIG]


def test_text_is_refused_by_its_first_two_bytes() -> None:
    assert read(FrameReader(1024), framed(TEXT, b"text")[:2]) == [CloseCode.UNSUPPORTED_DATA]


def test_endless_empty_pieces_take_no_memory() -> None:
    reader, piece = FrameReader(1024), framed(CONTINUATION, b"", final=False)
    read(reader, framed(BINARY, b"", final=False))
    tracemalloc.start()
    try:
        for _ in range(2000):
            read(reader, piece)
        assert tracemalloc.get_traced_memory()[0] < KIB
    finally:
        tracemalloc.stop()
    assert read(reader, framed(CONTINUATION, b"end")) == [b"end"]
