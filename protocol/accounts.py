"""Accounts: who the caller is, the caller's sign-ins and bearer tokens, and short-lived credentials for sockets.

Signing in itself needs no signed-in caller, so it is no command: see the pages below `/signin`.
"""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from protocol.ids import ProjectId, UserId
from protocol.model import Command, Empty, Event, WireModel

MAX_CREDENTIAL = 32_768  # characters; attestations with certificates have some 8,000


class Me(WireModel):
    """The caller."""

    id: UserId
    name: str
    email: str
    color: str


class WhoAmI(Command[Me]):
    """Who the caller is."""

    name: ClassVar[str] = "accounts/me"


class Profile(WireModel):
    """The caller as their account page shows them."""

    id: UserId
    name: str = Field(description="As others see it")
    email: str
    is_email_verified: bool
    is_guest: bool
    color: str
    colors: list[str] = Field(description="Those that the caller may choose")
    created_at: datetime


class GetProfile(Command[Profile]):
    """The caller, as they see themselves."""

    name: ClassVar[str] = "accounts/profile"


class UpdateProfile(Command[Profile]):
    """Change what others see of the caller. Sockets that are open keep what they began with. Needs a sign-in."""

    name: ClassVar[str] = "accounts/update_profile"
    mutates: ClassVar[bool] = True
    display_name: str = Field(min_length=1, max_length=100)
    color: str = Field(pattern=r"^#[0-9a-f]{6}$", description="One of the profile's `colors`")


class Ticket(WireModel):
    """Good for one handshake, until `expires_at`, for the project it was made in."""

    ticket: str
    expires_at: datetime


class CreateTicket(Command[Ticket]):
    """Make a credential for one handshake of a browser, which cannot send a header with it."""

    name: ClassVar[str] = "accounts/ticket"


class ProjectToken(WireModel):
    """Good for any number of handshakes in the project it was made in, until `expires_at`."""

    token: str
    expires_at: datetime


class CreateProjectToken(Command[ProjectToken]):
    """Make an expiring token for a client that uses the same credential at every reconnect, as stock providers do.

    It ends with the sign-in or the token it was made with, and allows no more than that does.
    """

    name: ClassVar[str] = "accounts/project_token"
    minutes: int = Field(default=60, ge=1, le=1440, description="Until it expires")


class Renewed(WireModel):
    """What the fresh credential allows the socket."""

    credential_ends_at: datetime | None = Field(description="When the socket ends unless it is renewed again")


class Renew(Command[Renewed]):
    """Present a fresh token or ticket on an open `/ws`, before the credential that opened it ends.

    It must be the same person's. What may be done on the socket is from then on what the new credential allows.
    """

    name: ClassVar[str] = "accounts/renew"
    token: str | None = Field(default=None, max_length=4096, description="A bearer token")
    ticket: str | None = Field(default=None, max_length=4096, description="A single-use ticket")


class Session(WireModel):
    """A sign-in. What it says of the browser and its address was told by them and proves nothing."""

    id: UUID
    method: str | None = Field(description="email, link, passkey or a provider; null: made by another program")
    user_agent: str | None
    address: str | None = Field(description="Network address of the sign-in")
    created_at: datetime
    last_seen_at: datetime | None = Field(description="To the minute")
    expires_at: datetime = Field(description="Moves on while the session is used")
    is_this: bool = Field(description="The session that asks")


class SessionList(WireModel):
    """One page of them."""

    sessions: list[Session]
    next: UUID | None = Field(description="The `after` of the following page; null when this is the last")


class ListSessions(Command[SessionList]):
    """The caller's own sessions, keyset paged. Needs a sign-in, not a bearer token."""

    name: ClassVar[str] = "accounts/sessions"
    after: UUID | None = None
    limit: int = Field(default=100, ge=1, le=500)


class RevokeSession(Command[Empty]):
    """End one of the caller's sessions, perhaps this one; its open sockets close. Needs a sign-in."""

    name: ClassVar[str] = "accounts/revoke_session"
    mutates: ClassVar[bool] = True
    id: UUID


class SignOutEverywhere(Command[Empty]):
    """End all of the caller's sessions and signed cookies. Bearer tokens remain. Needs a sign-in."""

    name: ClassVar[str] = "accounts/sign_out_everywhere"
    mutates: ClassVar[bool] = True
    keep_this: bool = Field(default=True, description="Leave the session that asks; a signed cookie always ends")


class Token(WireModel):
    """A bearer token, without its secret."""

    id: UUID
    label: str
    scopes: list[str]
    project_id: ProjectId | None = Field(description="The one project it is good for; null: all of the person's")
    created_at: datetime
    last_used_at: datetime | None = Field(description="To the minute")
    expires_at: datetime | None


class TokenList(WireModel):
    """One page of them."""

    tokens: list[Token]
    next: UUID | None = Field(description="The `after` of the following page; null when this is the last")


class ListTokens(Command[TokenList]):
    """The caller's tokens that are not revoked, oldest first, keyset paged. Needs a sign-in."""

    name: ClassVar[str] = "accounts/tokens"
    after: UUID | None = None
    limit: int = Field(default=100, ge=1, le=500)


class CreatedToken(WireModel):
    """A new bearer token."""

    secret: str | None = Field(description="Shown once; null when the command is repeated")
    token: Token


