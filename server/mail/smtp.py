"""Mails over SMTP, as SMTP_URL says. Passwords travel over TLS only, but to this machine itself."""

import asyncio
import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from server.errors import StartRefused
from server.mail.port import Mail, MailFailed
from server.settings import Settings

SEND_TIMEOUT_S = 20.0
PORTS = {"smtp": 25, "smtps": 465}
FINAL_FROM = 500  # RFC 5321 section 4.2.1: a reply of 5xx is a permanent refusal
EXAMPLE = "smtp://user:password@mail.example.org:587"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """`needs_tls`: with a password on the way, STARTTLS is not optional. `smtps` begins with TLS."""

    host: str
    port: int
    username: str | None
    password: str | None
    is_tls: bool
    needs_tls: bool

    @classmethod
    def of(cls, url: str) -> "SmtpServer":
        """Read `smtp[s]://[user:password@]host[:port]`; user and password are percent-encoded.

        Raises:
            StartRefused: it is no such address.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port, parts = None, None, urlsplit("")
        if parts.scheme not in PORTS or not host:
            raise StartRefused(f"SMTP_URL is no address of a mail server; for example {EXAMPLE}, or smtps://...")
        has_password = parts.password is not None
        return cls(
            host=host,
            port=port or PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            is_tls=parts.scheme == "smtps",
            needs_tls=has_password and not _is_loopback(host),
        )


def smtp_carrier(settings: Settings) -> "SmtpCarrier | None":
    """What SMTP_URL says; None when it is not set.

    Raises:
        StartRefused: a setting that sending mail needs is missing or wrong.
    """
    if settings.smtp_url is None:
        return None
    server = SmtpServer.of(settings.smtp_url)
    sender = settings.mail_from or ""
    if "@" not in parseaddr(sender)[1]:
        raise StartRefused("SMTP_URL is set, so MAIL_FROM must be, too: the sender's address of mails.")
    if settings.public_url is None:
        raise StartRefused("SMTP_URL is set, so PUBLIC_URL must be, too: mails hold links to this server.")
    return SmtpCarrier(server, sender)


@dataclass(frozen=True, slots=True)
class SmtpCarrier:
    server: SmtpServer
    sender: str

    async def carry(self, mail: Mail) -> None:
        with _failures_named():
            async with asyncio.timeout(SEND_TIMEOUT_S), self._client() as client:
                await client.send_message(self._message(mail))
        _check_cancelled()

    async def check(self) -> None:
        """Reach the mail server, and sign in to it where SMTP_URL says so; nothing is sent.

        Raises:
            MailFailed: that does not work.
        """
        with _failures_named():
            async with asyncio.timeout(SEND_TIMEOUT_S), self._client():
                pass
        _check_cancelled()

    def _client(self) -> aiosmtplib.SMTP:
        server = self.server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.is_tls,
            start_tls=False if server.is_tls else (True if server.needs_tls else None),
            timeout=SEND_TIMEOUT_S,
        )

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, mail.to, mail.subject
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=self._domain)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation replies
        message.set_content(mail.text)
        return message

    @property
    def _domain(self) -> str:
        return parseaddr(self.sender)[1].rpartition("@")[2]


@contextmanager
def _failures_named() -> Iterator[None]:
    try:
        yield
    except aiosmtplib.SMTPRecipientsRefused as error:
        raise MailFailed("the recipient was refused", is_final=_all_final(error)) from error
    except aiosmtplib.SMTPResponseException as error:
        raise MailFailed(f"the mail server answered {error.code}", is_final=error.code >= FINAL_FROM) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise MailFailed(type(error).__name__, is_final=False) from error


def _check_cancelled() -> None:
    """The library waits with `asyncio.wait_for`, which before Python 3.12 may swallow a cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _all_final(error: aiosmtplib.SMTPRecipientsRefused) -> bool:
    return all(refused.code >= FINAL_FROM for refused in error.recipients)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
