"""What both WebSocket doors share: who may knock, who they are, how many fit in, and how they leave."""

import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import structlog
from prometheus_client import Counter, Gauge
from starlette.requests import HTTPConnection

from protocol.errors import ERRORS
from protocol.ids import ConnectionId, ProjectId
from protocol.outbound import Failed
from server.access.credentials import Credentials
from server.access.failed_tokens import FailedTokens
from server.access.grants import Grant, Grants
from server.access.principal import Principal
from server.access.sign_ins import SignIns
from server.access.signed_cookies import SignedCookies, is_signed
from server.access.standing import Standings
from server.clock import Clock
from server.dispatch import Dispatcher
from server.errors import FlashError, Forbidden, LimitReached, Unauthenticated, Unavailable
from server.feature import Caller
from server.hub.connection import Connection, Dialect
from server.hub.effects import Close, Send
from server.hub.hub import Hub
from server.hub.outbox import OutboxLimits
from server.hub.socket import Socket
from server.settings import Settings
from server.store.failures import StorageBusy, StorageUnavailable
from server.tasks import Tasks
from server.transport.cookies import authjs_cookies, session_token
from server.transport.expiries import Expiries
from server.transport.socket import SocketLimits
from server.transport.vigil import Vigil
from server.transport.visitors import network_address
from server.visit import network_of

log = structlog.get_logger(__name__)

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

_knocking = Gauge("flashio_unauthenticated_sockets", "Sockets that have not signed in yet")
_refused = Counter("flashio_handshakes_refused_total", "Sockets that were not let in", ["code"])


