"""A bus end that loses, repeats and reorders what it hears, when the test says so (P3 allows a bus all of it)."""

from server.bus.local import Exchange, LocalBus


class LossyBus(LocalBus):
    """`loses` holds what arrives back for ever; `shuffles` gathers it until `release`, newest first and twice."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange)
        self.loses = False
        self.shuffles = False
        self.lost = 0
        self._held: list[tuple[str, bytes]] = []

    def receive(self, topic: str, payload: bytes) -> None:
        if self.loses:
            self.lost += 1
        elif self.shuffles:
            self._held.append((topic, payload))
        else:
            super().receive(topic, payload)

    def release(self) -> None:
        self.shuffles = False
        held, self._held = self._held, []
        for topic, payload in [*reversed(held), *held]:
            super().receive(topic, payload)
