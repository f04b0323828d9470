"""The command line: every command, its options and examples. What they do is in the modules beside this one."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from server.app import FEATURES
from server.cli import admin, dev, doctor, production
from server.cli.serving import run
from server.errors import FlashError, StartRefused
from server.feature import CommandLine
from server.logs import set_up_logs
from server.settings import Settings
from server.store.db import Database
from server.store.failures import StorageFailure

app = typer.Typer(
    name="python -m server",
    help="FlashIO's real-time collaboration server.",
    epilog="Settings come from the environment; docs/operations.md lists them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
migrations = typer.Typer(help="Bring the database's schema to this release.", rich_markup_mode="markdown")
app.add_typer(migrations, name="migrate")
groups: dict[str, typer.Typer] = {}
for feature in FEATURES:
    for name, commands in getattr(feature, "CLI", {}).items():
        if name in groups:
            groups[name].add_typer(commands)  # several features may have commands about the same thing
        else:
            groups[name] = commands
            app.add_typer(commands, name=name)


@app.command("dev", epilog="Example: `python -m server dev --port 9000 --data /tmp/flashio`")
def dev_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="TCP port; 0 takes a free one.", min=0, max=65535)] = 8000,
    data: Annotated[Path, typer.Option(help="Folder for PostgreSQL's data; made if missing.")] = Path(".flashio"),
    ready_file: Annotated[
        Path | None, typer.Option(help="Write {url, signInUrl, port, projectId, token, pid} here once ready.")
    ] = None,
) -> None:
    """Everything in one process: PostgreSQL from a wheel, a demo project, the page, a sign-in link."""
    settings = _settings(environment="development", host=host, port=port)
    run(lambda stop: dev.dev(settings, data, ready_file, stop))


@app.command("serve", epilog="Example: `DATABASE_URL=postgresql://app@db/flashio PORT=8000 python -m server serve`")
def serve_command() -> None:
    """Answer browsers and clients, with PostgreSQL at DATABASE_URL."""
    settings = _settings()
    run(lambda stop: production.serve(settings, stop))


@app.command("worker", epilog="Example: `DATABASE_URL=postgresql://app@db/flashio python -m server worker`")
def worker_command() -> None:
    """Compact logs and delete what has expired; several may run."""
    settings = _settings()
    run(lambda stop: production.work(settings, stop))


@migrations.callback(
    invoke_without_command=True,
    epilog="Examples: `python -m server migrate`, `... migrate --dry-run`, `... migrate status`",
)
def migrate_command(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only name what would be applied.")] = False,
) -> None:
    """Apply the migrations that the database lacks; safe to run in several processes at once."""
    if context.invoked_subcommand is None:
        asyncio.run(admin.migrate(_settings(), is_dry_run=dry_run))


@migrations.command("status")
def migrate_status_command() -> None:
    """List the migrations and whether each is applied."""
    asyncio.run(admin.migration_status(_settings()))


@app.command("doctor", epilog="Example: `DATABASE_URL=... python -m server doctor`")
def doctor_command() -> None:
    """Check settings, database, migrations and limits, and say what to do."""
    asyncio.run(doctor.examine(_settings()))


def main() -> None:
    """Run the command line; what an operator can act on is one sentence on standard error and exit code 1."""
    try:
        app(obj=CommandLine(_with_database))
    except (StartRefused, FlashError, StorageFailure) as error:
        print(f"flashio: {error}", file=sys.stderr)
        sys.exit(1)


def _settings(**given: object) -> Settings:
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "settings"
        raise StartRefused(f"{name}: {first['msg']} (got {first['input']!r}).") from None
    set_up_logs(settings)
    return settings


def _with_database(work: Callable[[Database, Settings], Awaitable[None]]) -> None:
    settings = _settings()

    async def run_opened() -> None:
        async with admin.opened(settings) as db:
            await work(db, settings)

    asyncio.run(run_opened())
