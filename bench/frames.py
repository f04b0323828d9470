"""What bytes from a server say: frames, taken apart once for all listeners that receive the same ones."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from bench.messages import voice_number
from protocol.yjs.awareness import decode_awareness
from protocol.yjs.lib0 import read_var_bytes, read_var_string, write_var_uint
from protocol.yjs.update import STORED_LIMITS, check_update

BINARY, CLOSE, PING = 2, 8, 9
SYNC, AWARENESS, AUTH = 0, 1, 2
STEP_1, STEP_2 = 0, 1
READS_KEPT = 256  # the listeners of a room read the same bytes at about the same time


class Shape(NamedTuple):
    """A frame with one message in it: `head` reaches from its first byte to the author's id."""

    size: int
    head: bytes
    is_edit: bool


class Chunk(NamedTuple):
    """`said` has a voice's first and last clock; `end` is where the first cut frame begins, `shape` the last one's."""

    said: tuple[tuple[int, int, int], ...]
    controls: tuple[tuple[int, bytes], ...]
    has_document: bool
    refusal: str | None
    shape: Shape | None
    end: int


class Frame(NamedTuple):
    opcode: int
    start: int  # of its header
    payload: int  # where that begins
    end: int


def next_frame(data: bytes, pos: int) -> Frame | None:
    """The frame of a server that begins at `pos`; None when it is not all there. Its payload may be."""
    if pos + 2 > len(data):
        return None
    size, start = data[pos + 1], pos + 2
    if size == 126:
        size, start = int.from_bytes(data[start : start + 2], "big"), start + 2
    elif size == 127:
        size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
    if start > len(data) or start + size > len(data):
        return None
    return Frame(data[pos] & 15, pos, start, start + size)


@lru_cache(maxsize=READS_KEPT)
def taken_apart(data: bytes, address: bytes) -> Chunk:
    """All whole frames in `data`; `address` stands in front of every message for us."""
    taking = _Taking(data, address)
    pos = 0
    while (frame := next_frame(data, pos)) is not None:
        taking.take(frame)
        pos = frame.end
    return Chunk(tuple(taking.said), tuple(taking.controls), taking.has_document, taking.refusal, taking.shape, end=pos)


@dataclass(slots=True)
class _Taking:
    data: bytes
    address: bytes
    said: list[tuple[int, int, int]] = field(default_factory=list)
    controls: list[tuple[int, bytes]] = field(default_factory=list)
    has_document: bool = False
    refusal: str | None = None
    shape: Shape | None = None

    def take(self, frame: Frame) -> None:
        payload = self.data[frame.payload : frame.end]
        if frame.opcode != BINARY:
            self.controls.append((frame.opcode, payload))
        elif payload.startswith(self.address):
            self._take_message(payload[len(self.address) :], frame)

    def _take_message(self, message: bytes, frame: Frame) -> None:
        kind = message[0]
        if kind == SYNC and message[1] != STEP_1:
            ranges = _edited(read_var_bytes(message, 2)[0])
            self.has_document |= message[1] == STEP_2
            self._say(ranges, frame, is_edit=True, is_one=len(ranges) == 1 and ranges[0][1] == ranges[0][2])
        elif kind == AWARENESS:
            shown = _shown(read_var_bytes(message, 1)[0])
            self._say(shown, frame, is_edit=False, is_one=len(shown) == 1)
        elif kind == AUTH:
            self.refusal = f"refused: {read_var_string(message, 2)[0]}"

    def _say(self, ranges: tuple[tuple[int, int, int], ...], frame: Frame, *, is_edit: bool, is_one: bool) -> None:
        """`is_one`: the frame holds one message; edits that were merged are not told by the first clock alone."""
        self.said += [(voice_number(author, is_edit=is_edit), first, last) for author, first, last in ranges]
        self.shape = None
        if is_one:
            at = self.data.find(write_var_uint(ranges[0][0]), frame.start)
            self.shape = Shape(frame.end - frame.start, self.data[frame.start : at], is_edit)


@lru_cache(maxsize=4096)  # reads that are cut differently hold the same frames
def _edited(update: bytes) -> tuple[tuple[int, int, int], ...]:
    """The authors of an update, each with the first and last clock of what it wrote; more than once around a hole."""
    ranges = check_update(update, STORED_LIMITS).ranges
    return tuple((client, start, end - 1) for client, start, end in ranges if end > start)


@lru_cache(maxsize=4096)
def _shown(update: bytes) -> tuple[tuple[int, int, int], ...]:
    """The authors of an awareness update with their clock, twice."""
    return tuple((entry.client, entry.clock, entry.clock) for entry in decode_awareness(update) if entry.state)
