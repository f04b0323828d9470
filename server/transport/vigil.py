"""Watches over what open sockets may do: told by announcements, and by looking when nobody tells (P5).

Whatever is heard is only a hint: the rights themselves are read from the database, by one reader at a time, so that
what was read later always wins. While storage is away everybody keeps what they have, until their credential expires.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from uuid import UUID

import msgpack
import structlog
from prometheus_client import Counter, Histogram

from protocol.ids import ConnectionId, ProjectId, UserId
from server.access.grants import Grant, Grants
from server.access.roles import Ability
from server.access.sign_ins import SignIns
from server.access.standing import Standings
from server.clock import Clock
from server.dispatch import Dispatcher
from server.errors import FlashError, Unauthenticated
from server.feature import RIGHTS_FORM_VERSION, RIGHTS_ROOM, Caller, HearSpec
from server.hub.effects import NOTHING, Effects, RoomKey
from server.hub.hub import Hub
from server.store.failures import StorageBusy, StorageUnavailable
from server.tasks import Tasks

BATCH = 500  # sockets looked at together: some milliseconds of index reads, and of this loop's time
RETRY_S = 0.5  # while storage is away
HINTS_COUNT_S = 30.0  # for sockets that come in: a handshake that read its rights before a hint may end that much later

log = structlog.get_logger(__name__)

_looked_at = Counter("flashio_rights_looked_at_total", "Open sockets whose rights were read anew")
_changes = Counter("flashio_rights_changed_total", "Open sockets by what became of them", ["outcome"])
_failures = Counter("flashio_rights_unreadable_total", "Looks at rights that found no storage")
_seconds = Histogram("flashio_rights_look_seconds", "Time to read the rights of one batch of sockets")

Hint = tuple[ProjectId | None, UserId | None]  # None: whichever


@dataclass(slots=True)
class Vigil:
    """`close` tells a caller why, then ends its socket."""

    standings: Standings
    sign_ins: SignIns
    grants: Grants
    hub: Hub
    dispatcher: Dispatcher
    clock: Clock
    tasks: Tasks
    close: Callable[[Caller, FlashError], None]
    _callers: dict[ConnectionId, Caller] = field(default_factory=dict)
    _of_project: defaultdict[ProjectId, set[ConnectionId]] = field(default_factory=lambda: defaultdict(set))
    _of_user: defaultdict[UserId, set[ConnectionId]] = field(default_factory=lambda: defaultdict(set))
    _due: set[ConnectionId] = field(default_factory=set)
    _hints: dict[Hint, float] = field(default_factory=dict)  # of the last moments, and when each came
    _is_looking: bool = False

    @property
    def hears(self) -> HearSpec:
        return HearSpec(RIGHTS_ROOM, self.hear, self.resync)

    def enter(self, caller: Caller, read_since: float) -> None:
        """Watch over a socket whose sign-in and rights were read since that moment, in monotonic seconds.

        What was said meanwhile is not lost on it; what was said before was known to who read them.
        """
        self._callers[caller.socket] = caller
        self._of_project[caller.project_id].add(caller.socket)
        self._of_user[caller.principal.user_id].add(caller.socket)
        if any(came >= read_since and _concerns(hint, caller) for hint, came in self._hints.items()):
            self._look_soon([caller.socket])

    def leave(self, caller: Caller) -> None:
        if self._callers.pop(caller.socket, None) is None:
            return
        for index, key in ((self._of_project, caller.project_id), (self._of_user, caller.principal.user_id)):
            sockets: set[ConnectionId] = index[key]  # type: ignore[index]
            sockets.discard(caller.socket)
            if not sockets:
                del index[key]  # type: ignore[arg-type]
        self._due.discard(caller.socket)

    def hear(self, _room: RoomKey, payload: bytes) -> Effects:
        version, *fields = msgpack.unpackb(payload)
        if version != RIGHTS_FORM_VERSION:
            return self.resync(_room)
        project_id, user_id = fields
        self._take_hint((project_id and ProjectId(UUID(project_id)), user_id and UserId(UUID(user_id))))
        return NOTHING

    def resync(self, _room: RoomKey) -> Effects:
        """Hints may have been lost: look at everybody."""
        self._take_hint((None, None))
        return NOTHING

    async def poll(self) -> None:
        """Look at everybody, whatever was heard."""
        self._due.update(self._callers)
        await self._look()

    def look_at(self, caller: Caller) -> None:
        """Look at one socket: the time of its credential is over, or it has another one."""
        if caller.socket in self._callers:
            self._look_soon([caller.socket])

    def _take_hint(self, hint: Hint) -> None:
        now = self.clock.monotonic()
        self._hints = {known: came for known, came in self._hints.items() if now - came < HINTS_COUNT_S}
        self._hints[hint] = now
        self.grants.forget(*hint)
        self.sign_ins.forget(hint[1])
        self._look_soon(self._concerned(hint))

    def _concerned(self, hint: Hint) -> set[ConnectionId]:
        project_id, user_id = hint
        concerned = set(self._callers) if project_id is None else self._of_project.get(project_id, set())
        return concerned if user_id is None else concerned & self._of_user.get(user_id, set())

    def _look_soon(self, sockets: Iterable[ConnectionId]) -> None:
        self._due.update(sockets)
        if self._due and not self._is_looking:
            self.tasks.start("look at rights", self._look())

    async def _look(self) -> None:
        """Look at all who are due. Invariant: one of these runs at a time, so what was read last is what holds."""
        if self._is_looking:
            return
        self._is_looking = True
        try:
            while self._due:
                await self._look_at([self._callers[socket] for socket in islice(self._due, BATCH)])
        finally:
            self._is_looking = False

    async def _look_at(self, callers: Sequence[Caller]) -> None:
        self._due.difference_update(caller.socket for caller in callers)
        asked = [(caller.principal, caller.project_id) for caller in callers]
        try:
            with _seconds.time():
                now = await self.standings.now(asked)
        except (StorageUnavailable, StorageBusy) as error:
            _failures.inc()
            log.warning("rights cannot be read", sockets=len(callers), reason=str(error))
            self._keep(callers)
            await self.clock.sleep(RETRY_S)
            return
        _looked_at.inc(len(callers))
        for caller, (principal, _), verdict in zip(callers, asked, now, strict=True):
            if caller.socket not in self._callers:
                continue
            if caller.principal is principal:
                self._judge(caller, verdict)
            else:
                self._due.add(caller.socket)  # renewed meanwhile: the verdict is about the credential before

    def _keep(self, callers: Sequence[Caller]) -> None:
        """Storage is away: all keep what they have but those whose credential is known to be over."""
        now = self.clock.now()
        for caller in callers:
            expires_at = caller.principal.expires_at
            if caller.socket not in self._callers:
                continue
            if expires_at is not None and expires_at <= now:
                self._end(caller, Unauthenticated("Your sign-in has ended. Sign in again."))
            else:
                self._due.add(caller.socket)

    def _judge(self, caller: Caller, verdict: Grant | FlashError) -> None:
        before = caller.grant
        if isinstance(verdict, FlashError):
            self._end(caller, verdict)
        elif before is not None and verdict != before:
            _changes.labels("regranted").inc()
            caller.grant = verdict
            self.dispatcher.regranted(caller, before)

    def _end(self, caller: Caller, error: FlashError) -> None:
        """Invariant: from here on nothing that still arrives is allowed, and nothing more is told but why."""
        _changes.labels(str(error.code)).inc()
        if caller.grant is not None:
            caller.grant = replace(caller.grant, abilities=Ability.NONE)
            self.hub.regrant(caller.socket, caller.grant.view)
        self.leave(caller)
        self.close(caller, error)


def _concerns(hint: Hint, caller: Caller) -> bool:
    project_id, user_id = hint
    return project_id in (None, caller.project_id) and user_id in (None, caller.principal.user_id)
