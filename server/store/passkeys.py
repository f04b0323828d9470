"""Passkeys and the challenges that they answer, as rows. Only hashes of challenges come here; keys are base64."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.queries import query


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey as its owner sees it in a list."""

    id: UUID
    name: str
    credential_id: str
    is_backed_up: bool
    transports: str | None
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A passkey as it is checked."""

    id: UUID
    user_id: UUID
    public_key: str


create_challenge = query("passkeys.create_challenge")
count_challenges = query("passkeys.count_challenges", int)
consume_challenge = query("passkeys.consume_challenge", bool)
expire_challenges = query("passkeys.expire_challenges")
create_passkey = query("passkeys.create", UUID)
list_my_passkeys = query("passkeys.list_mine", PasskeyRow)
find_passkey = query("passkeys.find", KeyRow)
count_up = query("passkeys.count_up", bool)
rename_passkey = query("passkeys.rename")
count_mine = query("passkeys.count_mine", int)
remove_passkey = query("passkeys.remove")
