"""Accounts at providers of identities, and tries to sign in with one, as rows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.store.queries import query


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """A try that is under way; `user_id`: who adds the provider to their account."""

    provider: str
    next_path: str
    user_id: UUID | None


@dataclass(frozen=True, slots=True)
class LinkRow:
    """An account of a person at a provider; `subject` is its id there."""

    provider: str
    subject: str
    label: str | None
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class KeptTokensRow:
    """What is kept of an account's tokens: sealed, or as another program wrote it."""

    provider: str
    subject: str
    access_token: str | None
    refresh_token: str | None


create_attempt = query("providers.create_attempt")
consume_attempt = query("providers.consume_attempt", AttemptRow)
expire_attempts = query("providers.expire_attempts")
link = query("providers.link")
relabel = query("providers.relabel")
keep_tokens = query("providers.keep_tokens")
list_links = query("providers.list_links", LinkRow)
remove_link = query("providers.remove_link")
lock_person = query("providers.lock_person", str)
count_ways_in = query("providers.count_ways_in", int)
list_kept_tokens = query("providers.list_kept_tokens", KeptTokensRow)
reseal = query("providers.reseal")
