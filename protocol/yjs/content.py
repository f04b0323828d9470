"""Iterative walks over the values inside Yjs structs: lib0 "any" values and JSON texts.

Nothing here recurses or keeps what it reads: the readers behind us (yrs in Rust, JSON.parse and lib0 in browsers)
do recurse, and die of what they cannot hold.

A lib0 "any" value is one tag byte and a body:

| tag | value | body |
| --- | --- | --- |
| 127, 126 | undefined, null | nothing |
| 125 | integer | varInt |
| 124, 123, 122 | float32, float64, bigint | 4, 8, 8 bytes |
| 121, 120 | false, true | nothing |
| 119 | string | varString |
| 118 | object | varUint count, then varString key and value for each |
| 117 | array | varUint count, then the values |
| 116 | bytes | varUint8Array |
"""

import json
import math
import re

from protocol.yjs.lib0 import not_utf8, read_var_int, read_var_uint, truncated
from protocol.yjs.limits import Limits, above
from protocol.yjs.malformed import Malformed

_INTEGER, _STRING, _OBJECT, _ARRAY, _BYTES = 125, 119, 118, 117, 116
_FIXED = {127: 0, 126: 0, 124: 4, 123: 8, 122: 8, 121: 0, 120: 0}

# Formatting marks repeat these for every bold word; they need no parser.
_COMMON_JSON = frozenset((b"null", b"true", b"false", b'""', b"{}", b"0", b"1"))
_JSON_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_OPENING = frozenset(b"[{")


def skip_string(data: bytes, pos: int) -> int:
    """Return the position after a varString.

    Raises: Malformed when it is cut off or is not UTF-8.
    """
    size = data[pos]
    if size < 128:
        pos += 1
    else:
        size, pos = read_var_uint(data, pos)
    end = pos + size
    if end > len(data):
        raise truncated()
    piece = data[pos:end]
    if not piece.isascii():
        utf16_length(piece)
    return end


def utf16_length(piece: bytes) -> int:
    """Count the UTF-16 units of a UTF-8 text, which is how Yjs measures text.

    Raises: Malformed when it is not UTF-8; an encoded surrogate is not.
    """
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        raise not_utf8() from None
    return len(text) + sum(map(piece.count, _FOUR_BYTE_LEADS)) if not text.isascii() else len(text)


_FOUR_BYTE_LEADS = tuple(bytes((lead,)) for lead in range(0xF0, 0xF5))


def skip_any(data: bytes, pos: int, count: int, limits: Limits) -> tuple[int, int]:
    """Walk `count` values and return (position after them, number of values with those inside).

    Raises: Malformed when they are cut off, not valid, too many or nested too deep; IndexError at the end of
    the bytes.
    """
    values = 0
    outer: list[tuple[int, bool]] = []  # of each container around: values still to come, and whether it has keys
    has_keys = False
    while True:
        while count == 0:
            if not outer:
                return pos, values
            count, has_keys = outer.pop()
        count -= 1
        values += 1
        if values > limits.structs:
            raise above("structs", values, limits.structs)
        if has_keys:
            pos = skip_string(data, pos)
        tag = data[pos]
        pos += 1
        if tag in (_OBJECT, _ARRAY):
            if len(outer) == limits.nesting:
                raise too_deep(limits.nesting)
            outer.append((count, has_keys))
            has_keys = tag == _OBJECT
            count, pos = read_var_uint(data, pos)
        else:
            pos = _skip_plain(data, pos, tag)


def _skip_plain(data: bytes, pos: int, tag: int) -> int:
    size = _FIXED.get(tag)
    if size is not None:
        pos += size
    elif tag == _STRING:
        return skip_string(data, pos)
    elif tag == _INTEGER:
        return read_var_int(data, pos)[1]
    elif tag == _BYTES:
        size, pos = read_var_uint(data, pos)
        pos += size
    else:
        raise Malformed("value", f"{tag} is not a kind of value")
    if pos > len(data):
        raise truncated()
    return pos


def check_json(text: bytes, nesting: int) -> None:
    """Check that a text is JSON that JSON.parse and serde_json both take, nested at most `nesting` deep.

    So neither NaN nor Infinity, no number that overflows a double, and no lone surrogate behind an escape.
    Raises: Malformed with the reason `json`, `nesting` or `utf8`.
    """
    if text in _COMMON_JSON:
        return
    if text.count(b"[") + text.count(b"{") > nesting:
        _check_json_nesting(text, nesting)
    try:
        value = (_JSON if len(text) > _DOUBLE_DIGITS else _SHORT_JSON).decode(text.decode())
        if b"\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        raise not_utf8() from None
    except ValueError as error:
        raise Malformed("json", f"a text is not JSON: {error}") from None


def _check_json_nesting(text: bytes, nesting: int) -> None:
    depth = 0
    for byte in _JSON_STRINGS.sub(b"", text).translate(None, _NOT_BRACKETS):
        depth += 1 if byte in _OPENING else -1
        if depth > nesting:
            raise too_deep(nesting)


_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError("a number is too great")
    return number


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_DOUBLE_DIGITS = 308  # an integer of so many digits still is a double, so no shorter text holds one that is not
_JSON = json.JSONDecoder(parse_float=_finite, parse_int=_finite, parse_constant=_no_constant)
_SHORT_JSON = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant)


def too_deep(nesting: int) -> Malformed:
    """Build the error for values inside values beyond the limit."""
    return Malformed("nesting", f"values are nested more than {nesting} deep")
