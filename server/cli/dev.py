"""`dev`: one process with everything, for a laptop: embedded PostgreSQL, the demo project, a sign-in link."""

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from protocol.ids import UserId
from server.app import running_app
from server.cli.demo import Demo, ensure_demo, ensure_person
from server.cli.serving import bind, serve
from server.clock import SystemClock
from server.errors import StartRefused
from server.feature import Home
from server.features.templates import ensure_own_templates
from server.mail.shown import ShownMail
from server.settings import Settings
from server.store import embedded
from server.store.failures import EmbeddedFailed
from server.store.migrate import migrate
from server.tasks import Tasks
from server.transport.session import SignInLink

log = structlog.get_logger(__name__)

WATCH_INTERVAL_S = 0.25


async def dev(settings: Settings, data: Path, ready_file: Path | None, stop: asyncio.Event) -> None:
    """Run until `stop`.

    Raises:
        StartRefused: the address is taken, the folder cannot be used, PostgreSQL does not start.
    """
    listener = bind(settings.host, settings.port)
    port: int = listener.getsockname()[1]
    url, mails = f"http://{_shown_host(settings.host)}:{port}", ShownMail()
    if settings.public_url is None:
        settings = settings.model_copy(update={"public_url": url})
    carrier = mails if settings.smtp_url is None else None
    with listener:
        async with _postgres(data) as dsn:
            await migrate(dsn)
            homes = (Home.WEB, Home.WORKER)
            async with running_app(settings, dsn, homes=homes, carrier=carrier) as app:
                await ensure_own_templates(app.db)
                demo = await ensure_demo(app.db, app.door.credentials)

                async def person(name: str | None) -> UserId:
                    return demo.user_id if name is None else await ensure_person(app.db, demo, name)

                link = SignInLink(secrets.token_urlsafe(24), demo.project_id, person, mails)
                await serve(
                    app,
                    app.asgi(link),
                    listener,
                    stop,
                    lambda: _announce(url, link.secret, port, demo, ready_file),
                )


@asynccontextmanager
async def _postgres(data: Path) -> AsyncIterator[str]:
    """PostgreSQL for as long as the block runs; one that is killed meanwhile is started again."""
    try:
        running = await embedded.start(data / "postgres")
    except EmbeddedFailed as error:
        raise StartRefused(str(error)) from error

    async def watch() -> None:
        nonlocal running
        clock = SystemClock()
        while True:
            await clock.sleep(WATCH_INTERVAL_S)
            if not running.is_alive():
                log.error("PostgreSQL ended; starting it again")
                await running.stop()
                running = await embedded.start(data / "postgres")

    try:
        async with Tasks(SystemClock()) as tasks:
            tasks.serve("watch PostgreSQL", watch)
            yield running.dsn
    finally:
        await running.stop()


def _announce(url: str, key: str, port: int, demo: Demo, ready_file: Path | None) -> None:
    sign_in_url = f"{url}/signin?key={key}"
    print(
        f"\n  FlashIO is ready. Open this link to sign in as {demo.name}:\n\n    {sign_in_url}\n\n"
        "  Add &name=Ada in another browser to be somebody else.\n"
        f"  Mails that the server would send: {url}/dev/mail?key={key}\n",
        flush=True,
    )
    if ready_file is None:
        return
    ready = {
        "url": url,
        "signInUrl": sign_in_url,
        "port": port,
        "projectId": str(demo.project_id),
        "token": demo.token,
        "pid": os.getpid(),
    }
    partial = ready_file.with_name(f"{ready_file.name}.{os.getpid()}")
    partial.write_text(json.dumps(ready), encoding="utf-8")
    partial.replace(ready_file)


def _shown_host(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return "localhost"
    return f"[{host}]" if ":" in host else host
