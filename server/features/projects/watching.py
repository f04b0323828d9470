"""The numbered events of projects: told in order to every socket that watches, made up for after an absence."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from protocol.event_parts import part_of_event
from protocol.ids import ConnectionId, ProjectId, Seq
from protocol.outbound import Happened
from protocol.projects import Resumed, ResumeEvents
from protocol.session import NumberedEvent
from server.access.fresh import Fresh
from server.access.grants import paths_of
from server.access.roles import Ability
from server.errors import BadRequest, NotFound
from server.feature import Call, Caller, Result, Services, project_of, room_of_project
from server.hub.announcement import Announcement
from server.hub.effects import NOTHING, Audience, Broadcast, Effects, Join, RoomKey, Subscribe, Unsubscribe, View
from server.store import events
from server.store.failures import StorageBusy, StorageUnavailable

HIDDEN_EVENT = "projects/hidden"  # advances the number for those who may not know the content
EXPIRY_BATCH = 5_000
PAGE = 500
RETRY_S = 1.0
RESUME_TRIES = 5  # events may come in while the last ones are read
COMPARE_BATCH = 1_000


@dataclass(slots=True)
class Watched:
    """A project with open sockets here. `seq`: the newest event they were told, None until it is read."""

    sockets: set[ConnectionId] = field(default_factory=set)
    seq: Seq | None = None
    is_behind: bool = False  # events may be missing: read them
    is_catching_up: bool = False


@dataclass(frozen=True, slots=True)
class Watching:
    """Invariant: a project is watched, and its room subscribed to once, as long as a socket here watches it."""

    services: Services
    heads: Fresh[ProjectId, events.EventHeadRow | None]  # one read for all who join while it is under way
    watched: dict[ProjectId, Watched] = field(default_factory=dict)

    async def resume(self, call: Call, command: ResumeEvents) -> Result[Resumed]:
        """Watch the project from here on, and tell what was missed since the caller's last number."""
        caller = call.caller
        room, watched = room_of_project(caller.project_id), self._watch(caller)
        resumed = await self._read(caller, command)
        # Invariant: who joins knows just what the room was told, so that nobody misses an event or hears it twice.
        for _ in range(RESUME_TRIES):
            if watched.seq is None:
                watched.seq = resumed.seq
            if watched.seq < resumed.seq:
                await self._tell_missed(room, watched)
            if watched.seq == resumed.seq:
                break
            resumed = await self._read(caller, command)
        else:
            # The number fell, as after a restore, or events expired untold: the next one shows everybody the gap.
            watched.seq = resumed.seq
            resumed = resumed.model_copy(update={"recovered": False, "missed": []})
        if not caller.is_open:
            return Result(resumed)
        if watched.is_behind:
            self.resync(room)
        return Result(resumed, [Join(caller.socket, room, tuple)])

    def disconnected(self, caller: Caller) -> Effects:
        if caller.grant is None:
            return NOTHING
        watched = self.watched.get(caller.project_id)
        if watched is None or caller.socket not in watched.sockets:
            return NOTHING
        watched.sockets.remove(caller.socket)
        if watched.sockets:
            return NOTHING
        del self.watched[caller.project_id]
        return [Unsubscribe(room_of_project(caller.project_id))]

    def hear(self, room: RoomKey, payload: bytes) -> Effects:
        """Tell listeners in the order of the numbers; a gap is fetched."""
        event, watched = Announcement.unpacked(payload), self.watched.get(project_of(room))
        if watched is None:
            return NOTHING
        if watched.seq is None or event is None or event.seq > watched.seq + 1:
            return self.resync(room)
        if event.seq <= watched.seq:
            return NOTHING
        watched.seq = event.seq
        return [_told(room, event)]

    def resync(self, room: RoomKey) -> Effects:
        watched = self.watched.get(project_of(room))
        if watched is not None:
            watched.is_behind = True
            if watched.seq is not None and not watched.is_catching_up:
                watched.is_catching_up = True
                self.services.tasks.start("catch up with events", self._catch_up(room, watched))
        return NOTHING

    async def compare(self) -> None:
        """Catch up where the log holds events that nobody announced, as when a commit's answer was lost."""
        project_ids = list(self.watched)
        for start in range(0, len(project_ids), COMPARE_BATCH):
            async with self.services.db.acquire() as connection:
                heads = await events.heads.all(connection, project_ids=project_ids[start : start + COMPARE_BATCH])
            self._compare(heads)

    async def expire(self) -> None:
        """Delete events that nobody may resume over any more."""
        before = self.services.clock.now() - timedelta(days=self.services.settings.event_days)
        async with self.services.db.transaction() as tx:
            await events.expire_events.run(tx, before=before, limit=EXPIRY_BATCH)

    def _watch(self, caller: Caller) -> Watched:
        project_id, socket = caller.project_id, caller.socket
        if not caller.is_open:
            raise BadRequest("The socket closed meanwhile.")
        watched = self.watched.get(project_id)
        if watched is None:
            watched = self.watched[project_id] = Watched()
            self.services.emit([Subscribe(room_of_project(project_id))])
        watched.sockets.add(socket)
        return watched

    def _compare(self, heads: Iterable[events.ProjectSeqRow]) -> None:
        for head in heads:
            watched = self.watched.get(ProjectId(head.project_id))
            if watched is not None and watched.seq is not None and head.seq > watched.seq:
                self.resync(room_of_project(ProjectId(head.project_id)))

    async def _catch_up(self, room: RoomKey, watched: Watched) -> None:
        try:
            while watched.is_behind and watched.sockets:
                watched.is_behind = False
                try:
                    await self._tell_missed(room, watched)
                except (StorageUnavailable, StorageBusy):
                    watched.is_behind = True
                    await self.services.clock.sleep(RETRY_S)
        finally:
            watched.is_catching_up = False

    async def _tell_missed(self, room: RoomKey, watched: Watched) -> None:
        """Tell listeners what the log holds after the newest event they know."""
        while True:
            async with self.services.db.acquire() as connection:
                rows = await events.list_events_since.all(
                    connection, project_id=project_of(room), after_seq=watched.seq or 0, limit=PAGE
                )
            for row in rows if self.watched.get(project_of(room)) is watched else ():
                if watched.seq is not None and row.seq > watched.seq:
                    watched.seq = Seq(row.seq)
                    self.services.emit([_told(room, _announcement(row))])
            if len(rows) < PAGE:
                return

    async def _read(self, caller: Caller, command: ResumeEvents) -> Resumed:
        project_id, asked = caller.project_id, command.resume
        head = await self.heads.of(project_id, lambda: self._head(project_id))
        rows: list[events.EventRow] = []
        if asked is not None and head is not None and asked.epoch == str(head.epoch) and asked.seq < head.seq:
            async with self.services.db.transaction("repeatable read", is_read_only=True) as tx:
                head = await events.get_event_head.maybe(tx, project_id=project_id)
                rows = await events.list_events_since.all(tx, project_id=project_id, after_seq=asked.seq, limit=PAGE)
        if head is None:
            raise NotFound("There is no such project.")
        is_whole = asked is not None and asked.epoch == str(head.epoch) and len(rows) == head.seq - asked.seq
        missed = [_seen_by(caller, _announcement(row)) for row in rows] if is_whole else []
        return Resumed(epoch=str(head.epoch), seq=Seq(head.seq), recovered=is_whole, missed=missed)

    async def _head(self, project_id: ProjectId) -> events.EventHeadRow | None:
        async with self.services.db.acquire() as connection:
            return await events.get_event_head.maybe(connection, project_id=project_id)


def _announcement(row: events.EventRow) -> Announcement:
    return Announcement(row.kind, row.body, Seq(row.seq), Ability[row.audience].value)


def _told(room: RoomKey, event: Announcement) -> Broadcast:
    whole, hidden = Happened(event.name, event.body, event.seq), Happened(HIDDEN_EVENT, {}, event.seq)

    def seen_by(view: View) -> Happened:
        rights = paths_of(view)
        if rights.is_empty:
            return whole
        seen = part_of_event(event.name, event.body, rights.sees)
        return hidden if seen is None else Happened(event.name, seen, event.seq)

    return Broadcast(room, whole, Audience(event.ability), instead=hidden, seen_by=seen_by)


def _seen_by(caller: Caller, event: Announcement) -> NumberedEvent:
    body = event.body if caller.may(Ability(event.ability)) else None
    if body is not None and not caller.paths.is_empty:
        body = part_of_event(event.name, body, caller.paths.sees)
    if body is None:
        return NumberedEvent(name=HIDDEN_EVENT, body={}, seq=event.seq)
    return NumberedEvent(name=event.name, body=body, seq=event.seq)
