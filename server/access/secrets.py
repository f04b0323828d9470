"""Secrets that this server makes: how long they are, and what of them is kept."""

import hashlib

SECRET_BYTES = 32  # of randomness: nobody guesses 2^256


def digest(secret: str) -> bytes:
    """SHA-256 of a secret that was random to begin with: that needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
