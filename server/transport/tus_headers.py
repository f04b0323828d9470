"""The headers of tus 1.0 as values: offsets, metadata, checksums. Anything malformed is a BadRequest."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from starlette.datastructures import Headers

from server.errors import BadRequest

ALGORITHMS = ("sha1", "sha256")
MAX_METADATA = 8_192  # characters
MAX_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request add up to, by the client's word."""

    algorithm: str
    digest: bytes

    def hasher(self) -> "hashlib._Hash":
        return hashlib.new(self.algorithm, usedforsecurity=False)


def number_of(headers: Headers, name: str) -> int:
    """A byte count that must be there."""
    value = headers.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS):
        raise BadRequest(f"The header {name} holds a number of bytes.")
    return int(value)


def metadata_of(text: str) -> dict[str, str]:
    """Upload-Metadata: comma-separated keys, each followed by its value in base64 unless that is empty."""
    if len(text) > MAX_METADATA:
        raise BadRequest(f"Upload-Metadata has at most {MAX_METADATA} characters.")
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        key, _, encoded = pair.partition(" ")
        try:
            found[key] = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, ValueError):
            raise BadRequest(f"The value of {key!r} in Upload-Metadata is not UTF-8 in base64.") from None
    return found


def checksum_of(header: str | None) -> Checksum | None:
    """Upload-Checksum, None when the client sent none."""
    if header is None:
        return None
    algorithm, _, encoded = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise BadRequest(f"Upload-Checksum may use {' or '.join(ALGORITHMS)}.")
    try:
        return Checksum(algorithm, base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        raise BadRequest("Upload-Checksum holds an algorithm and a digest in base64.") from None
