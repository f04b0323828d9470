"""Range requests (RFC 9110 section 14): which part of a file was asked for."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes from `start` up to `stop`, which is not part of it."""

    start: int
    stop: int


class NotSatisfiable(Exception):
    """The range begins behind the end of the file."""


def asked_part(header: str | None, if_range: str | None, etag: str, size: int) -> Part | None:
    """The part to send; None means all of it, which is also the answer to several ranges at once.

    With `if_range` a part is sent only of the version that the client has the rest of.

    Raises:
        NotSatisfiable: no byte of the range exists.
    """
    match = _ONE_RANGE.fullmatch(header.strip()) if header else None
    if match is None or (if_range is not None and if_range != etag):
        return None
    first, last = match[1], match[2]
    if not first and not last:
        return None
    if not first:
        return _suffix(int(last), size)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise NotSatisfiable
    return Part(start, min(size, int(last) + 1) if last else size)


def _suffix(length: int, size: int) -> Part:
    if length == 0 or size == 0:
        raise NotSatisfiable
    return Part(max(0, size - length), size)
