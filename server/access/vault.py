"""Secrets of others that we must be able to read again, encrypted for the database: AES-256-GCM, keys that change."""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.errors import StartRefused

KEY_BYTES = 32
NONCE_BYTES = 12  # random: with one key 2^32 secrets may be sealed before two could share one (NIST SP 800-38D)
KEY_ID_CHARACTERS = 12
VERSION = "v1"  # sealed: `v1.<id of the key>.<base64url of nonce and ciphertext>`

HOW_TO_MAKE_ONE = "make one with: python -m server encryption new-key"


class NotOpened(Exception):
    """A sealed secret that no key of ours opens: the key is gone, it was changed, or it belongs somewhere else."""


@dataclass(frozen=True, slots=True)
class _Key:
    id: str
    cipher: AESGCM


class Vault:
    """The first key seals, all of them open. Without keys it is closed, and nothing may be kept."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take keys as ENCRYPTION_KEYS holds them.

        Raises:
            StartRefused: one is no key. The message does not show it.
        """
        self._keys = [_read(key, position) for position, key in enumerate(keys, 1)]

    @property
    def is_open(self) -> bool:
        return bool(self._keys)

    def seal(self, secret: str, purpose: str) -> str:
        """Encrypt a secret for one place; it opens nowhere else.

        `purpose` names table, column and row, so that a row's ciphertext is of no use in another.
        """
        key, nonce = self._keys[0], secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + key.cipher.encrypt(nonce, secret.encode(), purpose.encode())
        return f"{VERSION}.{key.id}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, purpose: str) -> str:
        """Decrypt what was sealed for this purpose.

        Raises:
            NotOpened: no key of ours opens it for this purpose.
        """
        key = next((key for key in self._keys if key.id == key_id(sealed)), None)
        if key is None:
            raise NotOpened("ENCRYPTION_KEYS lacks the key that this was sealed with.")
        try:
            encrypted = base64.urlsafe_b64decode(sealed.rpartition(".")[2])
            nonce, rest = encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:]
            return key.cipher.decrypt(nonce, rest, purpose.encode()).decode()
        except (InvalidTag, ValueError):
            raise NotOpened("This was changed, or sealed for another place.") from None

    def is_newest(self, sealed: str) -> bool:
        """Whether the key that seals now sealed this, too."""
        return bool(self._keys) and key_id(sealed) == self._keys[0].id

    def has_key_of(self, sealed: str) -> bool:
        return any(key.id == key_id(sealed) for key in self._keys)


def key_id(sealed: str) -> str | None:
    """Which key sealed this; None: it was not sealed here, such as a token that another program wrote."""
    version, _, rest = sealed.partition(".")
    found, separator, _ = rest.partition(".")
    return found if version == VERSION and separator else None


def new_key() -> str:
    """Make a key in the form of ENCRYPTION_KEYS."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _read(written: str, position: int) -> _Key:
    try:
        key = base64.b64decode(written, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise StartRefused(f"ENCRYPTION_KEYS: number {position} is not {KEY_BYTES} bytes in base64; {HOW_TO_MAKE_ONE}")
    return _Key(hashlib.sha256(b"flashio key id " + key).hexdigest()[:KEY_ID_CHARACTERS], AESGCM(key))
