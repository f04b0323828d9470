"""The ids of commands that took effect, with their replies, so that a retry gets the first answer (P12)."""

from dataclasses import dataclass

from server.store.queries import query


@dataclass(frozen=True, slots=True)
class CommandRow:
    """`reply`: what was answered; None while the first is still at work, or when it ended before it could say.

    `fingerprint`: SHA-256 of what was asked; None for what older code did.
    """

    reply: bytes | None
    fingerprint: bytes | None
    age_s: float


claim_command = query("commands.claim", bool)
record_reply = query("commands.record")
find_command = query("commands.find", CommandRow)
release_command = query("commands.release")
expire_commands = query("commands.expire")
