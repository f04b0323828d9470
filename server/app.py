"""The composition root: it alone knows all parts, puts them together, and takes them apart in order."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import ModuleType

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from protocol.errors import CLOSE_TEXTS, CloseCode
from protocol.outbound import KeptAlive
from server.access.credentials import Credentials
from server.access.grants import Grants, permits
from server.access.sign_ins import SignIns
from server.access.signed_cookies import SignedCookies
from server.access.standing import Standings
from server.bus.local import LocalBus
from server.bus.port import Bus
from server.clock import Clock, SystemClock
from server.dispatch import Dispatcher
from server.feature import RIGHTS_ROOM, Feature, Home, Services
from server.features import accounts, archives, audit, collaborators, documents, files, projects, templates
from server.hub.effects import Audience, RoomKey, Send, View
from server.hub.hub import Hub
from server.loop_lag import watch_loop
from server.mail.port import Carrier
from server.mail.post import Post
from server.mail.smtp import smtp_carrier
from server.settings import BUS_PAYLOAD_BYTES, Settings
from server.store.db import Database, PoolSettings
from server.store.failures import StorageFailure
from server.store.migrate import at_head
from server.tasks import Tasks
from server.transport.archives import ArchiveEndpoint
from server.transport.content import ContentEndpoint, OnlyContents
from server.transport.content_links import ContentLinks
from server.transport.door import Door
from server.transport.doors import Doors
from server.transport.export_door import ExportEndpoint
from server.transport.file_door import FileDoor
from server.transport.files import FileEndpoint
from server.transport.openapi.endpoint import ApiEndpoints
from server.transport.ops import OpsEndpoints
from server.transport.page import PageEndpoint, SecurityHeaders
from server.transport.passkey_door import PasskeyEndpoints
from server.transport.problems import refused
from server.transport.provider_sign_in import ProviderEndpoints
from server.transport.rpc import RpcEndpoint
from server.transport.session import SessionEndpoints, SignInLink
from server.transport.tus import METHODS as TUS_METHODS
from server.transport.tus import TusEndpoint
from server.transport.visits import Visits

log = structlog.get_logger(__name__)

FEATURES: tuple[ModuleType, ...] = (
    accounts,
    audit,
    projects,
    collaborators,
    files,
    templates,
    documents,
    archives,
)

KEEPALIVE_INTERVAL_S = 15.0  # stock clients leave after 30 s without a message
PROGRESS_INTERVAL_S = 1.0
POLL_EARLY = 0.9  # jobs come up to a tenth late, and what they find must be found in time
FLUSH_TIMEOUT_S = 2.0


class Wire:
    """Joins the hub to the bus: what is heard goes to dispatch."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.dispatcher: Dispatcher | None = None

    def publish(self, room: RoomKey, payload: Callable[[], bytes]) -> None:
        if not self._bus.is_alone:
            self._bus.publish(room, payload())

    def announce(self, room: RoomKey, payload: bytes, brief: bytes) -> None:
        self._bus.publish(room, payload if len(payload) <= BUS_PAYLOAD_BYTES else brief)
        self._heard(room, payload)

    def subscribe(self, room: RoomKey) -> None:
        self._bus.subscribe(room, lambda payload: self._heard(room, payload), lambda: self._resync(room))

    def unsubscribe(self, room: RoomKey) -> None:
        self._bus.unsubscribe(room)

    def _heard(self, room: RoomKey, payload: bytes) -> None:
        if self.dispatcher is not None:
            self.dispatcher.heard(room, payload)

    def _resync(self, room: RoomKey) -> None:
        if self.dispatcher is not None:
            self.dispatcher.resync(room)


