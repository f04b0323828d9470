"""The messages of `/ws`: arrays whose first element is a `Type`; the README of this package is their specification.

Decoding checks shapes and ranges only. Meaning (rights, known channels, valid updates) is decided by the server.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

from protocol import frame
from protocol.errors import ERRORS, ErrorCode
from protocol.frame import FrameRefused, Value
from protocol.ids import Channel, CommandId, RequestId, Seq

MAX_UINT = (1 << 53) - 1  # what a JavaScript number holds exactly


class Type(IntEnum):
    HELLO = 0  # client: [0, Hello]            server: [0, Welcome]
    REQUEST = 1  # client: [1, id, name, body, commandId or nil]
    REPLY = 2  # server: [2, id, body]
    ERROR = 3  # server: [3, id or nil, {code, number, message, retry}]
    EVENT = 4  # server: [4, name, body, seq or nil]
    PING = 5  # client: [5, n]
    PONG = 6  # server: [6, n]
    EDIT = 10  # client: [10, channel, n, update]   server: [10, channel, update]
    SAVED = 11  # server: [11, channel, n, seq]
    AWARENESS = 12  # both: [12, channel, awarenessUpdate]
    SYNC = 13  # client: [13, channel, stateVector]  server: [13, channel, more, bytes]
    ASK = 14  # server: [14, channel, stateVector]
    STORAGE = 15  # server: [15, channel, reachable]
    ENDED = 16  # server: [16, channel, {code, number, message, retry, recoveryId}]


@dataclass(frozen=True, slots=True)
class Hello:
    body: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Request:
    id: RequestId
    name: str
    body: dict[str, Value]
    command_id: CommandId | None


@dataclass(frozen=True, slots=True)
class Ping:
    n: int


class Edit(NamedTuple):
    """`n` counts this connection's edits on the channel, from 1; `Saved` names it back.

    `is_answer`: it is all that the server lacked. Only the y-websocket dialect tells; on `/ws` it is an ordinary edit.
    """

    channel: Channel
    n: int
    update: bytes
    is_answer: bool = False


@dataclass(frozen=True, slots=True)
class AwarenessSent:
    channel: Channel
    update: bytes


@dataclass(frozen=True, slots=True)
class SyncAsked:
    channel: Channel
    state_vector: bytes


@dataclass(frozen=True, slots=True)
class AwarenessAsked:
    """Everybody's state, please; only the y-websocket dialect says this, `/ws` is told on opening."""

    channel: Channel


Inbound = Hello | Request | Ping | Edit | AwarenessSent | SyncAsked


def decode(data: bytes) -> Inbound:
    """Decode one client frame.

    Raises:
        FrameRefused: it has no known type or not the shape of its type.
    """
    fields = frame.decode(data)
    match fields:
        case [Type.EDIT, int(channel), int(n), bytes(update)] if _uint(channel) and _uint(n):
            return Edit(Channel(channel), n, update)
        case [Type.AWARENESS, int(channel), bytes(update)] if _uint(channel):
            return AwarenessSent(Channel(channel), update)
        case [Type.SYNC, int(channel), bytes(state_vector)] if _uint(channel):
            return SyncAsked(Channel(channel), state_vector)
        case [Type.REQUEST, int(request_id), str(name), dict(body), command_id] if _uint(request_id):
            frame.check_body(body)
            return Request(RequestId(request_id), name, body, _command_id(command_id))
        case [Type.PING, int(n)] if _uint(n):
            return Ping(n)
        case [Type.HELLO, dict(body)]:
            frame.check_body(body)
            return Hello(body)
        case _:
            raise FrameRefused(f"no message of type {fields[0]} has this shape")


def welcome(body: dict[str, Value]) -> bytes:
    return frame.encode([Type.HELLO, body])


def reply(request_id: RequestId, body: dict[str, Value]) -> bytes:
    return frame.encode([Type.REPLY, request_id, body])


def error(request_id: RequestId | None, code: ErrorCode, message: str) -> bytes:
    return frame.encode([Type.ERROR, request_id, error_body(code, message)])


def event(name: str, body: dict[str, Value], seq: Seq | None) -> bytes:
    return frame.encode([Type.EVENT, name, body, seq])


def pong(n: int) -> bytes:
    return frame.encode([Type.PONG, n])


def edit(channel: Channel, update: bytes) -> bytes:
    return frame.encode([Type.EDIT, channel, update])


def saved(channel: Channel, n: int, seq: Seq) -> bytes:
    return frame.encode([Type.SAVED, channel, n, seq])


def awareness(channel: Channel, update: bytes) -> bytes:
    return frame.encode([Type.AWARENESS, channel, update])


def sync_part(channel: Channel, part: bytes, *, more: bool) -> bytes:
    """One part of a sync: the parts of a run, up to the one without `more`, joined, are one Yjs update."""
    return frame.encode([Type.SYNC, channel, more, part])


def ask(channel: Channel, state_vector: bytes) -> bytes:
    return frame.encode([Type.ASK, channel, state_vector])


def storage(channel: Channel, *, reachable: bool) -> bytes:
    return frame.encode([Type.STORAGE, channel, reachable])


def ended(channel: Channel, code: ErrorCode, message: str, recovery_id: UUID | None) -> bytes:
    body = error_body(code, message) | {"recoveryId": None if recovery_id is None else str(recovery_id)}
    return frame.encode([Type.ENDED, channel, body])


def error_body(code: ErrorCode, message: str) -> dict[str, Value]:
    entry = ERRORS[code]
    return {"code": str(code), "number": entry.number, "message": message or entry.text, "retry": entry.retry}


def _uint(value: int) -> bool:
    return type(value) is int and 0 <= value <= MAX_UINT


def _command_id(value: Value) -> CommandId | None:
    if value is None:
        return None
    try:
        return CommandId(UUID(value))
    except (ValueError, AttributeError, TypeError) as error:
        raise FrameRefused("a command id is a UUID in text form, or nil") from error
