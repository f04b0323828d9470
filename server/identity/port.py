"""What a provider of identities is, and what it says about a person."""

from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Attempt:
    """The secrets of one try to sign in, which come back through one browser, once.

    `nonce` comes back in the ID token; `verifier` is shown to the provider's token endpoint only (RFC 7636).
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider lets us do in a person's name. Secret; `expires_at` in seconds since 1970."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    kind: str | None
    scope: str | None
    expires_at: int | None


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as their provider knows them; all of it was checked as far as the protocol allows.

    `email`: only where the provider verified that it is theirs. `label`: what they are called there, for lists.
    """

    subject: str
    email: str | None
    name: str | None
    label: str | None
    picture: str | None
    tokens: Tokens


class Provider(Protocol):
    """`slug` is in addresses, `name` on buttons; `key` is `accounts.provider`, the same for ever for one issuer."""

    @property
    def slug(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def key(self) -> str: ...

    @property
    def kind(self) -> Literal["oauth", "oidc"]: ...

    async def address(self, attempt: Attempt) -> str:
        """Where to send the browser.

        Raises:
            Unavailable: the provider does not answer.
        """

    async def identify(self, code: str, sender: str | None, attempt: Attempt) -> Identity:
        """Who came back with this code; `sender` is the `iss` that came with it (RFC 9207).

        Raises:
            Unavailable: the provider does not answer.
            Unauthenticated: its answer proves nothing.
        """

    async def check(self) -> None:
        """Raise unless the provider answers as its settings say. Raises: Unavailable."""
