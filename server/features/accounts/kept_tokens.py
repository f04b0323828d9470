"""Tokens of providers in the database: encrypted, or not there at all."""

from dataclasses import dataclass

from server.access.vault import NotOpened, Vault, key_id
from server.identity.port import Identity
from server.store import providers
from server.store.db import Database, Transaction

BATCH_ROWS = 500  # per transaction
ACCESS, REFRESH = "access_token", "refresh_token"


async def keep_tokens(tx: Transaction, vault: Vault, provider_key: str, identity: Identity) -> None:
    """Keep what a provider lets us do, under a key; without one only what the account is called there."""
    place = {"provider": provider_key, "subject": identity.subject}
    await providers.relabel.run(tx, **place, label=identity.label)
    if not vault.is_open:
        return
    tokens = identity.tokens
    await providers.keep_tokens.run(
        tx,
        **place,
        access_token=vault.seal(tokens.access, _purpose(ACCESS, **place)),
        refresh_token=tokens.refresh and vault.seal(tokens.refresh, _purpose(REFRESH, **place)),
        token_type=tokens.kind,
        scope=tokens.scope,
        expires_at=tokens.expires_at,
    )


@dataclass(slots=True)
class Count:
    """Tokens by what became of them. `plain`: another program wrote them, and can read only that."""

    newest: int = 0
    renewed: int = 0
    unreadable: int = 0
    plain: int = 0


async def renew_tokens(db: Database, vault: Vault, *, is_dry_run: bool = False) -> Count:
    """Encrypt with the newest key what was encrypted with an older one; safe to repeat, and while servers run."""
    count, after = Count(), ("", "")
    while True:
        async with db.transaction() as tx:
            rows = await providers.list_kept_tokens.all(
                tx, after_provider=after[0], after_subject=after[1], limit=BATCH_ROWS
            )
            for row in rows:
                await _renew(tx, vault, row, count, is_dry_run=is_dry_run)
        if len(rows) < BATCH_ROWS:
            return count
        after = (rows[-1].provider, rows[-1].subject)


async def _renew(
    tx: Transaction, vault: Vault, row: providers.KeptTokensRow, count: Count, *, is_dry_run: bool
) -> None:
    place = {"provider": row.provider, "subject": row.subject}
    access = _resealed(vault, row.access_token, _purpose(ACCESS, **place), count)
    refresh = _resealed(vault, row.refresh_token, _purpose(REFRESH, **place), count)
    if is_dry_run or (access, refresh) == (row.access_token, row.refresh_token):
        return
    await providers.reseal.run(
        tx,
        **place,
        access_token=access,
        refresh_token=refresh,
        was_access_token=row.access_token,
        was_refresh_token=row.refresh_token,
    )


def _resealed(vault: Vault, kept: str | None, purpose: str, count: Count) -> str | None:
    if kept is None:
        return None
    if key_id(kept) is None:
        count.plain += 1
        return kept
    try:
        secret = vault.open(kept, purpose)
    except NotOpened:
        count.unreadable += 1
        return kept
    if vault.is_newest(kept):
        count.newest += 1
        return kept
    count.renewed += 1
    return vault.seal(secret, purpose)


def _purpose(column: str, provider: str, subject: str) -> str:
    return f"accounts.{column} {provider} {subject}"
