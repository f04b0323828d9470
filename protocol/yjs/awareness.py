"""The awareness update of y-protocols: who is here, as entries of client id, clock and JSON state.

It is encoded as varUint count, then for each entry varUint client id, varUint clock, varString state, where the
state is JSON text and `null` means that the client left. What a state means is not known here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from protocol.yjs.content import check_json
from protocol.yjs.lib0 import read_var_string, read_var_uint, truncated, write_var_string, write_var_uint
from protocol.yjs.malformed import Malformed

# yrs counts in 32 bits, and the server must still be able to say "left" with a greater clock.
MAX_CLOCK = (1 << 32) - 2


class AwarenessEntry(NamedTuple):
    """One client's state as JSON text; None when it left."""

    client: int
    clock: int
    state: str | None


@dataclass(frozen=True, slots=True)
class AwarenessLimits:
    """What one awareness update may hold."""

    entries: int = 1_000  # a stock client repeats everybody it knows when it is asked
    state_bytes: int = 16_384  # UTF-8; a cursor and a name take some 300
    total_bytes: int = 262_144
    nesting: int = 32


AWARENESS_LIMITS = AwarenessLimits()


def subject(data: bytes) -> bytes:
    """The bytes that say whom an update is about, unchecked: equal for updates that replace one another.

    An update about several is about nothing but itself.
    """
    end = 1
    while end < len(data) and data[end] >= 128:
        end += 1
    return data[: end + 1] if data.startswith(b"\x01") else data


def decode_awareness(data: bytes, limits: AwarenessLimits = AWARENESS_LIMITS) -> list[AwarenessEntry]:
    """Read the entries; every state is valid JSON, so that no receiver's parser stumbles.

    Raises: Malformed, with the reason `size`, `entries`, `state`, `duplicate`, `clock`, `json`, `nesting`,
    `utf8`, `number`, `truncated` or `trailing`.
    """
    if len(data) > limits.total_bytes:
        raise Malformed("size", f"an awareness update is at most {limits.total_bytes} bytes, not {len(data)}")
    count, pos = read_var_uint(data, 0)
    if count > limits.entries:
        raise Malformed("entries", f"an awareness update holds at most {limits.entries} entries, not {count}")
    entries: dict[int, AwarenessEntry] = {}
    for _ in range(count):
        entry, pos = _read_entry(data, pos, limits)
        if entry.client in entries:
            raise Malformed("duplicate", f"client {entry.client} occurs twice in one awareness update")
        entries[entry.client] = entry
    if pos != len(data):
        raise Malformed("trailing", f"{len(data) - pos} bytes follow the awareness update")
    return list(entries.values())


def _read_entry(data: bytes, pos: int, limits: AwarenessLimits) -> tuple[AwarenessEntry, int]:
    client, pos = read_var_uint(data, pos)
    clock, pos = read_var_uint(data, pos)
    if clock > MAX_CLOCK:
        raise Malformed("clock", f"an awareness clock is at most {MAX_CLOCK}, not {clock}")
    size, start = read_var_uint(data, pos)
    if size > limits.state_bytes:
        raise Malformed("state", f"an awareness state is at most {limits.state_bytes} bytes, not {size}")
    if start + size > len(data):
        raise truncated()
    text, end = read_var_string(data, pos)
    if text == "null":
        return AwarenessEntry(client, clock, None), end
    check_json(data[start:end], limits.nesting)
    return AwarenessEntry(client, clock, text), end


def encode_awareness_update(entries: Iterable[AwarenessEntry]) -> bytes:
    """Encode entries; None becomes `null`."""
    parts = [
        write_var_uint(client) + write_var_uint(clock) + write_var_string("null" if state is None else state)
        for client, clock, state in entries
    ]
    return write_var_uint(len(parts)) + b"".join(parts)
