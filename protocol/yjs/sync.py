"""The messages of y-protocols, as stock y-websocket providers send and expect them.

| outer varUint | message | bytes after it |
| --- | --- | --- |
| 0 | sync | varUint 0 step 1, 1 step 2, 2 update; then varUint8Array: state vector, update, update |
| 1 | awareness | varUint8Array: see `protocol.yjs.awareness` |
| 2 | auth | varUint 0 (denied), varString reason |
| 3 | query awareness | nothing |

An inbound frame may hold several messages (Yjs 14 reads and may send such frames); an outbound frame holds
exactly one, because the y-websocket of Yjs 13 reads only the first: send every encoder's result by itself.
"""

from dataclasses import dataclass

from protocol.yjs.lib0 import read_var_bytes, read_var_string, read_var_uint, write_var_bytes, write_var_string
from protocol.yjs.malformed import Malformed

MESSAGES_PER_FRAME = 64  # a two-byte message may cost a long answer; stock clients send one or a few

EMPTY_UPDATE = b"\x00\x00"
EMPTY_STATE_VECTOR = b"\x00"


@dataclass(frozen=True, slots=True)
class SyncStep1:
    """`state_vector` says what the sender holds; the answer is a step 2 with what it lacks."""

    state_vector: bytes


@dataclass(frozen=True, slots=True)
class SyncStep2:
    """The answer to a step 1: everything the asker lacks, and all deletions."""

    update: bytes


@dataclass(frozen=True, slots=True)
class Update:
    """An edit."""

    update: bytes


@dataclass(frozen=True, slots=True)
class Awareness:
    """Who is here and where their cursor is; still encoded."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class AuthDenied:
    """The server refuses the document; sent before the socket is closed, because clients ignore close codes."""

    reason: str


@dataclass(frozen=True, slots=True)
class QueryAwareness:
    """Asks for everybody's awareness."""


Message = SyncStep1 | SyncStep2 | Update | Awareness | AuthDenied | QueryAwareness

_SYNC = (SyncStep1, SyncStep2, Update)


def parse_frame(data: bytes) -> list[Message]:
    """Split a frame into its messages, in order; at least one.

    Raises: Malformed for an empty or truncated frame, an unknown type, or too many messages.
    """
    messages: list[Message] = []
    pos = 0
    while True:
        message, pos = _read_message(data, pos)
        messages.append(message)
        if pos == len(data):
            return messages
        if len(messages) == MESSAGES_PER_FRAME:
            raise Malformed("messages", f"a frame holds more than {MESSAGES_PER_FRAME} messages")


def sole_update(data: bytes) -> bytes | None:
    """The update of a frame that is one update and nothing else, as keystrokes are; None: see `parse_frame`."""
    return _sole(data, b"\x00\x02")


def sole_awareness(data: bytes) -> bytes | None:
    """The payload of a frame that is one awareness message and nothing else, as cursors are."""
    return _sole(data, b"\x01")


def _sole(data: bytes, head: bytes) -> bytes | None:
    if not data.startswith(head):
        return None
    at, size = len(head), len(data)
    if size > at and data[at] == size - at - 1 < 128:
        return data[at + 1 :]
    if size > at + 1 and data[at] >= 128 and data[at + 1] < 128:
        length = data[at] & 127 | data[at + 1] << 7
        if length == size - at - 2:
            return data[at + 2 :]
    return None


def _read_message(data: bytes, pos: int) -> tuple[Message, int]:
    outer, pos = read_var_uint(data, pos)
    if outer == 0:
        step, pos = read_var_uint(data, pos)
        if step >= len(_SYNC):
            raise Malformed("kind", f"{step} is not a kind of sync message")
        payload, pos = read_var_bytes(data, pos)
        return _SYNC[step](payload), pos
    if outer == 1:
        payload, pos = read_var_bytes(data, pos)
        return Awareness(payload), pos
    if outer == 2:
        return _read_auth(data, pos)
    if outer == 3:
        return QueryAwareness(), pos
    raise Malformed("kind", f"{outer} is not a kind of y-protocols message")


def _read_auth(data: bytes, pos: int) -> tuple[Message, int]:
    verdict, pos = read_var_uint(data, pos)
    if verdict != 0:
        raise Malformed("kind", f"{verdict} is not a kind of auth message")
    reason, pos = read_var_string(data, pos)
    return AuthDenied(reason), pos


def encode_sync_step1(state_vector: bytes) -> bytes:
    """Ask for what a holder of `state_vector` lacks."""
    return b"\x00\x00" + write_var_bytes(state_vector)


def encode_sync_step2(update: bytes) -> bytes:
    """Answer a step 1; the first one a stock client gets makes it say `synced`."""
    return b"\x00\x01" + write_var_bytes(update)


def encode_update(update: bytes) -> bytes:
    """Send an edit."""
    return b"\x00\x02" + write_var_bytes(update)


def encode_awareness(payload: bytes) -> bytes:
    """Send an encoded awareness update."""
    return b"\x01" + write_var_bytes(payload)


def encode_auth_denied(reason: str) -> bytes:
    """Tell a client, in-band, why it gets nothing."""
    return b"\x02\x00" + write_var_string(reason)


def encode_query_awareness() -> bytes:
    """Ask for everybody's awareness."""
    return b"\x03"
