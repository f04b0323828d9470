"""A Yjs document that knows unit by unit what it holds, in the words of tests/stock/contents.mjs."""

from collections.abc import Iterable, Iterator

from pycrdt import Doc, Text, TransactionEvent

from protocol.yjs.lib0 import read_var_uint
from protocol.yjs.state_vector import decode_state_vector
from protocol.yjs.update import STORED_LIMITS
from tests.harness.editor import ROOT_NAME


class Replica:
    def __init__(self) -> None:
        self._doc: Doc[Text] = Doc()
        self._text = self._doc.get(ROOT_NAME, type=Text)
        self._deleted: set[str] = set()
        self._clocks: dict[int, int] = {}
        self._watching = self._doc.observe(self._changed)

    @property
    def text(self) -> str:
        return str(self._text)

    def holds(self, units: Iterable[str]) -> bool:
        return all(self._holds(unit) for unit in units)

    def apply(self, update: bytes) -> None:
        self._doc.apply_update(update)

    def state_vector(self) -> bytes:
        return self._doc.get_state()

    def diff(self, state_vector: bytes) -> bytes:
        """What a replica with this state vector lacks."""
        return self._doc.get_update(state_vector)

    def _holds(self, unit: str) -> bool:
        if unit[0] == "-":
            return unit in self._deleted
        client, clock = unit[1:].split(":")
        return int(clock) < self._clocks.get(int(client), 0)

    def _changed(self, event: TransactionEvent) -> None:
        self._deleted.update(_deletions(event.delete_set))
        self._clocks = decode_state_vector(event.after_state, STORED_LIMITS)


def _deletions(delete_set: bytes) -> Iterator[str]:
    client_count, pos = read_var_uint(delete_set, 0)
    for _ in range(client_count):
        client, pos = read_var_uint(delete_set, pos)
        range_count, pos = read_var_uint(delete_set, pos)
        for _ in range(range_count):
            clock, pos = read_var_uint(delete_set, pos)
            length, pos = read_var_uint(delete_set, pos)
            yield from (f"-{client}:{at}" for at in range(clock, clock + length))
