"""What the generator's clients say: y-protocols messages in masked WebSocket frames, authored before they are timed.

All messages of one author have the same size, because their clocks take the same number of bytes; so a stream of
them is cut by multiplication, and a reader finds the newest of many at once.
"""

from dataclasses import dataclass
from enum import Enum

from protocol.yjs import sync
from protocol.yjs.awareness import AwarenessEntry, encode_awareness_update
from protocol.yjs.lib0 import write_var_bytes, write_var_string, write_var_uint

AUTHOR_ID = 3_000_000_019  # as a client of Yjs 13 draws it: 32 bits, so 5 bytes on the wire
ROOT_NAME = "codemirror"
MASK = b"\x37\xfa\x21\x3d"
CURSOR_STATE = (
    '{"user":{"name":"Ada Lovelace","color":"#30bced","colorLight":"#30bced33"},'
    '"cursor":{"anchor":{"type":null,"tname":"codemirror","item":{"client":3000000019,"clock":12345},"assoc":0},'
    '"head":{"type":null,"tname":"codemirror","item":{"client":3000000019,"clock":12345},"assoc":0}}}'
)


class Kind(Enum):
    CURSORS = "cursors"
    EDITS = "edits"


# Clocks whose varUint has one size; that of the character before an edit, too.
CLOCKS = {Kind.CURSORS: range(1 << 21, 1 << 28), Kind.EDITS: range((1 << 14) + 1, 1 << 21)}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How messages travel: y-websocket sends them as they are; others put an address in front, or speak first."""

    address: bytes = b""
    greeting: tuple[bytes, ...] = ()

    def hello(self) -> bytes:
        """What a client sends once its socket is open: it asks for the whole document."""
        step1 = self.address + sync.encode_sync_step1(sync.EMPTY_STATE_VECTOR)
        return b"".join(masked(message) for message in (*self.greeting, step1))


@dataclass(frozen=True, slots=True)
class Stream:
    """Frames of equal size, joined."""

    frames: bytes
    frame_bytes: int

    def part(self, start: int, end: int) -> memoryview:
        return memoryview(self.frames)[start * self.frame_bytes : end * self.frame_bytes]


def opening(kind: Kind, dialect: Dialect) -> bytes:
    """What the author sends before anything is timed: the text so far, or a first cursor."""
    first = CLOCKS[kind].start
    if kind is Kind.CURSORS:
        return masked(dialect.address + _cursor(first - 1))
    text = ("every line of this text has forty chars\n" * (first // 40 + 1))[:first]
    struct = b"\x04\x01" + write_var_string(ROOT_NAME) + write_var_string(text)
    update = b"\x01\x01" + write_var_uint(AUTHOR_ID) + b"\x00" + struct + b"\x00"
    return masked(dialect.address + sync.encode_update(update))


def authored(kind: Kind, dialect: Dialect, first: int, count: int) -> Stream:
    """The messages of the clocks from `first`: cursors, or one typed character each."""
    write = _cursor if kind is Kind.CURSORS else _typed
    sample = masked(dialect.address + write(first))
    payload_bytes = len(dialect.address + write(first))
    head = len(sample) - payload_bytes - len(MASK)
    plain_head = sample[:head] + MASK
    plain = b"".join(plain_head + dialect.address + write(first + number) for number in range(count))
    key = (bytes(len(plain_head)) + _repeated(MASK, payload_bytes)) * count
    return Stream(_xor(plain, key), len(sample))


def masked(payload: bytes, opcode: int = 2) -> bytes:
    """One final frame of a client (RFC 6455 section 5.2)."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    elif size < 1 << 16:
        head = bytes((0x80 | opcode, 0xFE)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0xFF)) + size.to_bytes(8, "big")
    return head + MASK + _xor(payload, _repeated(MASK, size))


def _cursor(clock: int) -> bytes:
    return sync.encode_awareness(encode_awareness_update([AwarenessEntry(AUTHOR_ID, clock, CURSOR_STATE)]))


def _typed(clock: int) -> bytes:
    """One character after the one before it, exactly as Yjs encodes it."""
    author = write_var_uint(AUTHOR_ID)
    item = b"\x84" + author + write_var_uint(clock - 1) + b"\x01" + bytes((97 + clock % 26,))
    return b"\x00\x02" + write_var_bytes(b"\x01\x01" + author + write_var_uint(clock) + item + b"\x00")


def _repeated(key: bytes, size: int) -> bytes:
    return (key * (size // len(key) + 1))[:size]


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "little") ^ int.from_bytes(other, "little")).to_bytes(len(one), "little")
