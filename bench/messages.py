"""What the generator's clients say: y-protocols messages in masked WebSocket frames, authored before they are timed.

All messages of one author in one run have the same size, because their clocks take the same number of bytes; so a
stream of them is cut by multiplication, and a reader finds the newest of many at once.
"""

from dataclasses import dataclass
from enum import Enum

from protocol.yjs import sync
from protocol.yjs.awareness import AwarenessEntry, encode_awareness_update
from protocol.yjs.lib0 import write_var_bytes, write_var_string, write_var_uint

FIRST_AUTHOR = 3_000_000_019  # as a client of Yjs 13 draws it: 32 bits, so 5 bytes on the wire
ROOT_NAME = "codemirror"
MASK = b"\x37\xfa\x21\x3d"
FIRST_CURSOR = 1 << 21  # from here to 1 << 28 a clock takes 4 bytes
CURSOR_STATE = (
    '{{"user":{{"name":"Ada Lovelace","color":"#30bced","colorLight":"#30bced33"}},'
    '"cursor":{{"anchor":{{"type":null,"tname":"codemirror","item":{{"client":{0},"clock":12345}},"assoc":0}},'
    '"head":{{"type":null,"tname":"codemirror","item":{{"client":{0},"clock":12345}},"assoc":0}}}}}}'
)


class Kind(Enum):
    CURSORS = "cursors"
    EDITS = "edits"


@dataclass(frozen=True, slots=True)
class Voice:
    """What one author says of one kind; `number` tells voices apart cheaply."""

    kind: Kind
    author: int  # Yjs client id

    @property
    def number(self) -> int:
        return voice_number(self.author, is_edit=self.kind is Kind.EDITS)


def voice_number(author: int, *, is_edit: bool) -> int:
    return author * 2 + is_edit


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


def first_text(author: int, dialect: Dialect, characters: int) -> bytes:
    """The author's edit before anything is timed: so many characters, with the clocks from 0."""
    text = ("every line of this text has forty chars\n" * (characters // 40 + 1))[:characters]
    struct = b"\x04\x01" + write_var_string(ROOT_NAME) + write_var_string(text)
    update = b"\x01\x01" + write_var_uint(author) + b"\x00" + struct + b"\x00"
    return masked(dialect.address + sync.encode_update(update))


def cursor(author: int, dialect: Dialect, clock: int) -> bytes:
    """One cursor, as a frame."""
    return masked(dialect.address + _cursor(author, clock))


def authored(voice: Voice, dialect: Dialect, first: int, count: int) -> Stream:
    """The messages of the clocks from `first`: cursors, or one typed character each."""
    write = _cursor if voice.kind is Kind.CURSORS else _typed
    payload_bytes = len(dialect.address + write(voice.author, first))
    sample = masked(bytes(payload_bytes))
    plain_head = sample[: len(sample) - payload_bytes - len(MASK)] + MASK
    plain = b"".join(plain_head + dialect.address + write(voice.author, first + number) for number in range(count))
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


def _cursor(author: int, clock: int) -> bytes:
    entry = AwarenessEntry(author, clock, CURSOR_STATE.format(author))
    return sync.encode_awareness(encode_awareness_update([entry]))


def _typed(author: int, clock: int) -> bytes:
    """One character after the one before it, exactly as Yjs encodes it."""
    client = write_var_uint(author)
    item = b"\x84" + client + write_var_uint(clock - 1) + b"\x01" + bytes((97 + clock % 26,))
    return b"\x00\x02" + write_var_bytes(b"\x01\x01" + client + write_var_uint(clock) + item + b"\x00")


def _repeated(key: bytes, size: int) -> bytes:
    return (key * (size // len(key) + 1))[:size]


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "little") ^ int.from_bytes(other, "little")).to_bytes(len(one), "little")
