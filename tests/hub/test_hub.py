"""The hub carries effects out: encoded once, judged by view, joined per room, one write per listener and turn."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from protocol.errors import CloseCode
from protocol.ids import ConnectionId, Seq
from protocol.outbound import Happened, Outbound, Ponged, Synced
from protocol.websocket import frame
from server.access.grants import permits
from server.access.roles import Ability
from server.hub.connection import Connection
from server.hub.effects import (
    KEEP,
    Announce,
    AtTurnEnd,
    Audience,
    Broadcast,
    Close,
    Effects,
    Join,
    Lane,
    Latest,
    Leave,
    Part,
    Pause,
    Publish,
    Resume,
    RoomKey,
    Send,
    Subscribe,
    Unsubscribe,
)
from server.hub.hub import Hub
from server.hub.outbox import OutboxLimits
from tests.harness.memory_socket import MemorySocket

ROOM = RoomKey("document:one")
READERS = Audience(Ability.READ.value)
WRITERS = Audience(Ability.WRITE.value)
READER, WRITER, NOBODY = Ability.READ.value, (Ability.READ | Ability.WRITE).value, Ability.NONE.value
LIMITS = OutboxLimits(watermark_bytes=1_000, limit_bytes=10_000, stall_s=15)


@dataclass(eq=False)
class WordsDialect:
    """Says messages as words, and counts how often it was asked to."""

    name: str
    serves_one_room: bool = False
    encoded: list[Outbound] = field(default_factory=list)

    def encode(self, message: Outbound) -> bytes:
        self.encoded.append(message)
        return frame(f"{self.name} {words(message)}".encode())

    def encode_bulk(self, message: Outbound) -> list[bytes]:
        return [frame(f"{self.name} {words(message)} part {n}".encode()) for n in range(3)]


def words(message: Outbound) -> str:
    match message:
        case Happened(name, _, seq):
            return f"{name} {seq}"
        case Ponged(n):
            return f"pong {n}"
        case Synced():
            return "sync"
        case _:
            raise AssertionError(message)


@dataclass
class WireLog:
    """What the hub gave to the bus."""

    said: list[tuple[str, str]] = field(default_factory=list)

    def publish(self, room: RoomKey, payload: Callable[[], bytes]) -> None:
        self.said.append(("publish", payload().decode()))

    def announce(self, room: RoomKey, payload: bytes, brief: bytes) -> None:
        self.said.append(("announce", f"{payload.decode()} or {brief.decode()}"))

    def subscribe(self, room: RoomKey) -> None:
        self.said.append(("subscribe", room))

    def unsubscribe(self, room: RoomKey) -> None:
        self.said.append(("unsubscribe", room))


@dataclass
class House:
    """A hub with people in it; `a` and `b` are dialects."""

    wire: WireLog = field(default_factory=WireLog)
    a: WordsDialect = field(default_factory=lambda: WordsDialect("a"))
    b: WordsDialect = field(default_factory=lambda: WordsDialect("b", serves_one_room=True))
    sockets: dict[int, MemorySocket] = field(default_factory=dict)
    hub: Hub = field(init=False)

    def __post_init__(self) -> None:
        self.hub = Hub(lambda view, audience: permits(view, audience.ability), self.wire)

    def enter(
        self, number: int, view: int = WRITER, dialect: WordsDialect | None = None, *, is_reading: bool = True
    ) -> ConnectionId:
        connection_id = ConnectionId(number)
        socket = self.sockets[number] = MemorySocket(is_reading=is_reading, low_watermark_bytes=100)
        self.hub.connect(
            Connection(connection_id, socket, dialect or self.a, view, limits=LIMITS, give_up=self.hub.give_up)
        )
        return connection_id

    def join(self, number: int, view: int = WRITER, dialect: WordsDialect | None = None, **options: bool) -> None:
        self.hub.perform([Join(self.enter(number, view, dialect, **options), ROOM, tuple)])

    def heard_by(self, number: int) -> list[str]:
        return [payload.decode() for payload in self.sockets[number].received]


@pytest.fixture
def house() -> House:
    return House()


async def turn_over() -> None:
    """Let this loop turn end, which is when rooms are flushed."""
    done = asyncio.Event()
    asyncio.get_running_loop().call_soon(lambda: asyncio.get_running_loop().call_soon(done.set))
    await done.wait()


def told(n: int, audience: Audience = READERS, author: int | None = None, policy: object = KEEP) -> Broadcast:
    return Broadcast(ROOM, Ponged(n), audience, policy, None if author is None else ConnectionId(author))  # type: ignore[arg-type]


async def test_everyone_in_the_room_hears_and_nobody_else(house: House) -> None:
    house.join(1)
    house.join(2)
    house.enter(3)
    house.hub.perform([told(7)])
    await turn_over()
    assert [house.heard_by(n) for n in (1, 2, 3)] == [["a pong 7"], ["a pong 7"], []]


async def test_the_author_does_not_hear_their_own_message(house: House) -> None:
    house.join(1)
    house.join(2)
    house.hub.perform([told(1, author=1), told(2, author=2), told(3)])
    await turn_over()
    assert house.heard_by(1) == ["a pong 2", "a pong 3"]
    assert house.heard_by(2) == ["a pong 1", "a pong 3"]


async def test_a_message_is_encoded_once_for_each_dialect_however_many_listen(house: House) -> None:
    for number in range(1, 21):
        house.join(number, WRITER if number % 3 else READER, house.a if number % 2 else house.b)
    house.hub.perform([told(7)])
    await turn_over()
    assert house.a.encoded == house.b.encoded == [Ponged(7)]
    assert house.heard_by(1) == ["a pong 7"]
    assert house.heard_by(2) == ["b pong 7"]


async def test_the_messages_of_a_turn_are_one_write_for_each_listener(house: House) -> None:
    house.join(1)
    house.hub.perform([told(n) for n in range(50)])
    house.hub.perform([Send(ConnectionId(1), Ponged(99))])
    await turn_over()
    assert house.sockets[1].writes == 1
    assert len(house.heard_by(1)) == 51


async def test_of_a_turn_s_cursors_only_each_newest_leaves_after_what_came_before_it(house: House) -> None:
    house.join(1)
    house.join(2)
    ada, bob = Latest("ada"), Latest("bob")
    house.hub.perform([told(1, policy=ada, author=2), told(2), told(3, policy=bob), told(4, policy=ada, author=2)])
    await turn_over()
    assert house.heard_by(1) == ["a pong 2", "a pong 3", "a pong 4"]
    assert house.heard_by(2) == ["a pong 2", "a pong 3"]
    house.hub.perform([told(5, policy=ada, author=2)])
    await turn_over()
    assert house.heard_by(1)[-1] == "a pong 5"


async def test_nothing_leaves_before_the_turn_ends(house: House) -> None:
    house.join(1)
    house.hub.perform([told(1)])
    assert house.heard_by(1) == []


async def test_what_waits_for_the_end_of_the_turn_leaves_with_the_turn(house: House) -> None:
    house.join(1)
    gathered: list[int] = []
    house.hub.perform([AtTurnEnd(lambda: [told(len(gathered))]), told(7)])
    gathered += [0, 0, 0]
    assert house.heard_by(1) == []
    await turn_over()
    assert house.heard_by(1) == ["a pong 7", "a pong 3"]
    assert house.sockets[1].writes == 1


async def test_an_end_of_turn_may_ask_for_another(house: House) -> None:
    house.join(1)
    house.hub.perform([AtTurnEnd(lambda: [AtTurnEnd(lambda: [told(1)])])])
    await turn_over()
    assert house.heard_by(1) == ["a pong 1"]


async def test_an_end_of_turn_that_fails_is_reported_and_costs_the_others_nothing(house: House) -> None:
    """P8."""
    reported: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))
    house.join(1)
    failure = LookupError("a defect")

    def fails() -> Effects:
        raise failure

    house.hub.perform([AtTurnEnd(fails), AtTurnEnd(lambda: [told(1)]), told(2)])
    await turn_over()
    await turn_over()
    assert reported == [failure]
    assert sorted(house.heard_by(1)) == ["a pong 1", "a pong 2"]


async def test_each_author_of_a_merged_message_hears_the_parts_of_the_others(house: House) -> None:
    for number in (1, 2, 3):
        house.join(number)
    parts = (Part(ConnectionId(1), Ponged(1)), Part(ConnectionId(2), Ponged(2)), Part(None, Ponged(0)))
    house.hub.perform([Broadcast(ROOM, Ponged(12), READERS, parts=parts)])
    await turn_over()
    assert house.heard_by(1) == ["a pong 2", "a pong 0"]
    assert house.heard_by(2) == ["a pong 1", "a pong 0"]
    assert house.heard_by(3) == ["a pong 12"]


async def test_those_outside_the_audience_hear_nothing(house: House) -> None:
    """P5."""
    house.join(1, WRITER)
    house.join(2, READER)
    house.hub.perform([told(1, WRITERS)])
    await turn_over()
    assert (house.heard_by(1), house.heard_by(2)) == (["a pong 1"], [])


async def test_a_hidden_event_advances_the_number_without_its_content(house: House) -> None:
    house.join(1, WRITER)
    house.join(2, READER)
    hidden = Happened("projects/hidden", {}, Seq(5))
    event = Happened("secret", {}, Seq(5))
    house.hub.perform([Broadcast(ROOM, event, WRITERS, instead=hidden)])
    await turn_over()
    assert (house.heard_by(1), house.heard_by(2)) == (["a secret 5"], ["a projects/hidden 5"])


async def test_each_view_is_shown_its_part_and_who_sees_all_shares_one_encoding(house: House) -> None:
    for number, view in enumerate((WRITER, WRITER, READER), start=1):
        house.join(number, view)
    house.join(4, NOBODY)
    whole, part, hidden = (Happened(name, {}, Seq(5)) for name in ("whole", "part", "hidden"))
    house.hub.perform(
        [Broadcast(ROOM, whole, READERS, instead=hidden, seen_by=lambda view: whole if view == WRITER else part)]
    )
    await turn_over()
    heard = [house.heard_by(number) for number in range(1, 5)]
    assert heard == [["a whole 5"], ["a whole 5"], ["a part 5"], ["a hidden 5"]]
    assert house.a.encoded.count(whole) == 1


async def test_who_joins_hears_the_greeting_first_and_what_came_before_it_not_at_all(house: House) -> None:
    house.join(1)
    house.hub.perform([told(1)])
    late = house.enter(2)
    house.hub.perform([Join(late, ROOM, lambda: [Send(late, Ponged(0))]), told(2)])
    await turn_over()
    assert house.heard_by(2) == ["a pong 0", "a pong 2"]
    assert house.heard_by(1) == ["a pong 1", "a pong 2"]


async def test_who_leaves_hears_the_last_message_and_no_more(house: House) -> None:
    house.join(1)
    house.hub.perform([Leave(ConnectionId(1), ROOM, Ponged(9)), told(1)])
    await turn_over()
    assert house.heard_by(1) == ["a pong 9"]
    assert house.sockets[1].closed is None


async def test_a_socket_that_exists_for_one_room_is_closed_when_it_is_told_to_leave(house: House) -> None:
    house.join(1, dialect=house.b)
    house.hub.perform([Leave(ConnectionId(1), ROOM, Ponged(9), 4410)])
    assert house.heard_by(1) == ["b pong 9"]
    assert house.sockets[1].closed == (4410, "")


async def test_closing_sends_first_what_the_turn_gathered(house: House) -> None:
    connection = house.enter(1)
    house.hub.perform([Send(connection, Ponged(1)), Close(connection, 4403, "no")])
    assert (house.heard_by(1), house.sockets[1].closed) == (["a pong 1"], (4403, "no"))


async def test_a_bulk_message_leaves_in_parts_after_what_was_said_before_it(house: House) -> None:
    connection = house.enter(1)
    house.hub.perform([Send(connection, Ponged(1)), Send(connection, Synced(1, b""), Lane.BULK)])  # type: ignore[arg-type]
    await turn_over()
    assert house.heard_by(1) == ["a pong 1", "a sync part 0", "a sync part 1", "a sync part 2"]


async def test_effects_for_who_is_gone_are_void(house: House) -> None:
    house.join(1)
    house.hub.disconnect(ConnectionId(1))
    house.hub.disconnect(ConnectionId(1))
    gone = ConnectionId(1)
    house.hub.perform(
        [told(1), Send(gone, Ponged(1)), Join(gone, ROOM, tuple), Leave(gone, ROOM), Close(gone, 1000, "")]
    )
    await turn_over()
    assert house.heard_by(1) == []


async def test_a_slow_reader_s_cursors_shrink_to_the_newest_and_the_others_hear_all(house: House) -> None:
    """P4."""
    house.join(1, is_reading=False)
    house.join(2)
    for n in range(200):
        house.hub.perform([told(n, policy=Latest("ada"))])
        await turn_over()
    assert len(house.heard_by(2)) == 200
    house.sockets[1].take_all()
    assert house.heard_by(1)[-1] == "a pong 199"
    assert len(house.heard_by(1)) < 120


async def test_a_reader_past_its_limit_is_closed_with_1013_and_the_others_hear_all(house: House) -> None:
    """P4."""
    house.join(1, is_reading=False)
    house.join(2)
    for n in range(2_000):
        house.hub.perform([told(n)])
        await turn_over()
    assert house.sockets[1].closed is not None
    assert house.sockets[1].closed[0] == CloseCode.TRY_AGAIN_LATER
    assert house.sockets[1].buffered_bytes < 3 * LIMITS.watermark_bytes
    assert len(house.heard_by(2)) == 2_000


async def test_a_reader_without_progress_is_closed_with_1013(house: House) -> None:
    """P4."""
    house.join(1, is_reading=False)
    for n in range(100):
        house.hub.perform([told(n)])
        await turn_over()
    house.hub.check_progress(now=1)
    house.hub.check_progress(now=17)
    assert house.sockets[1].closed is not None
    assert house.sockets[1].closed[0] == CloseCode.TRY_AGAIN_LATER


async def test_a_socket_is_read_again_when_every_reason_to_pause_is_gone(house: House) -> None:
    connection = house.enter(1)
    house.hub.perform([Pause(connection, "rate"), Pause(connection, "storage"), Resume(connection, "rate")])
    assert house.sockets[1].is_paused
    house.hub.perform([Resume(connection, "storage")])
    assert not house.sockets[1].is_paused


async def test_a_room_is_subscribed_once_and_unsubscribed_with_its_last_reason(house: House) -> None:
    house.hub.perform([Subscribe(ROOM), Subscribe(ROOM), Unsubscribe(ROOM)])
    assert house.wire.said == [("subscribe", ROOM)]
    house.hub.perform([Unsubscribe(ROOM)])
    assert house.wire.said == [("subscribe", ROOM), ("unsubscribe", ROOM)]


async def test_what_goes_to_other_workers_goes_to_the_wire_in_order(house: House) -> None:
    house.hub.perform([Publish(ROOM, lambda: b"one"), Announce(ROOM, b"two", b"brief")])
    assert house.wire.said == [("publish", "one"), ("announce", "two or brief")]


@pytest.mark.parametrize("count", [2, 3])
async def test_messages_of_several_rooms_are_one_write_too(house: House, count: int) -> None:
    connection = house.enter(1)
    rooms = [RoomKey(f"document:{n}") for n in range(count)]
    greeting: Callable[[], tuple[()]] = tuple
    house.hub.perform([Join(connection, room, greeting) for room in rooms])
    house.hub.perform([Broadcast(room, Ponged(n), READERS) for n, room in enumerate(rooms)])
    await turn_over()
    assert house.sockets[1].writes == 1


@pytest.mark.parametrize("lengths_s", [(0.01, 0.5), (0.5, 0.01), (0.01, None), (None, 0.01)])
async def test_of_two_pauses_for_one_reason_the_longer_holds(house: House, lengths_s: tuple[float | None, ...]) -> None:
    connection = house.enter(1)
    house.hub.perform([Pause(connection, "rate", for_s) for for_s in lengths_s])
    later = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, later.set)
    await later.wait()
    assert house.sockets[1].is_paused


async def test_a_timed_pause_ends_by_itself(house: House) -> None:
    connection, resumed = house.enter(1), asyncio.Event()
    house.sockets[1].resume_reading = resumed.set  # type: ignore[method-assign]
    house.hub.perform([Pause(connection, "rate", 0.01), Pause(connection, "rate", 0.02)])
    async with asyncio.timeout(5):
        await resumed.wait()