@dataclass(slots=True)
class Door:
    settings: Settings
    hub: Hub
    dispatcher: Dispatcher
    credentials: Credentials
    sign_ins: SignIns
    signed_cookies: SignedCookies
    grants: Grants
    clock: Clock
    tasks: Tasks
    vigil: Vigil = field(init=False)
    failed_tokens: FailedTokens = field(init=False)
    expiries: Expiries = field(init=False)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _unauthenticated: int = 0
    _open: int = 0

    def __post_init__(self) -> None:
        self.failed_tokens = FailedTokens(self.settings.failed_tokens_per_minute, self.clock.monotonic)
        self.vigil = Vigil(
            Standings(self.credentials.db, self.clock, self.settings.guests),
            self.sign_ins,
            self.grants,
            self.hub,
            self.dispatcher,
            self.clock,
            self.tasks,
            self.tell_and_close,
        )
        self.expiries = Expiries(self.clock, self.vigil.look_at)

    @property
    def socket_limits(self) -> SocketLimits:
        return SocketLimits.of(self.settings)

    def check_host(self, request: HTTPConnection) -> None:
        """Refuse names that are not ours: a page elsewhere could point its own name at this server.

        Raises:
            Forbidden: the Host header is not in the allow-list.
        """
        host = request.headers.get("host", "")
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        allowed = self.settings.allowed_hosts
        is_public = host != "" and host == urlsplit(self.settings.public_url or "").netloc
        if name not in LOOPBACK_NAMES and name not in allowed and "*" not in allowed and not is_public:
            raise Forbidden(f"The host name {name[:100]!r} is not served here; add it to ALLOWED_HOSTS.")

    def check_origin(self, request: HTTPConnection) -> bool:
        """Whether a cookie may be trusted: the page that sends it is ours, by its Origin or by the browser's own word.

        Raises:
            Forbidden: the page is somebody else's.
        """
        origin = request.headers.get("origin")
        if _is_vouched_for(request, origin):
            return True
        if origin is None:
            return False
        if origin in self.settings.allowed_origins or _place(origin) == request.headers.get("host"):
            return True
        raise Forbidden(f"Pages of {origin[:200]!r} may not use this server; add it to ALLOWED_ORIGINS.")

    async def principal(self, request: HTTPConnection, token: str | None, ticket: str | None) -> Principal:
        """Who is there, by ticket, bearer token or session cookie, in this order.

        Raises:
            Unauthenticated: nothing of these, or it does not hold.
            Forbidden: Host or Origin are not accepted.
            Unavailable: credentials cannot be read now.
        """
        self.check_host(request)
        trusts_cookie = self.check_origin(request)
        with storage_told():
            return await self._principal(request, token, ticket, trusts_cookie=trusts_cookie)

    async def _principal(
        self, request: HTTPConnection, token: str | None, ticket: str | None, *, trusts_cookie: bool
    ) -> Principal:
        header = request.headers.get("authorization", "")
        if ticket:
            return await self._counted(request, ticket, self.credentials.of_ticket)
        if token or header.lower().startswith("bearer "):
            given = token or header[len("bearer ") :].strip()
            return await self._counted(request, given, self.sign_ins.of_token)
        if trusts_cookie:
            return await self.of_cookies(request)
        raise Unauthenticated

    async def _counted(
        self, request: HTTPConnection, secret: str, find: Callable[[str], Awaitable[Principal]]
    ) -> Principal:
        """Who has a secret; secrets that do not hold are counted by where they come from."""
        network = self.network(request)
        self.failed_tokens.check(secret, network)
        try:
            return await find(secret)
        except Unauthenticated:
            self.failed_tokens.failed(secret, network)
            raise

    def network(self, request: HTTPConnection) -> str:
        """What is counted as one visitor."""
        return network_of(network_address(request, self.settings.forwarded_hops))

    async def of_cookies(self, request: HTTPConnection) -> Principal:
        """Who the cookies name, whichever page sent them: for what `principal` is too strict about.

        Our own cookie counts first; one that no longer holds does not hide another program's that does.

        Raises:
            Unauthenticated: none of them holds.
        """
        refused = Unauthenticated()
        token = session_token(request, self.settings)
        for name, value in itertools.chain([(None, token)] if token else [], authjs_cookies(request, self.settings)):
            try:
                if name is not None and is_signed(value):
                    return await self.signed_cookies.principal(name, value)
                return await self.sign_ins.of_session(value)
            except Unauthenticated as error:
                refused = error
        raise refused

    async def grant(self, principal: Principal, project_id: ProjectId) -> Grant:
        with storage_told():
            return await self.grants.of(principal, project_id)

    async def grant_now(self, principal: Principal, project_id: ProjectId) -> Grant:
        """The same for somebody who came in a while ago: their sign-in, too, may have ended since (P5).

        Raises:
            Unauthenticated: it has.
            Forbidden, Gone: they do not belong to the project any more, or it is no more.
            Unavailable: rights cannot be read now.
        """
        with storage_told():
            (verdict,) = await self.vigil.standings.now([(principal, project_id)])
        if isinstance(verdict, FlashError):
            raise verdict
        return verdict

    @contextmanager
    def knocking(self) -> Iterator[None]:
        """Count a socket that has not signed in yet.

        Raises:
            LimitReached: too many of them wait, or the process is full.
        """
        if self._unauthenticated >= self.settings.max_unauthenticated or self._open >= self.settings.max_connections:
            raise LimitReached("This server is full. Try again later.")
        self._unauthenticated += 1
        _knocking.set(self._unauthenticated)
        try:
            yield
        finally:
            self._unauthenticated -= 1
            _knocking.set(self._unauthenticated)

    def enter(
        self,
        socket: Socket,
        dialect: Dialect,
        principal: Principal,
        grant: Grant,
        *,
        read_since: float,
    ) -> Caller:
        """Let in a socket whose sign-in and rights were read since that moment; `leave` must follow when it ends."""
        connection_id = ConnectionId(next(self._ids))
        limits = OutboxLimits(
            self.settings.outbox_watermark_bytes, self.settings.outbox_limit_bytes, self.settings.slow_reader_s
        )
        self.hub.connect(
            Connection(connection_id, socket, dialect, grant.view, limits=limits, give_up=self.hub.give_up)
        )
        self._open += 1
        caller = Caller(principal, grant, connection_id)
        self.vigil.enter(caller, read_since)
        return caller

    def leaving(self, caller: Caller) -> Callable[[], None]:
        """End the caller's socket when its credential does; returns what to call, once or more, when it has ended."""
        self.expiries.watch(caller)

        def leave() -> None:
            if caller.is_open:
                self.leave(caller)

        return leave

    def renewed(self, caller: Caller) -> None:
        """The socket has a fresh credential: from now on that one's end counts, and what it allows."""
        self.expiries.watch(caller)
        self.vigil.look_at(caller)

    def leave(self, caller: Caller) -> None:
        self.expiries.forget(caller)
        self._open -= 1
        caller.is_open = False
        self.vigil.leave(caller)
        self.dispatcher.disconnected(caller)

    @contextmanager
    def watching(self, caller: Caller) -> Iterator[None]:
        """Watch over the rights of a request that may last, as over those of a socket: its grant changes with them."""
        caller.connection_id = ConnectionId(next(self._ids))  # of nobody to whom anything could be sent
        self.expiries.watch(caller)
        self.vigil.enter(caller, read_since=0.0)  # since when is not known: whatever was said lately counts
        try:
            yield
        finally:
            caller.is_open = False
            self.expiries.forget(caller)
            self.vigil.leave(caller)

    def tell_and_close(self, caller: Caller, error: FlashError) -> None:
        """Say why in-band, then close: browsers and stock clients may see nothing else."""
        self.hub.perform(
            [
                Send(caller.socket, Failed(None, error.code, str(error))),
                Close(caller.socket, close_number(error), str(error)[:100]),
            ]
        )


@contextmanager
def storage_told() -> Iterator[None]:
    """Tell who knocks while storage is away that it is, as every command is told.

    Raises:
        Unavailable: PostgreSQL cannot be reached, or somebody holds what was needed.
    """
    try:
        yield
    except (StorageUnavailable, StorageBusy) as error:
        log.warning("storage unavailable at the door", reason=str(error))
        raise Unavailable from error


def _is_vouched_for(request: HTTPConnection, origin: str | None) -> bool:
    """Whether the browser says that our page asks, where that page has no Origin to show; no page can forge its word.

    Reading: browsers send no Origin when a page of ours links to a file or shows it, nor when its address is typed.
    Forms: the Origin of ours is `null`, because our pages name no referrer. A socket always has one, and needs it.
    """
    if request.scope["type"] != "http":
        return False
    site = request.headers.get("sec-fetch-site")
    if origin is None:
        return request.scope["method"] in ("GET", "HEAD") and site in ("same-origin", "none")
    return origin == "null" and site == "same-origin"


def _place(origin: str) -> str | None:
    """Host and port of an Origin; None when it is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def count_refusal(error: FlashError) -> None:
    _refused.labels(str(error.code)).inc()


def close_number(error: FlashError) -> int:
    return ERRORS[error.code].number
