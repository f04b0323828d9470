"""Short-lived links to contents on an origin of their own, so that what people put into files never meets our cookies.

Whoever has a link may read that one thing until it expires, as long as the person it was made for still may.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from urllib.parse import quote, urlsplit
from uuid import UUID

import msgpack
from pydantic import BaseModel, ValidationError
from starlette.responses import RedirectResponse, Response

from server.clock import Clock
from server.errors import Forbidden, StartRefused
from server.feature import Caller
from server.settings import Settings

PATH = "/content"
PURPOSE = b"flashio content link 1"
EXPIRED = "This link is over. Open the file again."


class Kind(StrEnum):
    """What a link leads to: a file at a path, or the whole project as an archive."""

    FILE = "file"
    ZIP = "zip"
    TAR_GZ = "tar.gz"


class Link(BaseModel, frozen=True):
    """`path` is empty for an archive."""

    project_id: UUID
    user_id: UUID
    kind: Kind
    path: str = ""

    @classmethod
    def of(cls, caller: Caller, kind: Kind, path: str = "") -> "Link":
        return cls(project_id=caller.project_id, user_id=caller.principal.user_id, kind=kind, path=path)


class _Signed(BaseModel, frozen=True):
    link: Link
    expires_at: datetime
    version: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class ContentLinks:
    """Signed by the first secret, good when any of them signed it, so that secrets can be changed."""

    origin: str
    secrets: tuple[str, ...]
    seconds: float
    clock: Clock

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> "ContentLinks | None":
        """None when contents are served by our own origin.

        Raises:
            StartRefused: the settings of the other origin do not fit together.
        """
        if settings.files_origin is None:
            return None
        if not settings.files_link_secrets:
            raise StartRefused("FILES_ORIGIN needs FILES_LINK_SECRETS: at least one long random text.")
        if settings.files_origin == settings.public_url:
            raise StartRefused("FILES_ORIGIN is PUBLIC_URL: the two must be different origins.")
        return cls(settings.files_origin, settings.files_link_secrets, settings.files_link_s, clock)

    @property
    def host(self) -> str:
        """As the Host header says it."""
        return urlsplit(self.origin).netloc

    def url(self, link: Link, name: str) -> str:
        """Where the content is for a while; `name` is only for people to read."""
        expires_at = self.clock.now() + timedelta(seconds=self.seconds)
        signed = _Signed(link=link, expires_at=expires_at)
        payload: bytes = msgpack.packb(signed.model_dump(mode="json"))
        token = f"{_text(payload)}.{_text(_mac(self.secrets[0], payload))}"
        return f"{self.origin}{PATH}/{token}/{quote(name, safe='')}"

    def redirect(self, link: Link, name: str) -> Response:
        """To where the content is for a while; nobody keeps the answer."""
        return RedirectResponse(self.url(link, name), 307, headers={"cache-control": "no-store"})

    def opened(self, token: str) -> Link:
        """What a link leads to.

        Raises:
            Forbidden: we did not make it, or its time is over.
        """
        payload, _, mac = token.partition(".")
        try:
            data, given = _bytes(payload), _bytes(mac)
        except (binascii.Error, ValueError):
            raise Forbidden(EXPIRED) from None
        if not any(hmac.compare_digest(_mac(secret, data), given) for secret in self.secrets):
            raise Forbidden(EXPIRED)
        try:
            signed = _Signed.model_validate(msgpack.unpackb(data))
        except ValidationError:
            raise Forbidden(EXPIRED) from None
        if signed.expires_at <= self.clock.now():
            raise Forbidden(EXPIRED)
        return signed.link


def _mac(secret: str, payload: bytes) -> bytes:
    return hmac.new(secret.encode(), PURPOSE + payload, hashlib.sha256).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
