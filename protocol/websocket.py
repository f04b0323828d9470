"""RFC 6455 section 5.2 framing in the one shape a server sends: unmasked, unfragmented, binary.

Frames are made once per message and joined; below the `Socket` port they leave as they are, or are split again where
the layer below insists on framing them itself.
"""

from collections.abc import Iterator

_BINARY_FINAL = 0x82
_LEN_16 = 126
_LEN_64 = 127


def frame(payload: bytes) -> bytes:
    """Wrap `payload` as one final binary frame."""
    size = len(payload)
    if size < _LEN_16:
        return bytes((_BINARY_FINAL, size)) + payload
    if size <= 0xFFFF:
        return bytes((_BINARY_FINAL, _LEN_16)) + size.to_bytes(2, "big") + payload
    return bytes((_BINARY_FINAL, _LEN_64)) + size.to_bytes(8, "big") + payload


def payloads(frames: bytes) -> Iterator[bytes]:
    """Split a concatenation of `frame` results into their payloads, in order."""
    at, end = 0, len(frames)
    while at < end:
        size = frames[at + 1]
        at += 2
        if size == _LEN_16:
            size = int.from_bytes(frames[at : at + 2], "big")
            at += 2
        elif size == _LEN_64:
            size = int.from_bytes(frames[at : at + 8], "big")
            at += 8
        yield frames[at : at + size]
        at += size
