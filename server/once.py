"""That a command takes effect once (P12): its id is claimed, its answer kept, and a repetition compared with it."""

import hashlib
from dataclasses import dataclass
from typing import Any

import msgpack

from protocol import frame
from protocol.frame import Value
from protocol.ids import CommandId, UserId
from protocol.model import Command
from server.errors import Conflict, Invalid, Unavailable
from server.feature import Caller, CommandSpec
from server.store import commands as store
from server.store.db import Connection

CLAIM_STALE_S = 60.0  # past it nobody is at work any more: far beyond a command's time limit


@dataclass(frozen=True, slots=True)
class Once:
    """A command under its id. `fingerprint` is a SHA-256 of what it means."""

    user_id: UserId
    command_id: CommandId
    fingerprint: bytes

    async def claim(self, connection: Connection) -> bool:
        """Whether this is the first; a repetition waits here while the first is at work in its transaction."""
        key = {"user_id": self.user_id, "command_id": self.command_id, "fingerprint": self.fingerprint}
        return await store.claim_command.maybe(connection, **key) is not None

    async def first_answer(self, connection: Connection) -> dict[str, Value]:
        """What the first was answered.

        Raises:
            Invalid: the first asked for something else.
            Unavailable: it is still at work.
            Conflict: nobody knows how it ended.
        """
        row = await store.find_command.one(connection, user_id=self.user_id, command_id=self.command_id)
        if row.fingerprint not in (None, self.fingerprint):
            raise Invalid("This command id (over HTTP: Idempotency-Key) was used for something else. Make a new one.")
        if row.reply is None:
            if row.age_s < CLAIM_STALE_S:
                raise Unavailable("This command is still under way. Ask again with the same id.")
            raise Conflict("Whether this command took effect is unknown. Look, and send it anew with another id.")
        reply: dict[str, Value] = msgpack.unpackb(row.reply)
        return reply

    async def record(self, connection: Connection, reply: bytes) -> None:
        """Keep what was answered, as a MessagePack map."""
        await store.record_reply.run(connection, user_id=self.user_id, command_id=self.command_id, reply=reply)

    async def release(self, connection: Connection) -> None:
        """Nothing took effect: the id may be tried again."""
        await store.release_command.run(connection, user_id=self.user_id, command_id=self.command_id)


def once_of(
    spec: CommandSpec, caller: Caller, command: Command[Any], *, command_id: CommandId | None, meaning: bytes | None
) -> Once | None:
    """None for a command that changes nothing. `meaning`: see `Dispatcher.command`."""
    if command_id is None or not spec.command.mutates:
        return None
    project = caller.project_id.bytes if spec.is_in_project else b""  # in another project it is another command
    fingerprint = hashlib.sha256(project + (meaning or meaning_of(command))).digest()
    return Once(caller.principal.user_id, command_id, fingerprint)


def meaning_of(command: Command[Any]) -> bytes:
    """A command's name and fields in one form however they were written.

    Defaults are left out: a field that the next release adds must not make a retry look like another command.
    """
    return frame.encode([command.name, command.model_dump(mode="python", exclude_defaults=True)])
