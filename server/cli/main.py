"""The command line: every command, its options and examples. What they do is in the modules beside this one."""

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from pydantic import ValidationError

from server.cli import admin, dev, doctor, production, repair
from server.cli.serving import run
from server.errors import FlashError, StartRefused
from server.logs import set_up_logs
from server.settings import Settings
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
users = typer.Typer(help="People.", no_args_is_help=True, rich_markup_mode="markdown")
tokens = typer.Typer(help="Bearer tokens.", no_args_is_help=True, rich_markup_mode="markdown")
projects = typer.Typer(help="Projects.", no_args_is_help=True, rich_markup_mode="markdown")
documents = typer.Typer(help="Documents.", no_args_is_help=True, rich_markup_mode="markdown")
app.add_typer(migrations, name="migrate")
app.add_typer(users, name="user")
app.add_typer(tokens, name="token")
app.add_typer(projects, name="project")
app.add_typer(documents, name="document")


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
        _run(admin.migrate(_settings(), is_dry_run=dry_run))


@migrations.command("status")
def migrate_status_command() -> None:
    """List the migrations and whether each is applied."""
    _run(admin.migration_status(_settings()))


@users.command("create", epilog='Example: `python -m server user create ada@example.org --name "Ada Lovelace"`')
def user_create_command(
    email: str, name: Annotated[str | None, typer.Option(help="Name that others see.")] = None
) -> None:
    """Make a person and print their id."""
    _run(admin.create_user(_settings(), email, name))


@tokens.command("create", epilog="Example: `python -m server token create ada@example.org --scope read --days 30`")
def token_create_command(
    email: str,
    scope: Annotated[list[str], typer.Option(help="read, write; may be given twice.")] = ["read", "write"],  # noqa: B006
    days: Annotated[int | None, typer.Option(help="Days until it expires; never by default.", min=1)] = None,
    name: Annotated[str, typer.Option(help="What it is for.")] = "command line",
) -> None:
    """Make a bearer token and print it; it is shown this once."""
    _run(admin.create_token(_settings(), email, frozenset(scope), days, name))


@projects.command("create", epilog='Example: `python -m server project create "Moon lander" --owner ada@example.org`')
def project_create_command(name: str, owner: Annotated[str, typer.Option(help="E-mail address of the owner.")]) -> None:
    """Make a project and print its id."""
    _run(admin.create_project(_settings(), name, owner))


@documents.command("repair", epilog="Example: `python -m server document repair 0199d3f2-...`")
def document_repair_command(
    document_id: Annotated[UUID | None, typer.Argument(help="Without it, list the documents set aside.")] = None,
) -> None:
    """Bring a quarantined document back without its unreadable entries; they stay in the quarantine table."""
    _run(repair.repair(_settings(), document_id))


@app.command("doctor", epilog="Example: `DATABASE_URL=... python -m server doctor`")
def doctor_command() -> None:
    """Check settings, database, migrations and limits, and say what to do."""
    _run(doctor.examine(_settings()))


def main() -> None:
    """Run the command line; what an operator can act on is one sentence on standard error and exit code 1."""
    try:
        app()
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


def _run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)
