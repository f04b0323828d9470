"""What a mail is, and who may carry it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Mail:
    """Plain text to one address. It may hold a secret link: it is never logged in production."""

    to: str
    subject: str
    text: str


class MailFailed(Exception):
    """The mail was not taken; `is_final`: trying again cannot help. The message names no address."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        super().__init__(reason)
        self.is_final = is_final


class Carrier(Protocol):
    async def carry(self, mail: Mail) -> None:
        """Return once somebody else has taken responsibility for the mail.

        Raises:
            MailFailed: nobody has.
        """
