"""Development's mail: nothing leaves the machine, the log and a page of the server show it."""

from collections import deque

import structlog

from server.mail.port import Mail

log = structlog.get_logger(__name__)

KEPT = 50  # the newest ones; a page shows them all


class ShownMail:
    """A carrier that only keeps. Never used beyond `dev`: its mails hold links that sign people in."""

    def __init__(self) -> None:
        self.kept: deque[Mail] = deque(maxlen=KEPT)

    async def carry(self, mail: Mail) -> None:
        self.kept.append(mail)
        log.info("mail", to=mail.to, subject=mail.subject, text=mail.text)
