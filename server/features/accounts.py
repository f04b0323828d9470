"""Who the caller is, and tickets for sockets. Signing in by e-mail, OAuth or passkey is not here yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer

from protocol.accounts import CreateTicket, Me, Ticket, WhoAmI
from server.access.credentials import Credentials
from server.access.people import make_user, user_of
from server.access.principal import color_of
from server.access.roles import SCOPES, SIGNED_IN, Ability
from server.clock import SystemClock
from server.errors import Invalid
from server.feature import Call, CommandLine, CommandSpec, Feature, Home, Job, Result, Services
from server.settings import Settings
from server.store import accounts, tokens
from server.store import commands as command_ids
from server.store.db import Database
from server.store.expiry import expire

EXPIRY_INTERVAL_S = 300.0


@dataclass(frozen=True, slots=True)
class Commands:
    services: Services
    credentials: Credentials

    async def me(self, call: Call, _command: WhoAmI) -> Result[Me]:
        principal = call.caller.principal
        return Result(
            Me(
                id=principal.user_id,
                name=principal.name,
                email=principal.email,
                color=color_of(principal.user_id),
            )
        )

    async def ticket(self, call: Call, _command: CreateTicket) -> Result[Ticket]:
        caller = call.caller
        ticket, expires_at = await self.credentials.make_ticket(
            caller.principal, caller.project_id, self.services.settings.ticket_s
        )
        return Result(Ticket(ticket=ticket, expires_at=expires_at))

    async def expire(self) -> None:
        """Delete sessions and tickets that are over, and answers that nobody will ask for again."""
        db, now = self.services.db, self.services.clock.now()
        await expire(db, accounts.expire_sessions, now=now)
        await expire(db, tokens.expire_tickets, now=now)
        before = now - timedelta(days=self.services.settings.command_id_days)
        await expire(db, command_ids.expire_commands, before=before)


users = typer.Typer(help="People.", no_args_is_help=True)
bearer_tokens = typer.Typer(help="Bearer tokens.", no_args_is_help=True)
CLI = {"user": users, "token": bearer_tokens}


@users.command("create", epilog='Example: `python -m server user create ada@example.org --name "Ada Lovelace"`')
def create_user_command(
    context: typer.Context, email: str, name: Annotated[str | None, typer.Option(help="Name that others see.")] = None
) -> None:
    """Make a person and print their id."""

    async def create(db: Database, _settings: Settings) -> None:
        print(await make_user(db, email, name))

    CommandLine.of(context).run(create)


@bearer_tokens.command(
    "create", epilog="Example: `python -m server token create ada@example.org --scope read --days 30`"
)
def create_token_command(
    context: typer.Context,
    email: str,
    scope: Annotated[list[str], typer.Option(help="read, write; may be given twice.")] = ["read", "write"],  # noqa: B006
    days: Annotated[int | None, typer.Option(help="Days until it expires; never by default.", min=1)] = None,
    name: Annotated[str, typer.Option(help="What it is for.")] = "command line",
) -> None:
    """Make a bearer token and print it; it is shown this once."""
    if unknown := set(scope) - SCOPES.keys():
        raise Invalid(f"There is no scope {', '.join(sorted(unknown))}; the scopes are {', '.join(SCOPES)}.")

    async def create(db: Database, _settings: Settings) -> None:
        user_id = await user_of(db, email)
        print(await Credentials(db, SystemClock()).make_token(user_id, name, frozenset(scope), days))

    CommandLine.of(context).run(create)


@bearer_tokens.command("list", epilog="Example: `python -m server token list ada@example.org`")
def list_tokens_command(context: typer.Context, email: str) -> None:
    """List a person's tokens: id, last use, end, scopes, name. The tokens themselves are nowhere kept."""

    async def show(db: Database, _settings: Settings) -> None:
        for token in await Credentials(db, SystemClock()).tokens_of(await user_of(db, email)):
            used, ends = _moment(token.last_used_at, "never used"), _moment(token.expires_at, "never ends")
            print(f"{token.id}  {used:16}  {ends:16}  {','.join(token.scopes):10}  {token.name}")

    CommandLine.of(context).run(show)


@bearer_tokens.command("revoke", epilog="Example: `python -m server token revoke ada@example.org 0199d3f2-...`")
def revoke_token_command(context: typer.Context, email: str, token_id: UUID) -> None:
    """End a token; `token list` shows the ids."""

    async def revoke(db: Database, _settings: Settings) -> None:
        await Credentials(db, SystemClock()).revoke_token(await user_of(db, email), token_id)
        print(f"{token_id} is revoked")

    CommandLine.of(context).run(revoke)


def _moment(moment: datetime | None, absent: str) -> str:
    return absent if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def build(services: Services) -> Feature:
    commands = Commands(services, Credentials(services.db, services.clock))
    return Feature(
        slug="accounts",
        commands=(
            CommandSpec(WhoAmI, commands.me, SIGNED_IN),
            CommandSpec(CreateTicket, commands.ticket, Ability.READ),
        ),
        jobs=(Job("expire sign-ins", EXPIRY_INTERVAL_S, commands.expire, Home.WORKER),),
    )
