"""Keys for what is encrypted at rest, on the command line."""

from typing import Annotated

import typer

from server.access.vault import HOW_TO_MAKE_ONE, Vault, new_key
from server.errors import StartRefused
from server.feature import CommandLine
from server.features.accounts.kept_tokens import renew_tokens
from server.settings import Settings
from server.store.db import Database

encryption = typer.Typer(help="Keys for what is encrypted at rest.", no_args_is_help=True)
CLI = {"encryption": encryption}


@encryption.command("new-key", epilog="Example: `ENCRYPTION_KEYS=$(python -m server encryption new-key)`")
def new_key_command() -> None:
    """Print a new key; put it before the others in ENCRYPTION_KEYS."""
    print(new_key())


@encryption.command("renew", epilog="Example: `ENCRYPTION_KEYS=new,old python -m server encryption renew`")
def renew_command(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
) -> None:
    """Encrypt with the first key what was encrypted with another; after that the others can go."""

    async def renew(db: Database, settings: Settings) -> None:
        vault = Vault(settings.encryption_keys)
        if not vault.is_open:
            raise StartRefused(f"ENCRYPTION_KEYS is not set; {HOW_TO_MAKE_ONE}")
        count = await renew_tokens(db, vault, is_dry_run=dry_run)
        print(f"{count.renewed} tokens {'would be renewed' if dry_run else 'renewed'}, {count.newest} were up to date")
        if count.plain:
            print(f"{count.plain} are not encrypted: another program wrote them")
        if count.unreadable:
            raise StartRefused(
                f"{count.unreadable} tokens were left as they are: ENCRYPTION_KEYS lacks their key. "
                "They are replaced when their people sign in again."
            )

    CommandLine.of(context).run(renew)
