"""The lib0 primitives: numbers and byte strings of variable length, read at a position of a `bytes`.

Every reader takes `(data, pos)` and returns `(value, next_pos)`; nothing is copied but the value itself.

| primitive | bytes |
| --- | --- |
| varUint | 7 bits a byte, least significant group first, high bit = more follow; below 2^53, at most 8 bytes |
| varInt | first byte: bit 7 more, bit 6 sign, 6 value bits; then groups of 7 as above |
| varUint8Array | varUint byte length, then the bytes |
| varString | varUint byte length, then UTF-8 |
"""

from protocol.yjs.malformed import Malformed

MAX_INTEGER = (1 << 53) - 1  # what a JavaScript number holds exactly; lib0 refuses to read beyond it
_LAST_SHIFT = 49  # the eighth group of 7 bits; no 53-bit number needs a ninth


def read_var_uint(data: bytes, pos: int) -> tuple[int, int]:
    """Read an unsigned number.

    Raises: Malformed when the bytes end early or the number needs more than 53 bits.
    """
    try:
        byte = data[pos]
        pos += 1
        if byte < 128:
            return byte, pos
        value = byte & 127
        shift = 7
        while True:
            byte = data[pos]
            pos += 1
            value |= (byte & 127) << shift
            if byte < 128:
                break
            shift += 7
            if shift > _LAST_SHIFT:
                raise Malformed("number", "a number is longer than 53 bits allow")
    except IndexError:
        raise truncated() from None
    if value > MAX_INTEGER:
        raise Malformed("number", "a number is greater than 2^53 - 1")
    return value, pos


def read_var_int(data: bytes, pos: int) -> tuple[int, int]:
    """Read a signed number; minus zero reads as zero.

    Raises: Malformed when the bytes end early or the number needs more than 53 bits.
    """
    if pos >= len(data):
        raise truncated()
    first = data[pos]
    pos += 1
    value = first & 63
    if first & 128:
        rest, pos = read_var_uint(data, pos)
        value |= rest << 6
        if value > MAX_INTEGER:
            raise Malformed("number", "a number is greater than 2^53 - 1")
    return (-value if first & 64 else value), pos


def read_var_bytes(data: bytes, pos: int) -> tuple[bytes, int]:
    """Read a length-prefixed byte string.

    Raises: Malformed when fewer bytes are left than the length says.
    """
    length, pos = read_var_uint(data, pos)
    end = pos + length
    if end > len(data):
        raise truncated()
    return data[pos:end], end


def read_var_string(data: bytes, pos: int) -> tuple[str, int]:
    """Read a length-prefixed UTF-8 string.

    Raises: Malformed when bytes are missing or are not UTF-8 (a lone surrogate is not).
    """
    raw, pos = read_var_bytes(data, pos)
    try:
        return raw.decode(), pos
    except UnicodeDecodeError:
        raise not_utf8() from None


def write_var_uint(value: int) -> bytes:
    """Encode a number of 0 to 2^53 - 1."""
    if value < 128:
        if value < 0:
            raise ValueError(f"a varUint cannot be negative: {value}")
        return _ONE_BYTE[value]
    if value > MAX_INTEGER:
        raise ValueError(f"a varUint holds 53 bits, not {value}")
    out = bytearray()
    while value > 127:
        out.append(128 | value & 127)
        value >>= 7
    out.append(value)
    return bytes(out)


def write_var_int(value: int) -> bytes:
    """Encode a number of -(2^53 - 1) to 2^53 - 1."""
    sign, value = (64, -value) if value < 0 else (0, value)
    if value > MAX_INTEGER:
        raise ValueError(f"a varInt holds 53 bits and a sign, not {value}")
    if value < 64:
        return _ONE_BYTE[sign | value]
    return bytes((128 | sign | value & 63,)) + write_var_uint(value >> 6)


def write_var_bytes(value: bytes) -> bytes:
    """Encode a byte string with its length in front."""
    return write_var_uint(len(value)) + value


def write_var_string(value: str) -> bytes:
    """Encode a string as UTF-8 with its byte length in front."""
    return write_var_bytes(value.encode())


def truncated() -> Malformed:
    """Build the error for bytes that end before what they announce."""
    return Malformed("truncated", "the bytes end before what they announce")


def not_utf8() -> Malformed:
    """Build the error for text that is not UTF-8."""
    return Malformed("utf8", "a text is not valid UTF-8")


_ONE_BYTE = tuple(bytes((value,)) for value in range(128))
