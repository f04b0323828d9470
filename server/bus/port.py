"""The bus port: at most once, in order per topic and publisher, never to the publisher itself.

A lost message is normal (P3): whoever subscribes must be able to notice a gap by number and fetch what it missed, and
is called at `resync` whenever the bus itself knows that messages may be missing.
"""

from collections.abc import Callable
from typing import Protocol

Deliver = Callable[[bytes], None]
Resync = Callable[[], None]


class Bus(Protocol):
    """One worker's end of the bus. All methods are called on the loop's thread."""

    @property
    def is_alone(self) -> bool:
        """Whether nobody else can hear what is published now."""

    async def start(self) -> None: ...

    async def stop(self) -> None:
        """Deliver nothing any more; what was published may be lost."""

    def publish(self, topic: str, payload: bytes) -> None:
        """Hand over without waiting.

        Raises:
            ValueError: `payload` is larger than `BUS_PAYLOAD_BYTES`.
        """

    def subscribe(self, topic: str, deliver: Deliver, resync: Resync) -> None:
        """From the next `resync` call on, `deliver` hears what others publish; it must not raise or await."""

    def unsubscribe(self, topic: str) -> None:
        """Forget the topic; unknown ones are ignored."""
