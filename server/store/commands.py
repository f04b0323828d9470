"""The ids of commands that took effect, with their replies, so that a retry gets the first answer (P12)."""

from dataclasses import dataclass

from server.store.queries import query


@dataclass(frozen=True, slots=True)
class CommandRow:
    """What was answered; None only inside the transaction that is still making the reply."""

    reply: bytes | None


claim_command = query("commands.claim", bool)
record_reply = query("commands.record")
find_command = query("commands.find", CommandRow)
expire_commands = query("commands.expire")
