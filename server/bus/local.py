"""The bus inside one process: several ends may share an exchange, as workers share a Redis."""

import asyncio
from dataclasses import dataclass, field

from server.bus.port import Deliver, Resync
from server.settings import BUS_PAYLOAD_BYTES


@dataclass(slots=True)
class Exchange:
    ends: list["LocalBus"] = field(default_factory=list)


class LocalBus:
    """Delivers in the next loop turn, so that a publisher is never re-entered."""

    def __init__(self, exchange: Exchange | None = None) -> None:
        self._exchange = exchange or Exchange()
        self._subscribers: dict[str, Deliver] = {}

    @property
    def is_alone(self) -> bool:
        return len(self._exchange.ends) < 2

    async def start(self) -> None:
        self._exchange.ends.append(self)

    async def stop(self) -> None:
        self._subscribers.clear()
        if self in self._exchange.ends:
            self._exchange.ends.remove(self)

    def publish(self, topic: str, payload: bytes) -> None:
        if len(payload) > BUS_PAYLOAD_BYTES:
            raise ValueError(f"a payload of {len(payload)} bytes is over the bus limit of {BUS_PAYLOAD_BYTES}")
        loop = asyncio.get_running_loop()
        for end in self._exchange.ends:
            if end is not self:
                loop.call_soon(end.receive, topic, payload)

    def subscribe(self, topic: str, deliver: Deliver, resync: Resync) -> None:
        self._subscribers[topic] = deliver
        asyncio.get_running_loop().call_soon(resync)

    def unsubscribe(self, topic: str) -> None:
        self._subscribers.pop(topic, None)

    def receive(self, topic: str, payload: bytes) -> None:
        deliver = self._subscribers.get(topic)
        if deliver is not None:
            deliver(payload)
