"""Changing the key that providers' tokens are encrypted with, as an operator does it."""

import pytest

from server.access.vault import Vault, new_key
from server.features.accounts.kept_tokens import keep_tokens, renew_tokens
from server.identity.port import Identity, Tokens
from server.store import accounts, providers
from server.store.db import Database
from tests.harness.command_line import flashio
from tests.store.examples import add_user

OLD, NEW = new_key(), new_key()


async def kept(database: Database) -> list[tuple[str | None, str | None]]:
    async with database.acquire() as connection:
        rows = await connection.fetch("select access_token, refresh_token from accounts order by provider_account_id")
    return [tuple(row) for row in rows]


@pytest.fixture
async def database_with_tokens(database: Database) -> Database:
    """Two accounts with tokens under the old key, and one of another program."""
    async with database.transaction() as tx:
        ada = await add_user(tx)
        for subject, refresh in (("1", "refresh 1"), ("2", None), ("3", None)):
            await accounts.link_account.run(
                tx, user_id=ada, type="oauth", provider="github", provider_account_id=subject
            )
            if subject != "3":
                tokens = Tokens(f"access {subject}", refresh, "bearer", None, None)
                identity = Identity(subject, None, None, "ada", None, tokens)
                await keep_tokens(tx, Vault([OLD]), "github", identity)
        await tx.execute("update accounts set access_token = 'plain' where provider_account_id = '3'")
    return database


async def test_after_renewing_the_old_key_can_go(database_with_tokens: Database, database_url: str) -> None:
    before = await kept(database_with_tokens)
    counted = await flashio(
        "encryption", "renew", "--dry-run", DATABASE_URL=database_url, ENCRYPTION_KEYS=f"{NEW},{OLD}"
    )
    assert (counted.code, "3 tokens would be renewed, 0 were" in counted.out) == (0, True)
    assert await kept(database_with_tokens) == before
    renewed = await flashio("encryption", "renew", DATABASE_URL=database_url, ENCRYPTION_KEYS=f"{NEW},{OLD}")
    assert (renewed.code, "3 tokens renewed, 0 were" in renewed.out, "1 are not encrypted" in renewed.out) == (
        0,
        True,
        True,
    )
    after = await kept(database_with_tokens)
    assert after[2] == before[2]
    opened = Vault([NEW]).open(after[0][1] or "", "accounts.refresh_token github 1")
    assert opened == "refresh 1"
    again = await flashio("encryption", "renew", DATABASE_URL=database_url, ENCRYPTION_KEYS=NEW)
    assert "0 tokens renewed, 3 were up to date" in again.out
    assert await kept(database_with_tokens) == after


async def test_tokens_whose_key_is_missing_are_left_as_they_are_and_counted(
    database_with_tokens: Database, database_url: str
) -> None:
    before = await kept(database_with_tokens)
    ended = await flashio("encryption", "renew", DATABASE_URL=database_url, ENCRYPTION_KEYS=NEW)
    assert (ended.code, "3 tokens were left" in ended.err) == (1, True)
    assert await kept(database_with_tokens) == before


async def test_tokens_that_somebody_renewed_by_signing_in_meanwhile_stay(database_with_tokens: Database) -> None:
    async with database_with_tokens.transaction() as tx:
        [row, *_] = await providers.list_kept_tokens.all(tx, after_provider="", after_subject="", limit=10)
        stale = {"access_token": "x", "refresh_token": "y", "was_access_token": "older", "was_refresh_token": None}
        assert await providers.reseal.run(tx, provider=row.provider, subject=row.subject, **stale) == 0


async def test_every_page_of_accounts_is_renewed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.features.accounts.kept_tokens.BATCH_ROWS", 2)
    async with database.transaction() as tx:
        ada = await add_user(tx)
        for number in range(5):
            place = {"provider": "github", "provider_account_id": str(number)}
            await accounts.link_account.run(tx, user_id=ada, type="oauth", **place)
            identity = Identity(str(number), None, None, None, None, Tokens("secret", None, None, None, None))
            await keep_tokens(tx, Vault([OLD]), "github", identity)
    assert (await renew_tokens(database, Vault([NEW, OLD]))).renewed == 5
    assert (await renew_tokens(database, Vault([NEW]))).newest == 5


async def test_a_new_key_is_one_line_that_the_server_takes() -> None:
    made = await flashio("encryption", "new-key")
    assert (made.code, made.out.count("\n")) == (0, 1)
    assert Vault([made.out.strip()]).is_open


async def test_without_a_key_there_is_nothing_to_renew_with(database_url: str) -> None:
    ended = await flashio("encryption", "renew", DATABASE_URL=database_url, ENCRYPTION_KEYS="")
    assert (ended.code, "new-key" in ended.err) == (1, True)


@pytest.mark.parametrize(
    ("keys", "code", "said"),
    [
        (OLD, 0, "all encrypted with the newest key"),
        (f"{NEW},{OLD}", 0, "need an older key; run: python -m server encryption renew"),
        (NEW, 1, "FAIL ENCRYPTION_KEYS: 3 tokens"),
        ("", 1, "FAIL ENCRYPTION_KEYS: 3 tokens"),
        ("nonsense", 1, "FAIL ENCRYPTION_KEYS: ENCRYPTION_KEYS: number 1"),
    ],
)
async def test_doctor_says_whether_the_keys_open_what_is_kept(
    database_with_tokens: Database, database_url: str, keys: str, code: int, said: str
) -> None:
    ended = await flashio("doctor", DATABASE_URL=database_url, ENCRYPTION_KEYS=keys)
    assert (ended.code, said in ended.out) == (code, True), ended
