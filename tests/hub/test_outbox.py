"""What waits for one socket: one write a turn, each kind of traffic shrunk by its policy, an end to patience (P4)."""

from dataclasses import dataclass, field

import pytest

from protocol.outbound import Outbound, Ponged
from protocol.websocket import frame
from server.hub.effects import KEEP, Latest, Resync, RoomKey
from server.hub.outbox import Outbox, OutboxLimits
from tests.harness.memory_socket import MemorySocket

ROOM, OTHER_ROOM = RoomKey("document:one"), RoomKey("document:two")
LIMITS = OutboxLimits(watermark_bytes=100, limit_bytes=1_000, stall_s=15)


def encode_bulk(message: Outbound) -> list[bytes]:
    assert isinstance(message, Ponged)
    return [frame(b"caught up from %d" % message.n), frame(b"and that was all")]


@dataclass
class Source:
    """Something to catch up with, at version `at`; `asked` counts the answers it had to make."""

    at: int = 0
    asked: int = 0

    def mark(self) -> int:
        return self.at

    def since(self, mark: object) -> Ponged | None:
        assert isinstance(mark, int)
        self.asked += 1
        return Ponged(mark) if mark < self.at else None


@dataclass
class Reader:
    """An outbox and the socket behind it, whose peer reads only when told."""

    limits: OutboxLimits = LIMITS
    gave_up: int = 0
    socket: MemorySocket = field(default_factory=lambda: MemorySocket(is_reading=False, low_watermark_bytes=10))
    outbox: Outbox = field(init=False)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.socket, self.limits, encode_bulk, self._give_up)

    def _give_up(self) -> None:
        self.gave_up += 1
        self.outbox.close()

    def congest(self) -> None:
        """Put more under way than the watermark allows."""
        self.outbox.add(frame(b"x" * 200))
        self.outbox.flush()
        assert self.outbox.is_congested

    def reads(self) -> list[bytes]:
        return [payload for payload in self.socket.take_all() if payload != b"x" * 200]


@pytest.fixture
def reader() -> Reader:
    return Reader()


def test_the_frames_of_a_turn_leave_in_one_write(reader: Reader) -> None:
    assert reader.outbox.add(frame(b"a"))
    assert not reader.outbox.add(frame(b"b"))
    reader.outbox.flush()
    assert reader.socket.writes == 1
    assert reader.reads() == [b"a", b"b"]


def test_a_reader_that_keeps_up_is_written_to_at_once(reader: Reader) -> None:
    for payload in (b"a", b"b", b"c"):
        reader.outbox.add(frame(payload))
        reader.outbox.flush()
        assert reader.reads() == [payload]


def test_kept_messages_wait_in_order_and_all_arrive(reader: Reader) -> None:
    """P4."""
    reader.congest()
    reader.outbox.hold(ROOM, [(KEEP, frame(b"%d" % n)) for n in range(5)])
    assert reader.reads() == [b"%d" % n for n in range(5)]


def test_of_cursors_only_the_newest_of_each_waits(reader: Reader) -> None:
    """P4."""
    reader.congest()
    for n in range(50):
        reader.outbox.hold(ROOM, [(Latest("ada"), frame(b"ada %d" % n)), (Latest("bob"), frame(b"bob %d" % n))])
    assert sorted(reader.reads()) == [b"ada 49", b"bob 49"]


def test_cursors_of_the_same_key_in_another_room_are_another_s(reader: Reader) -> None:
    reader.congest()
    reader.outbox.hold(ROOM, [(Latest(1), frame(b"here"))])
    reader.outbox.hold(OTHER_ROOM, [(Latest(1), frame(b"there"))])
    assert sorted(reader.reads()) == [b"here", b"there"]


def test_document_updates_are_dropped_for_one_catch_up(reader: Reader) -> None:
    """P4."""
    source = Source()
    reader.congest()
    for n in range(1, 101):
        source.at = n
        reader.outbox.hold(ROOM, [(Resync(source), frame(b"update %d" % n))])
    assert reader.reads() == [b"update 1", b"caught up from 1", b"and that was all"]


def test_nothing_is_sent_to_catch_up_when_nothing_was_missed(reader: Reader) -> None:
    reader.congest()
    reader.outbox.hold(ROOM, [(Resync(Source(at=7)), frame(b"the only update"))])
    assert reader.reads() == [b"the only update"]


def test_a_room_that_was_left_is_not_caught_up_with(reader: Reader) -> None:
    source = Source()
    reader.congest()
    for n in (1, 2):
        source.at = n
        reader.outbox.hold(ROOM, [(Resync(source), frame(b"update %d" % n))])
    reader.outbox.forget(ROOM)
    assert reader.reads() == [b"update 1"]


def test_what_is_sent_while_older_frames_wait_does_not_overtake_them(reader: Reader) -> None:
    reader.congest()
    reader.outbox.hold(ROOM, [(KEEP, frame(b"older"))])
    reader.outbox.add(frame(b"newer"))
    reader.outbox.flush()
    assert reader.reads() == [b"older", b"newer"]


