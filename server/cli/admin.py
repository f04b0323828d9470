"""Commands that change a few rows and print just what a script wants: an id, a token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.app import open_database
from server.errors import StartRefused
from server.features.templates import ensure_own_templates
from server.settings import Settings
from server.store import migrate as migrations
from server.store.db import Database


def database_url(settings: Settings) -> str:
    """The address of PostgreSQL.

    Raises:
        StartRefused: it is not set.
    """
    if settings.database_url is None:
        raise StartRefused("DATABASE_URL is not set; for example postgresql://user@host/flashio.")
    return settings.database_url


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    db = open_database(settings, database_url(settings))
    await db.open()
    try:
        yield db
    finally:
        await db.close()


async def migrate(settings: Settings, *, is_dry_run: bool) -> None:
    """Apply what the database lacks, and bring the templates that come with this release."""
    names = await migrations.migrate(database_url(settings), is_dry_run=is_dry_run)
    if not is_dry_run:
        async with opened(settings) as db:
            await ensure_own_templates(db)
    verb = "would apply" if is_dry_run else "applied"
    for name in names:
        print(f"{verb} {name}")
    if not names:
        print("nothing to apply")


async def migration_status(settings: Settings) -> None:
    for line in await migrations.status(database_url(settings)):
        print(f"{line.state.value:10} {line.name}")
