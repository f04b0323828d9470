"""Reading RFC 6455 frames of a client as they come in, whole or in pieces. No I/O.

An ordinary message (masked, binary, one frame) takes a short road; all others are looked at closely. Anything against
the RFC, or over the limit, is refused as soon as its header is there: nothing is kept that will not be taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from websockets.exceptions import ProtocolError
from websockets.frames import Close, apply_mask  # type: ignore[attr-defined]

from protocol.errors import CLOSE_TEXTS, CloseCode

_FINAL, _RESERVED, _OPCODE, _CONTROL = 0x80, 0x70, 0x0F, 0x08
_MASKED, _SIZE = 0x80, 0x7F
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_OPCODES = frozenset((_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG))
_ORDINARY = _FINAL | _BINARY
_LEN_16, _LEN_64 = 126, 127
_LENGTH_BYTES = {_LEN_16: 2, _LEN_64: 8}
_HEAD_BYTES, _MASK_BYTES, _SMALL_HEADER_BYTES = 2, 4, 6
_COPIED_BYTES = 4096  # a slice below this is cheaper than a view of it


class FrameViolation(Exception):
    """The peer broke the protocol or a limit; `code` and the text are what its close frame says."""

    def __init__(self, code: CloseCode, text: str | None = None) -> None:
        super().__init__(CLOSE_TEXTS[code] if text is None else text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Pinged:
    payload: bytes


@dataclass(frozen=True, slots=True)
class Ponged:
    payload: bytes


@dataclass(frozen=True, slots=True)
class Closed:
    """`payload` is what the answer repeats; `code` is 1005 when there is none in it."""

    code: int
    payload: bytes


Event = bytes | Pinged | Ponged | Closed  # bytes: one binary message


class FrameReader:
    """`max_bytes` bounds one message, however many frames it comes in, and may change between messages."""

    __slots__ = ("_data", "_message", "_needed", "max_bytes")

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._data: bytes | bytearray = b""
        self._needed = _HEAD_BYTES  # of `_data`, before the next frame can be looked at again
        self._message: bytearray | None = None  # what came of a message in several frames

    @property
    def has_more(self) -> bool:
        """Whether `read` may give events without more being fed."""
        return len(self._data) >= self._needed

    def feed(self, data: bytes) -> None:
        """Take what came; `read` gives its events."""
        if not self._data:
            self._data = data
        elif isinstance(self._data, bytearray):
            self._data += data
        else:
            self._data = bytearray(self._data) + data

    def read(self) -> Iterator[Event]:
        """Give the events of what was fed; who stops early gets the rest the next time.

        Raises:
            FrameViolation: nothing more can be read from this peer.
        """
        data, at, end = self._data, 0, len(self._data)
        if end < self._needed:
            return
        self._needed = _HEAD_BYTES
        try:
            while end - at >= _HEAD_BYTES:
                head, size, start = data[at], data[at + 1] ^ _MASKED, at + _SMALL_HEADER_BYTES
                is_ordinary = head == _ORDINARY and size < _LEN_16 and self._message is None
                if not is_ordinary:
                    size, start = self._header(data, at, end)
                if start + size > end:
                    self._needed = start + size - at
                    return
                at = start + size
                payload = _unmasked(data, start, at)
                if is_ordinary:
                    yield payload
                elif (event := self._event(head, payload)) is not None:
                    yield event
        finally:
            if at:
                self._data = data[at:]

    def _header(self, data: bytes | bytearray, at: int, end: int) -> tuple[int, int]:
        """Size and start of the payload; past the end when the header is not whole."""
        head, second = data[at], data[at + 1]
        self._check(head, second)
        size, start = second & _SIZE, at + _SMALL_HEADER_BYTES
        if size in _LENGTH_BYTES:
            start += _LENGTH_BYTES[size]
            if start > end:
                return 0, start
            size = int.from_bytes(data[at + _HEAD_BYTES : start - _MASK_BYTES], "big")
        if size + len(self._message or b"") > self.max_bytes and not head & _CONTROL:
            raise FrameViolation(CloseCode.MESSAGE_TOO_BIG)
        return size, start

    def _check(self, head: int, second: int) -> None:
        opcode = head & _OPCODE
        if head & _RESERVED or not second & _MASKED or opcode not in _OPCODES:
            raise FrameViolation(CloseCode.PROTOCOL_ERROR)
        if opcode & _CONTROL:
            if not head & _FINAL or second & _SIZE >= _LEN_16:
                raise FrameViolation(CloseCode.PROTOCOL_ERROR)
        elif (opcode == _CONTINUATION) != (self._message is not None):
            raise FrameViolation(CloseCode.PROTOCOL_ERROR)
        elif opcode == _TEXT:
            raise FrameViolation(CloseCode.UNSUPPORTED_DATA)

    def _event(self, head: int, payload: bytes) -> Event | None:
        opcode = head & _OPCODE
        if opcode == _PING:
            return Pinged(payload)
        if opcode == _PONG:
            return Ponged(payload)
        if opcode == _CLOSE:
            return _closed(payload)
        if self._message is None:
            if head & _FINAL:
                return payload
            self._message = bytearray()
        self._message += payload
        if not head & _FINAL:
            return None
        message, self._message = bytes(self._message), None
        return message


def _unmasked(data: bytes | bytearray, start: int, end: int) -> bytes:
    mask = data[start - _MASK_BYTES : start]
    if end - start < _COPIED_BYTES:
        return apply_mask(data[start:end], mask)
    with memoryview(data) as view:
        return apply_mask(view[start:end], mask)


def _closed(payload: bytes) -> Closed:
    try:
        return Closed(Close.parse(payload).code, payload)
    except ProtocolError:
        raise FrameViolation(CloseCode.PROTOCOL_ERROR) from None
    except UnicodeDecodeError:
        raise FrameViolation(CloseCode.INVALID_TEXT) from None