def test_small_messages_pass_a_long_sync(reader: Reader) -> None:
    """P4."""
    reader.outbox.add_bulk([frame(b"part %d " % n + b"." * 60) for n in range(20)])
    reader.outbox.add(frame(b"cursor"))
    reader.outbox.flush()
    order = [payload[:7] for payload in reader.reads()]
    assert len(order) == 21
    assert order.index(b"cursor") <= 3


def test_a_bulk_part_leaves_only_while_the_socket_is_half_idle(reader: Reader) -> None:
    reader.outbox.add_bulk([frame(b"." * 60) for _ in range(20)])
    assert reader.socket.buffered_bytes <= LIMITS.watermark_bytes // 2 + 62
    assert len(reader.reads()) == 20


def test_past_its_byte_limit_a_reader_is_given_up_once(reader: Reader) -> None:
    """P4, P10."""
    reader.congest()
    for _ in range(100):
        reader.outbox.hold(ROOM, [(KEEP, frame(b"k" * 50))])
    assert reader.gave_up == 1
    assert reader.outbox.held_bytes <= LIMITS.limit_bytes + 300


def test_an_answer_longer_than_the_limit_still_reaches_a_reader_that_reads(reader: Reader) -> None:
    reader.outbox.add_bulk([frame(b"p" * 60)] * 100)
    assert len(reader.reads()) == 100
    assert reader.gave_up == 0


def test_who_lets_long_answers_pile_up_is_given_up(reader: Reader) -> None:
    """P4, P10."""
    for _ in range(100):
        reader.outbox.add_bulk([frame(b"p" * 60)] * 10)
    assert reader.gave_up == 1
    assert reader.outbox.held_bytes < 3 * LIMITS.limit_bytes


def test_asking_again_and_again_costs_one_answer(reader: Reader) -> None:
    """P10."""
    source = Source(at=1_000)
    reader.congest()
    for mark in range(1_000):
        reader.outbox.bring_level(ROOM, source, mark)
    assert source.asked == 0
    assert reader.reads() == [b"caught up from 999", b"and that was all"]
    assert source.asked == 1


def test_of_several_rooms_one_answer_is_in_memory_at_a_time(reader: Reader) -> None:
    """P10."""
    sources = [Source(at=1) for _ in range(10)]
    reader.congest()
    for n, source in enumerate(sources):
        reader.outbox.bring_level(RoomKey(f"document:{n}"), source, 0)
    assert sum(source.asked for source in sources) == 0
    assert len(reader.reads()) == 20
    assert [source.asked for source in sources] == [1] * 10


def test_held_bytes_fall_to_nothing_once_all_is_read(reader: Reader) -> None:
    source = Source()
    reader.congest()
    for n in range(1, 5):
        source.at = n
        reader.outbox.hold(
            ROOM, [(KEEP, frame(b"k")), (Latest(1), frame(b"cursor %d" % n)), (Resync(source), frame(b"u"))]
        )
    reader.outbox.add_bulk([frame(b"bulk")])
    assert reader.outbox.held_bytes > 200
    reader.reads()
    assert reader.outbox.held_bytes == 0
    assert not reader.outbox.is_congested


def test_a_reader_that_takes_nothing_for_the_stall_time_is_given_up(reader: Reader) -> None:
    """P4."""
    reader.congest()
    reader.outbox.check_progress(now=100)
    reader.outbox.check_progress(now=115)
    assert reader.gave_up == 0
    reader.outbox.check_progress(now=115.1)
    assert reader.gave_up == 1


def test_a_reader_that_takes_something_now_and_then_is_not_given_up(reader: Reader) -> None:
    reader.congest()
    for now in range(0, 100, 10):
        reader.outbox.hold(ROOM, [(KEEP, frame(b"k" * 120))])
        reader.outbox.check_progress(now)
        reader.socket.take()
    assert reader.gave_up == 0


def test_an_idle_reader_is_not_given_up(reader: Reader) -> None:
    reader.outbox.add(frame(b"a"))
    reader.outbox.flush()
    for now in range(0, 1_000, 10):
        reader.outbox.check_progress(now)
    assert reader.gave_up == 0


def test_a_closed_outbox_takes_and_holds_nothing(reader: Reader) -> None:
    reader.congest()
    reader.outbox.hold(ROOM, [(KEEP, frame(b"k"))])
    reader.outbox.close()
    written = reader.socket.writes
    reader.outbox.add(frame(b"late"))
    reader.outbox.flush()
    reader.outbox.hold(ROOM, [(KEEP, frame(b"late"))])
    reader.outbox.add_bulk([frame(b"late")])
    reader.socket.take_all()
    assert reader.socket.writes == written
    assert reader.outbox.held_bytes == 0