class CreateToken(Command[CreatedToken]):
    """Make a bearer token for programs. Needs a sign-in: a token cannot make another."""

    name: ClassVar[str] = "accounts/create_token"
    mutates: ClassVar[bool] = True
    label: str = Field(min_length=1, max_length=255, description="What it is for")
    scopes: list[Literal["read", "write"]] = Field(min_length=1, max_length=2)
    project_id: ProjectId | None = None
    days: int | None = Field(default=None, ge=1, le=3650, description="Until it expires; null: never")


class RevokeToken(Command[Empty]):
    """End one of the caller's tokens; sockets that it opened close. Needs a sign-in."""

    name: ClassVar[str] = "accounts/revoke_token"
    mutates: ClassVar[bool] = True
    id: UUID


class Passkey(WireModel):
    """A key that signs its owner in from a device, without the key itself."""

    id: UUID
    label: str
    is_backed_up: bool = Field(description="Its owner's devices share it; else it is lost with the one that holds it")
    created_at: datetime
    last_used_at: datetime | None


class PasskeyList(WireModel):
    """All of them."""

    passkeys: list[Passkey]
    limit: int = Field(description="How many one person may have; all of them are in the list")


class ListPasskeys(Command[PasskeyList]):
    """The caller's passkeys, oldest first. Needs a sign-in."""

    name: ClassVar[str] = "accounts/passkeys"


class PasskeyOptions(WireModel):
    """What is handed to the browser."""

    options: dict[str, object] = Field(description="For `PublicKeyCredential.parseCreationOptionsFromJSON`")
    origin: str = Field(description="The only pages that may use them")


class AskPasskeyOptions(Command[PasskeyOptions]):
    """What the browser needs to make a passkey of the caller. Good once, for some minutes. Needs a sign-in."""

    name: ClassVar[str] = "accounts/passkey_options"


class AddPasskey(Command[Passkey]):
    """Keep a passkey that the browser made with the newest options. Needs a sign-in."""

    name: ClassVar[str] = "accounts/add_passkey"
    mutates: ClassVar[bool] = True
    label: str = Field(min_length=1, max_length=100)
    credential: str = Field(max_length=MAX_CREDENTIAL, description="JSON of `PublicKeyCredential.toJSON()`")


class RenamePasskey(Command[Empty]):
    """Needs a sign-in."""

    name: ClassVar[str] = "accounts/rename_passkey"
    mutates: ClassVar[bool] = True
    id: UUID
    label: str = Field(min_length=1, max_length=100)


class RemovePasskey(Command[Empty]):
    """It signs in no more; sessions that it began remain. The last way to sign in stays. Needs a sign-in."""

    name: ClassVar[str] = "accounts/remove_passkey"
    mutates: ClassVar[bool] = True
    id: UUID


class OwnedProject(WireModel):
    """A project of the caller, and how many others it has."""

    id: ProjectId
    name: str
    people: int = Field(description="Collaborators beside the owner")


class DeletionPlan(WireModel):
    """What deleting the account would do now."""

    confirm: str = Field(description="What is to be typed")
    deleted: list[OwnedProject] = Field(description="Projects that nobody else belongs to: they go too")
    blocking: list[OwnedProject] = Field(description="Projects with others in them: transfer or delete them first")


class PlanDeletion(Command[DeletionPlan]):
    """What deleting the caller's account would take along, and what keeps it from being deleted. Needs a sign-in."""

    name: ClassVar[str] = "accounts/deletion"


class DeleteAccount(Command[Empty]):
    """Delete the caller's account, for good. Projects that they own alone are deleted with it; refused while others
    belong to one that they own. What they wrote elsewhere stays, as a deleted person's. Needs a sign-in."""

    name: ClassVar[str] = "accounts/delete"
    mutates: ClassVar[bool] = True
    confirm: str = Field(max_length=320, description="The `confirm` of the plan, typed by the person")


class SignInProvider(WireModel):
    """Somebody who signs people in here: at `/signin/with/<slug>`, and with `?link=1` for who is signed in already."""

    slug: str
    name: str = Field(description="For people, such as GitHub")


class LinkedAccount(WireModel):
    """An account at a provider that its owner can sign in with."""

    provider: str = Field(description="github, google, or what names another issuer")
    name: str = Field(description="The provider's, for people")
    subject: str = Field(description="What the provider calls the account among its own")
    label: str | None = Field(description="What people call it: a login or an address; proves nothing")
    linked_at: datetime


class LinkedAccountList(WireModel):
    """All of them, and what may be added."""

    accounts: list[LinkedAccount]
    providers: list[SignInProvider] = Field(description="Those that can be added")


class ListLinkedAccounts(Command[LinkedAccountList]):
    """The caller's accounts at providers, oldest first. Needs a sign-in, not a bearer token."""

    name: ClassVar[str] = "accounts/linked"


class Unlink(Command[Empty]):
    """Take an account at a provider away from the ways to sign in, but never the last way. Needs a sign-in."""

    name: ClassVar[str] = "accounts/unlink"
    mutates: ClassVar[bool] = True
    provider: str = Field(min_length=1, max_length=2048)
    subject: str = Field(min_length=1, max_length=255)


class CredentialsEnded(Event):
    """Sign-ins of one person ended before their time; sockets that they opened are told and closed.

    Numbered among the person's events and announced in their room `user:<id>`.
    """

    name: ClassVar[str] = "accounts/ended"
    credentials: list[UUID] = Field(description="Ids of sessions and bearer tokens")
    signed_before: datetime | None = Field(
        default=None, description="Signed cookies issued before this moment have ended too"
    )