@dataclass(slots=True)
class App:
    """One worker, running. Made by `running_app`."""

    settings: Settings
    clock: Clock
    db: Database
    hub: Hub
    dispatcher: Dispatcher
    features: Sequence[Feature]
    tasks: Tasks
    door: Door
    services: Services
    links: ContentLinks | None = None
    is_draining: bool = False

    def asgi(self, link: SignInLink | None = None) -> Starlette:
        """The routes; `link` is the development sign-in.

        Raises:
            StartRefused: the settings for providers or encryption do not fit together.
        """
        page = PageEndpoint(self.settings.page_dir)
        ops = OpsEndpoints(
            (
                ("database", self._database_answers),
                ("migrations", self._migrations_at_head),
                ("drain", self._takes_people),
            )
        )
        return Starlette(
            routes=[
                Route("/api/{feature}/{command}", RpcEndpoint(self.door).serve, methods=["POST"]),
                *_api_routes(ApiEndpoints(self.dispatcher.commands.values())),
                *_file_routes(FileDoor.of(self.door, self.db), self.db, self.links),
                *_sign_in_routes(SessionEndpoints(self.door, self.services, link)),
                Route("/healthz", ops.alive),
                Route("/readyz", ops.ready),
                Route("/metrics", ops.metrics),
                Mount("/assets", page.assets()),
                Route("/passkey.js", page.passkey_script),
                Route("/", page.index),
                Route("/account", page.index),
                Route("/account/export", ExportEndpoint(self.door, self.services).serve),
                Route("/p/{rest:path}", page.index),
                Route("/invite/{secret}", page.index),
            ],
            middleware=[
                *([] if self.links is None else [Middleware(OnlyContents, self.links.host)]),
                Middleware(SecurityHeaders),
                Middleware(Visits, self.settings.forwarded_hops),
                Middleware(Doors, self.door),
            ],
            exception_handlers={HTTPException: refused},
        )

    async def drain(self) -> None:
        """Commit what is applied, tell people that the server restarts, and commit what came meanwhile."""
        self.is_draining = True
        await self._flush()
        for connection in self.hub.connections():
            self.hub.close(connection.id, CloseCode.SERVICE_RESTART, CLOSE_TEXTS[CloseCode.SERVICE_RESTART])
        await self._flush()
        if self.services.post.is_open:
            await self._in_time("mails", self.services.post.empty())

    async def keep_alive(self) -> None:
        """Say something to clients that take silence for a dead connection."""
        self.hub.perform([Send(connection.id, KeptAlive()) for connection in self.hub.connections()])

    async def check_progress(self) -> None:
        self.hub.check_progress(self.clock.monotonic())

    async def _flush(self) -> None:
        """Let each feature make its work durable; one that fails or takes too long keeps no other from it."""
        for feature in self.features:
            await self._in_time(feature.slug, _flushed(feature))

    async def _in_time(self, name: str, work: Coroutine[None, None, None]) -> None:
        flushing = self.tasks.start(f"flush {name}", work)
        _, late = await asyncio.wait((flushing,), timeout=FLUSH_TIMEOUT_S)
        if late:
            flushing.cancel()
            log.error("not everything could be saved before the end", feature=name)

    async def _database_answers(self) -> str | None:
        try:
            await self.db.ping()
        except StorageFailure as error:
            log.warning("not ready", check="database", reason=str(error))
            return "PostgreSQL does not answer; the log says why."
        return None

    async def _migrations_at_head(self) -> str | None:
        try:
            is_at_head = await at_head(self.db)
        except StorageFailure as error:
            log.warning("not ready", check="migrations", reason=str(error))
            return "The migrations cannot be read; the log says why."
        return None if is_at_head else "The database lacks migrations; run: python -m server migrate"

    async def _takes_people(self) -> str | None:
        return "This worker is about to end." if self.is_draining else None


def _api_routes(api: ApiEndpoints) -> list[Route]:
    return [Route("/api", api.page), Route("/api/openapi.json", api.document)]


def _file_routes(files: FileDoor, db: Database, links: ContentLinks | None) -> list[Route]:
    contents, tus, archived = FileEndpoint(files, links), TusEndpoint(files), ArchiveEndpoint.of(files, db, links)
    return [
        Route("/files/{project_id}/{path:path}", contents.serve, methods=["GET", "PUT"]),
        Route("/uploads/{project_id}", tus.collection, methods=["POST", "OPTIONS"]),
        Route("/uploads/{project_id}/{upload_id}", tus.upload, methods=TUS_METHODS),
        Route("/archives", archived.import_new, methods=["POST"]),
        Route("/archives/{project_id}.zip", archived.export_zip),
        Route("/archives/{project_id}.tar.gz", archived.export_tar),
        Route("/archives/{project_id}", archived.import_into, methods=["POST"]),
        Route("/content/{link}/{name}", ContentEndpoint(files.door, contents, archived, links).serve),
    ]


