"""Writes `protocol/vectors/messages.json`: a golden frame of every kind, for the Python and the TypeScript tests."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from protocol import frame, message
from protocol.documents import OpenDocument, Opened
from protocol.errors import ErrorCode
from protocol.files import FileCreated, FileEntry
from protocol.frame import Value
from protocol.ids import Channel, ConnectionId, DocumentId, FileId, ProjectId, RequestId, Seq, UserId
from protocol.message import Type
from protocol.session import Hello, Limits, NumberedEvent, Person, ProjectInfo, ResumeFrom, Welcome

_PROJECT = ProjectId(UUID("6f1b2a34-5c6d-4e7f-8a9b-0c1d2e3f4a5b"))
_FILE = UUID("0b8f6c1e-2d3a-4f5b-9c6d-7e8f9a0b1c2d")
_PERSON = Person(
    id=UserId(UUID("11111111-2222-4333-8444-555555555555")), name="Zoë 😀", color="#2a78d6", color_light="#2a78d633"
)
_COMMAND_ID = "9c5b94b1-35ad-49bb-b118-8e8fc24abf80"
_TIME = datetime(2026, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)
_CHANNEL = Channel(7)
_UPDATE = bytes.fromhex("0101d2090004010a636f64656d6972726f720568656c6c6f00")
_STATE_VECTOR = bytes.fromhex("01d20905")
_AWARENESS = bytes.fromhex("01d209010d") + b'{"user":null}'


@dataclass(frozen=True, slots=True)
class Vector:
    name: str
    sender: Literal["client", "server"]
    data: bytes


def render() -> str:
    """The JSON text: `[{name, sender, hex, decoded}]`, bytes in `decoded` as `{"hex": ...}`."""
    rows = [
        {"name": v.name, "sender": v.sender, "hex": v.data.hex(), "decoded": _as_json(frame.decode(v.data))}
        for v in (*_from_client(), *_from_server())
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def _from_client() -> list[Vector]:
    hello = Hello(
        minor=0, client="vector 1.0", project_id=_PROJECT, token=None, resume=ResumeFrom(epoch="e1", seq=Seq(41))
    )
    request = OpenDocument(path="src/main.py", state_vector=_STATE_VECTOR)
    fields: dict[str, list[Value]] = {
        "hello": [Type.HELLO, hello.model_dump()],
        "request": [Type.REQUEST, 1, OpenDocument.name, request.model_dump(), None],
        "request with command id": [Type.REQUEST, 300, "files/delete", {"path": "old.py"}, _COMMAND_ID],
        "ping": [Type.PING, 3],
        "edit": [Type.EDIT, _CHANNEL, 1, _UPDATE],
        "edit with the largest numbers": [Type.EDIT, message.MAX_UINT, message.MAX_UINT, _UPDATE],
        "awareness": [Type.AWARENESS, _CHANNEL, _AWARENESS],
        "sync": [Type.SYNC, _CHANNEL, _STATE_VECTOR],
    }
    return [Vector(name, "client", frame.encode(value)) for name, value in fields.items()]


def _from_server() -> list[Vector]:
    frames = {
        "welcome": message.welcome(_welcome().model_dump()),
        "reply": message.reply(RequestId(1), _opened().model_dump()),
        "error": message.error(RequestId(2), ErrorCode.FORBIDDEN, ""),
        "error of no request": message.error(None, ErrorCode.RATE_LIMITED, "Slow down."),
        "event": message.event(FileCreated.name, FileCreated(file=_file()).model_dump(), Seq(42)),
        "event without number": message.event("presence/left", {"connectionId": 12}, None),
        "pong": message.pong(3),
        "edit": message.edit(_CHANNEL, _UPDATE),
        "saved": message.saved(_CHANNEL, 1, Seq(1 << 32)),
        "awareness": message.awareness(_CHANNEL, _AWARENESS),
        "sync part": message.sync_part(_CHANNEL, _UPDATE[:10], more=True),
        "last sync part": message.sync_part(_CHANNEL, _UPDATE[10:], more=False),
        "ask": message.ask(_CHANNEL, _STATE_VECTOR),
        "storage": message.storage(_CHANNEL, reachable=False),
        "ended": message.ended(_CHANNEL, ErrorCode.TOO_LARGE, "", None),
        "ended with a recovery": message.ended(_CHANNEL, ErrorCode.FOREIGN_LINEAGE, "", _FILE, 7),
    }
    return [Vector(name, "server", data) for name, data in frames.items()]


def _welcome() -> Welcome:
    return Welcome(
        minor=0,
        server="flashio 0.1.0",
        connection_id=ConnectionId(12),
        credential_ends_at=datetime(2026, 1, 2, 4, 4, 5, tzinfo=UTC),
        user=_PERSON,
        project=ProjectInfo(id=_PROJECT, name="Demo", role="editor", abilities=["read", "write"], can_write=True),
        limits=Limits(
            max_message_bytes=1 << 24,
            max_update_bytes=1 << 23,
            max_awareness_bytes=4096,
            max_document_bytes=5_000_000,
            ping_interval_s=12.5,
        ),
        epoch="e1",
        seq=Seq(42),
        recovered=True,
        missed=[NumberedEvent(name=FileCreated.name, body=FileCreated(file=_file()).model_dump(), seq=Seq(42))],
        server_time=_TIME,
    )


def _opened() -> Opened:
    return Opened(
        channel=_CHANNEL,
        document_id=DocumentId(_FILE),
        path="src/main.py",
        root_name="codemirror",
        lineage="9007199254740991",
        seq=Seq(17),
        access="write",
        storage_reachable=True,
    )


def _file() -> FileEntry:
    return FileEntry(
        id=FileId(_FILE),
        path="src/main.py",
        language="python",
        mime_type="text/x-python",
        size=70_000,
        line_count=1800,
        checksum="00" * 32,
        is_directory=False,
        is_binary=False,
        is_symlink=False,
        symlink_target=None,
        is_executable=False,
        is_hidden=False,
        permissions=0o644,
        updated_at=_TIME,
    )


def _as_json(value: Value) -> Value:
    match value:
        case bytes():
            return {"hex": value.hex()}
        case list():
            return [_as_json(item) for item in value]
        case dict():
            return {key: _as_json(item) for key, item in value.items()}
        case _:
            return value
