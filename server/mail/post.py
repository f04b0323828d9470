"""The post of one process: features hand mails in, and services carry them out, trying again for about a minute.

What waits is lost with the process: the mails of this server are links that a person can ask for again.
"""

import asyncio

import structlog
from prometheus_client import Counter, Gauge

from server.clock import Clock, SystemClock
from server.errors import Forbidden, LimitReached
from server.mail.port import Carrier, Mail, MailFailed

log = structlog.get_logger(__name__)

RETRIES_S = (1.0, 10.0, 60.0)  # a mail server that restarts is back by then, and a person has not given up
CARRIERS = 4  # mails under way at once: one slow recipient's server does not hold up the others

_mails = Counter("flashio_mails_total", "Mails by what became of them", ["outcome"])
_waiting = Gauge("flashio_mails_waiting", "Mails that wait to be sent")


class Post:
    """Without a carrier it is closed, and says so to who hands something in."""

    def __init__(self, carrier: Carrier | None, clock: Clock, limit: int) -> None:
        self._carrier = carrier
        self._clock = clock
        self._queue: asyncio.Queue[Mail] = asyncio.Queue(limit)

    @property
    def is_open(self) -> bool:
        return self._carrier is not None

    def check_open(self) -> None:
        """Raise when this server sends no mail, before anything is promised that needs one.

        Raises:
            Forbidden: it does not.
        """
        if not self.is_open:
            raise Forbidden("This server sends no mail: its operator has not set SMTP_URL.")

    def send(self, mail: Mail) -> None:
        """Take a mail to be sent soon; call it after the commit of what the mail speaks of.

        Raises:
            Forbidden: this server sends no mail.
            LimitReached: too many wait already.
        """
        self.check_open()
        try:
            self._queue.put_nowait(mail)
        except asyncio.QueueFull:
            _mails.labels("refused").inc()
            raise LimitReached("Too many mails wait to be sent. Try again in a few minutes.") from None
        _waiting.set(self._queue.qsize())

    async def serve(self) -> None:
        """Carry mails for as long as the process runs."""
        async with asyncio.TaskGroup() as group:
            for _ in range(CARRIERS):
                group.create_task(self._carry_on())

    async def empty(self) -> None:
        """Return when nothing waits and nothing is under way."""
        await self._queue.join()

    async def _carry_on(self) -> None:
        while True:
            mail = await self._queue.get()
            _waiting.set(self._queue.qsize())
            try:
                _mails.labels(await self._carried(mail)).inc()
            finally:
                self._queue.task_done()

    async def _carried(self, mail: Mail) -> str:
        if self._carrier is None:
            return "refused"
        for wait_s in (*RETRIES_S, None):
            try:
                await self._carrier.carry(mail)
            except MailFailed as error:
                log.warning("mail not sent", reason=str(error), tries_again_in_s=None if error.is_final else wait_s)
                if error.is_final or wait_s is None:
                    return "failed"
                await self._clock.sleep(wait_s)
            else:
                return "sent"
        raise AssertionError


def closed_post() -> Post:
    """The post of a server that sends no mail."""
    return Post(None, SystemClock(), 1)
