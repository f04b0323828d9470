"""What features of all workers hear when something durable happened: a name, a body, its number and who may know."""

from dataclasses import dataclass
from typing import Any

import msgpack

from protocol import frame
from protocol.ids import Seq
from server.hub.effects import Announce, RoomKey

BRIEF = 0
FORM_VERSION = 1  # workers of the previous release must be able to read it


@dataclass(frozen=True, slots=True)
class Announcement:
    """`ability`: the number of the ability that the body is for; others learn the number only."""

    name: str
    body: dict[str, Any]
    seq: Seq
    ability: int

    def to(self, room: RoomKey) -> Announce:
        packed = frame.encode([FORM_VERSION, self.name, self.body, self.seq, self.ability])
        return Announce(room, packed, frame.encode([BRIEF, self.seq]))

    @classmethod
    def unpacked(cls, payload: bytes) -> "Announcement | None":
        """None for a brief, and for a form of a later release: what happened is to be read from the database."""
        version, *fields = msgpack.unpackb(payload)
        if version != FORM_VERSION:
            return None
        name, body, seq, ability = fields
        return cls(name, body, Seq(seq), ability)
