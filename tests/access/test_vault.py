"""Secrets encrypted for the database: with keys that change, each for one place."""

import base64

import pytest

from server.access.vault import NotOpened, Vault, key_id, new_key
from server.errors import StartRefused

PLACE, ELSEWHERE = "accounts.access_token github 7", "accounts.access_token github 8"
OLD, NEW = new_key(), new_key()


def test_what_was_sealed_is_opened_again_and_does_not_show_itself() -> None:
    vault = Vault([NEW])
    sealed = vault.seal("gho_secret ✓", PLACE)
    assert vault.open(sealed, PLACE) == "gho_secret ✓"
    assert b"gho_secret" not in base64.urlsafe_b64decode(sealed.rpartition(".")[2])
    assert vault.seal("gho_secret ✓", PLACE) != sealed


def test_a_secret_opens_in_its_own_place_alone() -> None:
    """Else whoever can write to the database could give one person's token to another."""
    vault = Vault([NEW])
    with pytest.raises(NotOpened):
        vault.open(vault.seal("secret", PLACE), ELSEWHERE)


@pytest.mark.parametrize("position", [0, 5, 12, 20, -1])
def test_a_secret_that_was_changed_does_not_open(position: int) -> None:
    vault = Vault([NEW])
    head, _, body = vault.seal("secret", PLACE).rpartition(".")
    harmed = bytearray(base64.urlsafe_b64decode(body))
    harmed[position] ^= 1
    with pytest.raises(NotOpened):
        vault.open(f"{head}.{base64.urlsafe_b64encode(harmed).decode()}", PLACE)


def test_the_first_key_seals_and_every_key_opens() -> None:
    old, both, new = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    sealed = old.seal("secret", PLACE)
    assert both.open(sealed, PLACE) == "secret"
    assert (old.is_newest(sealed), both.is_newest(sealed)) == (True, False)
    assert new.open(both.seal("secret", PLACE), PLACE) == "secret"
    with pytest.raises(NotOpened, match="lacks the key"):
        new.open(sealed, PLACE)


@pytest.mark.parametrize("kept", ["", "gho_plain", "v1.", "v1.x", "v2.abc.def", "eyJ.a.b"])
def test_what_is_not_sealed_is_not_opened(kept: str) -> None:
    with pytest.raises(NotOpened):
        Vault([NEW]).open(kept, PLACE)
    assert key_id(kept) is None


@pytest.mark.parametrize("kept", ["v1..", "v1.abc.", "v1.abc.?"])
def test_nonsense_that_looks_sealed_is_not_opened(kept: str) -> None:
    with pytest.raises(NotOpened):
        Vault([NEW]).open(kept, PLACE)


@pytest.mark.parametrize("key", ["short", "x" * 44, base64.b64encode(b"x" * 31).decode(), "ü" * 44])
def test_what_is_no_key_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(StartRefused, match="number 2") as refused:
        Vault([NEW, key])
    assert key not in str(refused.value)


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_keys_are_taken_in_either_alphabet_of_base64(encode) -> None:
    key = encode(b"\xfb\xff" * 16).decode()
    assert Vault([key]).is_open


def test_a_vault_without_keys_is_closed() -> None:
    assert not Vault([]).is_open
