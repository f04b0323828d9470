"""State vectors: how many clocks of each client somebody knows.

Encoded as varUint count, then varUint client and varUint clock for each.
"""

from collections.abc import Mapping

from protocol.yjs.lib0 import read_var_uint, write_var_uint
from protocol.yjs.limits import MAX_CLOCK, MESSAGE_LIMITS, Limits, above, beyond
from protocol.yjs.malformed import Malformed, UpdateRefused


def decode_state_vector(data: bytes, limits: Limits = MESSAGE_LIMITS) -> dict[int, int]:
    """Read a state vector: client -> number of clocks known.

    Raises: UpdateRefused, with the reason `truncated`, `trailing`, `number`, `clock`, `duplicate` or `clients`.
    """
    try:
        return _read_state_vector(data, limits.vector_clients)
    except Malformed as error:
        raise UpdateRefused(error.reason, f"the state vector is refused: {error}") from None


def _read_state_vector(data: bytes, limit: int) -> dict[int, int]:
    count, pos = read_var_uint(data, 0)
    if count > limit:
        raise above("clients", count, limit)
    clocks: dict[int, int] = {}
    for _ in range(count):
        client, pos = read_var_uint(data, pos)
        clock, pos = read_var_uint(data, pos)
        if clock > MAX_CLOCK:
            raise beyond(clock)
        if client in clocks:
            raise Malformed("duplicate", f"client {client} occurs twice in the state vector")
        clocks[client] = clock
    if pos != len(data):
        raise Malformed("trailing", f"{len(data) - pos} bytes follow the state vector")
    return clocks


def encode_state_vector(clocks: Mapping[int, int]) -> bytes:
    """Encode a state vector, greatest client first as Yjs does."""
    parts = [write_var_uint(len(clocks))]
    for client in sorted(clocks, reverse=True):
        parts += write_var_uint(client), write_var_uint(clocks[client])
    return b"".join(parts)
