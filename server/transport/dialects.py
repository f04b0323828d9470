"""How each dialect says what the server tells; one object per dialect serves all sockets that speak it."""

from collections.abc import Callable
from typing import Any

from protocol import message as wire
from protocol.documents import DocumentAccessChanged
from protocol.errors import ErrorCode
from protocol.outbound import (
    AccessChanged,
    Asked,
    Aware,
    Edited,
    Ended,
    Failed,
    Happened,
    KeptAlive,
    Outbound,
    Ponged,
    Replied,
    Saved,
    StorageTold,
    Synced,
    Welcomed,
)
from protocol.websocket import frame
from protocol.yjs import sync as yjs

SYNC_PART_BYTES = 64 * 1024  # a cursor waits for at most one part
ONLY_READ = "You may now read this document but not change it."
EMPTY_AWARENESS = b"\x00"  # an awareness update about nobody


class FlashDialect:
    """MessagePack on `/ws`."""

    serves_one_room = False

    def encode(self, message: Outbound) -> bytes:
        if isinstance(message, Synced):
            return b"".join(self.encode_bulk(message))
        payload = _FLASH[type(message)](message)
        return frame(payload) if payload else b""

    def encode_bulk(self, message: Outbound) -> list[bytes]:
        if not isinstance(message, Synced):
            return [self.encode(message)]
        channel, update = message.channel, message.update
        starts = range(0, len(update), SYNC_PART_BYTES)
        return [
            frame(wire.sync_part(channel, update[at : at + SYNC_PART_BYTES], more=at + SYNC_PART_BYTES < len(update)))
            for at in starts
        ]


class YjsDialect:
    """y-protocols on `/yjs`: exactly one message per frame, for y-websocket 3 decodes no second one."""

    serves_one_room = True

    def encode(self, message: Outbound) -> bytes:
        if isinstance(message, Saved):
            return b"".join([frame(yjs.encode_update(update)) for update in message.echo])
        encode = _YJS.get(type(message))
        payload = b"" if encode is None else encode(message)
        return frame(payload) if payload else b""

    def encode_bulk(self, message: Outbound) -> list[bytes]:
        return [self.encode(message)]


def _access_event(changed: AccessChanged) -> bytes:
    event = DocumentAccessChanged(channel=changed.channel, access="write" if changed.can_write else "read")
    return wire.event(event.name, event.model_dump(mode="python"), None)


FLASH = FlashDialect()
YJS = YjsDialect()

_Encoders = dict[type[Outbound], Callable[[Any], bytes]]

_FLASH: _Encoders = {
    Edited: lambda m: wire.edit(m.channel, m.update),
    Aware: lambda m: wire.awareness(m.channel, m.update),
    Saved: lambda m: wire.saved(m.channel, m.n, m.seq),
    Happened: lambda m: wire.event(m.name, m.body, m.seq),
    Replied: lambda m: wire.reply(m.request_id, m.body),
    Failed: lambda m: wire.error(m.request_id, m.code, m.message),
    Ponged: lambda m: wire.pong(m.n),
    Asked: lambda m: wire.ask(m.channel, m.state_vector),
    StorageTold: lambda m: wire.storage(m.channel, reachable=m.reachable),
    AccessChanged: _access_event,
    Ended: lambda m: wire.ended(m.channel, m.code, m.message, m.recovery_id, m.refused_from),
    Welcomed: lambda m: wire.welcome(m.body),
    KeptAlive: lambda _: b"",
}

_YJS: _Encoders = {
    Edited: lambda m: yjs.encode_update(m.update),
    Aware: lambda m: yjs.encode_awareness(m.update),
    Synced: lambda m: yjs.encode_sync_step2(m.update),
    Asked: lambda m: yjs.encode_sync_step1(m.state_vector),
    AccessChanged: lambda m: b"" if m.can_write else yjs.encode_auth_denied(_reason(ErrorCode.FORBIDDEN, ONLY_READ)),
    Ended: lambda m: yjs.encode_auth_denied(_ending(m)),
    Failed: lambda m: yjs.encode_auth_denied(_reason(m.code, m.message)),
    KeptAlive: lambda _: yjs.encode_awareness(EMPTY_AWARENESS),
}


def _ending(ended: Ended) -> str:
    """A stock client has no other way to learn where its text is."""
    reason = _reason(ended.code, ended.message)
    return reason if ended.recovery_id is None else f"{reason} ({ended.recovery_id})"


def _reason(code: ErrorCode, message: str) -> str:
    return f"{code}: {message}"
