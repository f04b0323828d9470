"""The one rule for characters that PostgreSQL cannot hold: NUL and lone surrogates become U+FFFD at the border."""

import json
import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# A NUL inside encoded JSON, not preceded by an odd number of backslashes (which would make it six plain characters).
ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def storable(text: str) -> str:
    """Return text that PostgreSQL accepts; the same object when nothing had to be replaced."""
    if "\0" in text:
        text = text.replace("\0", REPLACEMENT)
    try:
        text.encode()
    except UnicodeEncodeError:
        # UTF-16 joins surrogate pairs that were written as two units and marks the lone ones.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def encode_json(value: object) -> str:
    """Encode for a jsonb column."""
    encoded = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return storable(ESCAPED_NUL.sub(rf"\1{REPLACEMENT}", encoded))
