"""Sessions of random and broken frames, and what websockets' own reader makes of them."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from tests.harness.raw_client import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, closing, framed

MAX_MESSAGE_BYTES = 256 * 1024
FRAMES = (5, 70)  # of one session
SIZES = (0, 1, 2, 125, 126, 127, 300, 4096, 65535, 65536)
BROKEN_SHARE = 0.02  # of frames, so that most sessions get somewhere


@dataclass(frozen=True, slots=True)
class Session:
    """`echoed` are the messages that must come back; `codes` the close codes that are right, None for no frame."""

    data: bytes
    frames: int
    echoed: list[bytes]
    codes: frozenset[int | None]


def session(rng: random.Random) -> Session:
    """What one client sends: mostly sound, always ending with a close frame that may be lost in what came before."""
    parts: list[bytes] = []
    count = rng.randint(*FRAMES)
    while len(parts) < count:
        parts += [broken(rng, part) if rng.random() < BROKEN_SHARE else part for part in sound(rng)]
    parts.append(closing(1000))
    data = b"".join(parts)
    return Session(data, len(parts), *expected(data))


def expected(data: bytes) -> tuple[list[bytes], frozenset[int | None]]:
    """What websockets makes of the bytes. Where several things are wrong at once, either may be told.

    Text is refused here as soon as it is announced, which websockets cannot know.
    """
    reader = ServerProtocol(state=State.OPEN, max_size=MAX_MESSAGE_BYTES)
    reader.receive_data(data)
    messages: list[bytes] = []
    pieces: list[bytes] = []
    for frame in reader.events_received():
        if not isinstance(frame, Frame) or frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            continue
        if frame.opcode is Opcode.TEXT:
            return messages, frozenset({1003})
        pieces.append(bytes(frame.data))
        if frame.fin:
            messages.append(b"".join(pieces))
            pieces = []
    code = reader.close_sent.code if reader.close_sent else None
    if code is None:
        return messages, frozenset({None, 1003, 1002, 1009})
    if code == 1009:
        return messages, frozenset({1009, 1002, 1003})
    if reader.close_rcvd is None:
        return messages, frozenset({int(code)})
    # RFC 6455 section 5.4 allows a close inside of a message. Who sends more after it may get a reset for an answer.
    return messages, frozenset({int(code), int(reader.close_rcvd.code), None})


def sound(rng: random.Random) -> list[bytes]:
    """One message or control frame, in pieces at times, with control frames between them."""
    kind = rng.random()
    if kind < 0.15:
        return [framed(rng.choice((PING, PONG)), rng.randbytes(rng.randint(0, 125)))]
    payload = rng.randbytes(_size(rng))
    if kind < 0.75 or not payload:
        return [framed(BINARY, payload)]
    cuts = sorted(rng.randint(0, len(payload)) for _ in range(rng.randint(1, 4)))
    pieces = [payload[a:b] for a, b in zip([0, *cuts], [*cuts, len(payload)], strict=True)]
    frames: list[bytes] = []
    for index, piece in enumerate(pieces):
        opcode = CONTINUATION if index else BINARY
        frames.append(framed(opcode, piece, final=index == len(pieces) - 1))
        if rng.random() < 0.2 and index < len(pieces) - 1:
            frames.append(framed(PING, b"between"))
    return frames


def broken(rng: random.Random, part: bytes) -> bytes:
    return rng.choice(_BREAKERS)(rng, part)


def _size(rng: random.Random) -> int:
    kind = rng.random()
    if kind < 0.9:
        return rng.randint(0, 140)
    return rng.choice(SIZES) if kind < 0.995 else rng.randint(0, MAX_MESSAGE_BYTES + 1000)


def _flip_header(rng: random.Random, part: bytes) -> bytes:
    at = rng.randrange(min(2, len(part)))
    return part[:at] + bytes((part[at] ^ (1 << rng.randrange(8)),)) + part[at + 1 :]


def _cut(rng: random.Random, part: bytes) -> bytes:
    return part[: rng.randrange(len(part))]


def _double(rng: random.Random, part: bytes) -> bytes:
    at = rng.randrange(len(part))
    return part[:at] + part[: rng.randrange(len(part)) + 1] + part[at:]


def _noise(rng: random.Random, part: bytes) -> bytes:
    return rng.randbytes(rng.randint(1, 40)) + part


def _giant(rng: random.Random, part: bytes) -> bytes:
    size = rng.choice((MAX_MESSAGE_BYTES + 1, 1 << 32, 1 << 62, (1 << 64) - 1))
    return bytes((0x80 | rng.choice((CONTINUATION, BINARY, TEXT)), 0xFF)) + size.to_bytes(8, "big") + part


def _strange_opcode(rng: random.Random, _part: bytes) -> bytes:
    return framed(rng.randrange(16), rng.randbytes(rng.randint(0, 20)), final=rng.random() < 0.7)


def _strange_close(rng: random.Random, _part: bytes) -> bytes:
    return framed(CLOSE, rng.randbytes(rng.randint(0, 125)))


def _unmasked(rng: random.Random, _part: bytes) -> bytes:
    return framed(BINARY, rng.randbytes(rng.randint(0, 20)), masked=False)


_BREAKERS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _flip_header,
    _cut,
    _double,
    _noise,
    _giant,
    _strange_opcode,
    _strange_close,
    _unmasked,
)