def _sign_in_routes(sessions: SessionEndpoints) -> list[Route]:
    passkeys = PasskeyEndpoints(sessions)
    providers = ProviderEndpoints(sessions)
    return [
        Route("/signin", sessions.sign_in),
        Route("/signin/email", sessions.show),
        Route("/signin/email", sessions.ask, methods=["POST"]),
        Route("/signin/guest", sessions.guest, methods=["POST"]),
        Route("/signin/confirm", sessions.confirm, methods=["POST"]),
        Route("/signin/passkey/options", passkeys.options, methods=["POST"]),
        Route("/signin/passkey", passkeys.confirm, methods=["POST"]),
        Route("/signin/providers", providers.listed),
        Route("/signin/with/{provider}", providers.begin),
        Route("/signin/with/{provider}/callback", providers.finish),
        Route("/dev/mail", sessions.mails),
        Route("/signout", sessions.sign_out, methods=["POST"]),
    ]


@asynccontextmanager
async def running_app(
    settings: Settings,
    database_url: str,
    *,
    homes: Sequence[Home],
    bus: Bus | None = None,
    clock: Clock | None = None,
    carrier: Carrier | None = None,
) -> AsyncIterator[App]:
    """Start a worker's parts; leaving stops its tasks, then closes the database. Without `carrier` SMTP_URL decides.

    Raises:
        StartRefused: the settings for mail do not fit together.
        StorageUnavailable: the database does not answer.
        StorageUnsafe: it acknowledges commits before they are durable.
    """
    clock, bus = clock or SystemClock(), bus or LocalBus()
    post = Post(carrier or smtp_carrier(settings), clock, settings.mail_queue_limit)
    db = open_database(settings, database_url)
    await db.open()
    try:
        async with Tasks(clock) as tasks:
            await bus.start()
            app = _composed(settings, clock, db, tasks, bus, post)
            _start_jobs(app, homes)
            yield app
            await bus.stop()
    finally:
        await db.close()


def open_database(settings: Settings, database_url: str) -> Database:
    """The pool as the settings want it, not connected yet."""
    return Database(
        database_url,
        PoolSettings(
            max_connections=settings.database_pool_size,
            command_timeout_s=settings.database_timeout_s,
            statement_cache_size=settings.database_statement_cache,
        ),
    )


def built_features(services: Services) -> tuple[Feature, ...]:
    return tuple(feature.build(services) for feature in FEATURES)


def _composed(settings: Settings, clock: Clock, db: Database, tasks: Tasks, bus: Bus, post: Post) -> App:
    wire = Wire(bus)
    hub = Hub(_is_permitted, wire)
    services = Services(settings, clock, db, tasks, hub.perform, secrets.token_hex(8), post, documents.Showing(clock))
    features = built_features(services)
    dispatcher = Dispatcher(features, hub, db, settings=settings, clock=clock, post=post)
    wire.dispatcher = dispatcher
    grants = Grants(Standings(db, clock, settings.guests).membership, clock)
    credentials = Credentials(db, clock, settings.session_days)
    sign_ins, signed_cookies = SignIns(credentials, clock), SignedCookies(db, clock, settings)
    door = Door(settings, hub, dispatcher, credentials, sign_ins, signed_cookies, grants, clock, tasks)
    dispatcher.listen(door.vigil.hears)
    wire.subscribe(RIGHTS_ROOM)
    links = ContentLinks.of(settings, clock)
    return App(settings, clock, db, hub, dispatcher, features, tasks, door, services, links)


def _start_jobs(app: App, homes: Sequence[Home]) -> None:
    for feature in app.features:
        for job in feature.jobs:
            if job.home in homes:
                app.tasks.every(job.name, job.interval_s, job.run)
        if Home.WEB in homes:
            for name, service in feature.services:
                app.tasks.serve(name, service)
    if Home.WEB in homes:
        app.tasks.every("poll rights", app.settings.rights_poll_s * POLL_EARLY, app.door.vigil.poll)
        app.tasks.serve("watch the loop", lambda: watch_loop(app.clock))
        app.tasks.serve("send mails", app.services.post.serve)
        app.tasks.every("keep alive", KEEPALIVE_INTERVAL_S, app.keep_alive)
        app.tasks.every("close slow readers", PROGRESS_INTERVAL_S, app.check_progress)


async def _flushed(feature: Feature) -> None:
    await feature.flush()


def _is_permitted(view: View, audience: Audience) -> bool:
    return permits(view, audience.ability, audience.path)
