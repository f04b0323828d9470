"""People and bearer tokens on the command line, for operators."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from server.access.credentials import Credentials
from server.access.people import make_user, user_of
from server.access.roles import SCOPES
from server.access.tokens import end_token
from server.clock import SystemClock
from server.errors import Invalid, NotFound
from server.feature import CommandLine
from server.features.accounts.ending import ended
from server.settings import Settings
from server.store.db import Database

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
    """End a token; `token list` shows the ids. Running servers look for ended tokens every few seconds."""

    async def revoke(db: Database, _settings: Settings) -> None:
        user_id, now = await user_of(db, email), SystemClock().now()
        async with db.transaction() as tx:
            gone = await end_token(tx, user_id, token_id, now, by=None)
            if not gone:
                raise NotFound(f"This person has no token {token_id}.")
            await ended(tx, user_id, gone)
        print(f"{token_id} is revoked")

    CommandLine.of(context).run(revoke)


def _moment(moment: datetime | None, absent: str) -> str:
    return absent if moment is None else f"{moment:%Y-%m-%d %H:%M}"
