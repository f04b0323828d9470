"""`serve` and `worker`: processes that operators run, with a PostgreSQL of their own."""

import asyncio

import structlog

from server.app import running_app
from server.cli.admin import database_url
from server.cli.serving import bind
from server.cli.serving import serve as answer
from server.errors import StartRefused
from server.feature import Home
from server.settings import Settings
from server.store.migrate import at_head

log = structlog.get_logger(__name__)


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Answer until `stop`.

    Raises:
        StartRefused: a setting is missing, the database lacks migrations, or the address is taken.
    """
    url = database_url(settings)
    if settings.web_concurrency > 1:
        raise StartRefused(
            "WEB_CONCURRENCY is above 1: this release runs one worker, because workers cannot hear one another yet. "
            "Set it to 1."
        )
    with bind(settings.host, settings.port) as listener:
        async with running_app(settings, url, homes=(Home.WEB,)) as app:
            if not await at_head(app.db):
                raise StartRefused("The database lacks migrations of this release; run: python -m server migrate")
            port = listener.getsockname()[1]
            await answer(app, app.asgi(), listener, stop, lambda: log.info("serving", host=settings.host, port=port))


async def work(settings: Settings, stop: asyncio.Event) -> None:
    """Run the jobs of the worker's home until `stop`.

    Raises:
        StartRefused: DATABASE_URL is not set, or the database lacks migrations.
    """
    async with running_app(settings, database_url(settings), homes=(Home.WORKER,)) as app:
        if not await at_head(app.db):
            raise StartRefused("The database lacks migrations of this release; run: python -m server migrate")
        log.info("working")
        await stop.wait()
