"""What every bus promises, run on each adapter: `CONNECTORS` is where a new one joins."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import pytest

from server.bus.local import Exchange, LocalBus
from server.bus.port import Bus
from server.settings import BUS_PAYLOAD_BYTES

TOPIC = "document:one"
SETTLE_TIMEOUT_S = 5

Connect = Callable[[], Awaitable[Bus]]


@asynccontextmanager
async def local_bus() -> AsyncIterator[Connect]:
    exchange = Exchange()
    ends: list[LocalBus] = []

    async def connect() -> Bus:
        end = LocalBus(exchange)
        await end.start()
        ends.append(end)
        return end

    yield connect
    for end in ends:
        await end.stop()


CONNECTORS: dict[str, Callable[[], AbstractAsyncContextManager[Connect]]] = {"local": local_bus}


@pytest.fixture(params=CONNECTORS)
async def connect(request: pytest.FixtureRequest) -> AsyncIterator[Connect]:
    async with CONNECTORS[request.param]() as connect:
        yield connect


@dataclass
class Ear:
    """What one end heard of a topic; `resyncs` counts how often it was told to look for itself."""

    heard: list[bytes] = field(default_factory=list)
    resyncs: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def deliver(self, payload: bytes) -> None:
        self.heard.append(payload)
        self._changed.set()

    def resync(self) -> None:
        self.resyncs += 1
        self._changed.set()

    async def until(self, holds: Callable[["Ear"], bool]) -> "Ear":
        async with asyncio.timeout(SETTLE_TIMEOUT_S):
            while not holds(self):
                self._changed.clear()
                await self._changed.wait()
        return self


async def listening(bus: Bus, topic: str = TOPIC) -> Ear:
    """An ear that hears from now on."""
    ear = Ear()
    bus.subscribe(topic, ear.deliver, ear.resync)
    return await ear.until(lambda ear: ear.resyncs == 1)


async def test_others_hear_what_is_published_in_order(connect: Connect) -> None:
    speaker, one, two = await connect(), await connect(), await connect()
    ears = [await listening(one), await listening(two)]
    for n in range(100):
        speaker.publish(TOPIC, b"%d" % n)
    for ear in ears:
        await ear.until(lambda ear: len(ear.heard) == 100)
        assert ear.heard == [b"%d" % n for n in range(100)]


async def test_a_publisher_does_not_hear_itself(connect: Connect) -> None:
    speaker, other = await connect(), await connect()
    own, theirs = await listening(speaker), await listening(other)
    speaker.publish(TOPIC, b"mine")
    other.publish(TOPIC, b"theirs")
    await own.until(lambda ear: b"theirs" in ear.heard)
    await theirs.until(lambda ear: b"mine" in ear.heard)
    assert (own.heard, theirs.heard) == ([b"theirs"], [b"mine"])


async def test_topics_do_not_mix(connect: Connect) -> None:
    speaker, other = await connect(), await connect()
    here, there = await listening(other), await listening(other, "document:two")
    speaker.publish("document:two", b"there")
    speaker.publish(TOPIC, b"here")
    await here.until(lambda ear: bool(ear.heard))
    await there.until(lambda ear: bool(ear.heard))
    assert (here.heard, there.heard) == ([b"here"], [b"there"])


async def test_every_subscription_begins_with_a_resync(connect: Connect) -> None:
    """P3."""
    bus = await connect()
    await listening(bus)
    bus.unsubscribe(TOPIC)
    again = await listening(bus)
    assert again.resyncs == 1


async def test_what_is_published_before_the_resync_call_may_be_lost_but_nothing_after_it(connect: Connect) -> None:
    """P3."""
    speaker, other = await connect(), await connect()
    ear = await listening(other)
    speaker.publish(TOPIC, b"after")
    await ear.until(lambda ear: ear.heard == [b"after"])


async def test_who_unsubscribed_hears_no_more(connect: Connect) -> None:
    speaker, left, stays = await connect(), await connect(), await connect()
    gone, ear = await listening(left), await listening(stays)
    left.unsubscribe(TOPIC)
    left.unsubscribe("never subscribed")
    speaker.publish(TOPIC, b"late")
    await ear.until(lambda ear: bool(ear.heard))
    assert gone.heard == []


async def test_who_stopped_hears_no_more(connect: Connect) -> None:
    speaker, stopped, stays = await connect(), await connect(), await connect()
    gone, ear = await listening(stopped), await listening(stays)
    await stopped.stop()
    speaker.publish(TOPIC, b"late")
    await ear.until(lambda ear: bool(ear.heard))
    assert gone.heard == []


async def test_a_payload_over_the_limit_is_refused_at_the_publisher(connect: Connect) -> None:
    """P10."""
    speaker, other = await connect(), await connect()
    ear = await listening(other)
    with pytest.raises(ValueError, match="limit"):
        speaker.publish(TOPIC, bytes(BUS_PAYLOAD_BYTES + 1))
    speaker.publish(TOPIC, bytes(BUS_PAYLOAD_BYTES))
    await ear.until(lambda ear: bool(ear.heard))
    assert [len(payload) for payload in ear.heard] == [BUS_PAYLOAD_BYTES]
