"""Commands that change a few rows and print just what a script wants: an id, a token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from protocol.ids import ProjectId, UserId
from server.access.credentials import Credentials
from server.access.roles import SCOPES
from server.app import open_database
from server.clock import SystemClock
from server.errors import Conflict, Invalid, NotFound, StartRefused
from server.settings import Settings
from server.store import accounts, projects
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
    names = await migrations.migrate(database_url(settings), is_dry_run=is_dry_run)
    verb = "would apply" if is_dry_run else "applied"
    for name in names:
        print(f"{verb} {name}")
    if not names:
        print("nothing to apply")


async def migration_status(settings: Settings) -> None:
    for line in await migrations.status(database_url(settings)):
        print(f"{line.state.value:10} {line.name}")


async def create_user(settings: Settings, email: str, name: str | None) -> None:
    if "@" not in email:
        raise Invalid(f"{email!r} is not an e-mail address.")
    async with opened(settings) as db:
        print(await make_user(db, email, name))


async def create_token(settings: Settings, email: str, scopes: frozenset[str], days: int | None, name: str) -> None:
    if unknown := scopes - SCOPES.keys():
        raise Invalid(f"There is no scope {', '.join(sorted(unknown))}; the scopes are {', '.join(SCOPES)}.")
    async with opened(settings) as db:
        user = await _user(db, email)
        print(await Credentials(db, SystemClock()).make_token(UserId(user.id), name, scopes, days))


async def create_project(settings: Settings, name: str, owner: str) -> None:
    async with opened(settings) as db:
        user = await _user(db, owner)
        print(await make_project(db, name, UserId(user.id)))


async def make_user(db: Database, email: str, name: str | None) -> UserId:
    """Raises: Conflict when the address is taken."""
    async with db.transaction() as tx:
        if await accounts.find_user_by_email.maybe(tx, email=email) is not None:
            raise Conflict(f"There is a user {email} already.")
        return UserId(await accounts.create_user.one(tx, email=email, name=name, image=None))


async def make_project(db: Database, name: str, owner: UserId) -> ProjectId:
    async with db.transaction() as tx:
        return ProjectId(
            await projects.create_project.one(
                tx, name=name, description=None, prompt=None, visibility="private", user_id=owner
            )
        )


async def _user(db: Database, email: str) -> accounts.UserRow:
    async with db.acquire() as connection:
        user = await accounts.find_user_by_email.maybe(connection, email=email)
    if user is None:
        raise NotFound(f"There is no user {email}; make one with: python -m server user create {email}")
    return user
