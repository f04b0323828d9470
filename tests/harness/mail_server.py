"""A real SMTP server on loopback (aiosmtpd) that keeps what it is sent, and refuses as tests please."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

ARRIVAL_TIMEOUT_S = 20


@dataclass(slots=True)
class MailServer:
    """`answers`: what the next deliveries are told, then `250 OK` for ever."""

    port: int = 0
    answers: list[str] = field(default_factory=list)
    tries: int = 0
    _arrived: asyncio.Queue[tuple[Envelope, EmailMessage]] = field(default_factory=asyncio.Queue)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def next(self) -> EmailMessage:
        """The next mail that was taken; its `To` header and its envelope name the same person."""
        async with asyncio.timeout(ARRIVAL_TIMEOUT_S):
            envelope, message = await self._arrived.get()
        assert envelope.rcpt_tos == [message["To"]]
        return message

    @property
    def is_empty(self) -> bool:
        return self._arrived.empty()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        self.tries += 1
        if self.answers:
            return self.answers.pop(0)
        message = message_from_bytes((envelope.content or b"").replace(b"\r\n", b"\n"), policy=policy.default)
        assert isinstance(message, EmailMessage)
        self._arrived.put_nowait((envelope, message))
        return "250 OK"


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    loop, made = asyncio.get_running_loop(), MailServer()
    server = await loop.create_server(lambda: SMTP(made, loop=loop), "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await server.wait_closed()
