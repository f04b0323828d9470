"""Projects, and the numbered events of theirs that every open socket is told."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from protocol.ids import ConnectionId, ProjectId, Seq, UserId
from protocol.model import Empty
from protocol.outbound import Happened
from protocol.projects import GetProject, ListProjects, Project, ProjectList, Resumed, ResumeEvents, TouchProject
from protocol.session import NumberedEvent
from server.access.people import user_of
from server.access.roles import Ability
from server.errors import NotFound
from server.feature import (
    Call,
    Caller,
    CommandLine,
    CommandSpec,
    Feature,
    HearSpec,
    Home,
    Job,
    Result,
    Services,
    room_of_project,
)
from server.hub.announcement import Announcement
from server.hub.effects import NOTHING, Audience, Broadcast, Effects, Join, RoomKey, Subscribe, Unsubscribe
from server.settings import Settings
from server.store import events, projects
from server.store.db import Database
from server.store.failures import StorageBusy, StorageUnavailable

HIDDEN_EVENT = "projects/hidden"  # advances the number for those who may not know the content
TOUCH_AT_MOST_EVERY = timedelta(minutes=1)
EXPIRY_INTERVAL_S = 3600.0
EXPIRY_BATCH = 5_000
PAGE = 500
RETRY_S = 1.0


@dataclass(slots=True)
class Watched:
    """A project with open sockets here. `seq`: the newest event they were told, None until it is read."""

    sockets: set[ConnectionId] = field(default_factory=set)
    seq: Seq | None = None
    is_behind: bool = False  # events may be missing: read them
    is_catching_up: bool = False


@dataclass(frozen=True, slots=True)
class Commands:
    services: Services
    watched: dict[ProjectId, Watched] = field(default_factory=dict)

    async def get(self, call: Call, _command: GetProject) -> Result[Project]:
        grant = call.caller.grant
        async with self.services.db.acquire() as connection:
            row = await projects.get_project.maybe(connection, project_id=call.caller.project_id)
        if row is None or grant is None:
            raise NotFound("There is no such project.")
        return Result(_project(row, grant.role))

    async def list(self, call: Call, command: ListProjects) -> Result[ProjectList]:
        user_id = call.caller.principal.user_id
        async with self.services.db.acquire() as connection:
            rows = await projects.list_my_projects.all(
                connection,
                user_id=user_id,
                before_updated_at=None,
                before_id=None,
                limit=command.limit,
            )
        allowed = call.caller.principal.project_id
        return Result(
            ProjectList(
                projects=[
                    _project(row, "owner" if row.user_id == user_id else "collaborator")
                    for row in rows
                    if allowed in (None, row.id)
                ]
            )
        )

    async def touch(self, call: Call, _command: TouchProject) -> Result[Empty]:
        await projects.touch_project.run(
            call.transaction,
            project_id=call.caller.project_id,
            now=self.services.clock.now(),
            at_most_every=TOUCH_AT_MOST_EVERY,
        )
        return Result(Empty())

    async def resume(self, call: Call, command: ResumeEvents) -> Result[Resumed]:
        """Watch the project from here on, and tell what was missed since the caller's last number."""
        caller = call.caller
        project_id = caller.project_id
        watched = self.watched.setdefault(project_id, Watched())
        watched.sockets.add(caller.socket)
        room = room_of_project(project_id)
        # Invariant: who joins knows just what the room was told, so that nobody misses an event or hears it twice.
        while True:
            resumed = await self._read(caller, command)
            if watched.seq is None:
                watched.seq = resumed.seq
            if watched.seq < resumed.seq:
                await self._tell_missed(room, watched)
            if watched.seq == resumed.seq:
                break
        return Result(resumed, [Subscribe(room), Join(caller.socket, room, tuple)] if caller.is_open else NOTHING)

    def disconnected(self, caller: Caller) -> Effects:
        watched = self.watched.get(caller.project_id)
        if watched is None or caller.socket not in watched.sockets:
            return NOTHING
        watched.sockets.remove(caller.socket)
        if not watched.sockets:
            del self.watched[caller.project_id]
        return [Unsubscribe(room_of_project(caller.project_id))]

    def hear(self, room: RoomKey, payload: bytes) -> Effects:
        """Tell listeners in the order of the numbers; a gap is fetched."""
        event, watched = Announcement.unpacked(payload), self.watched.get(_project_of(room))
        if watched is None or watched.seq is None:
            return NOTHING
        if event is None or event.seq > watched.seq + 1:
            return self.resync(room)
        if event.seq <= watched.seq:
            return NOTHING
        watched.seq = event.seq
        return [_told(room, event)]

    def resync(self, room: RoomKey) -> Effects:
        watched = self.watched.get(_project_of(room))
        if watched is not None:
            watched.is_behind = True
            if not watched.is_catching_up:
                watched.is_catching_up = True
                self.services.tasks.start("catch up with events", self._catch_up(room, watched))
        return NOTHING

    async def expire(self) -> None:
        """Delete events that nobody may resume over any more."""
        before = self.services.clock.now() - timedelta(days=self.services.settings.event_days)
        async with self.services.db.transaction() as tx:
            await events.expire_events.run(tx, before=before, limit=EXPIRY_BATCH)

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
                    connection, project_id=_project_of(room), after_seq=watched.seq or 0, limit=PAGE
                )
            for row in rows:
                if watched.seq is not None and row.seq > watched.seq:
                    watched.seq = Seq(row.seq)
                    self.services.emit([_told(room, _announcement(row))])
            if len(rows) < PAGE:
                return

    async def _read(self, caller: Caller, command: ResumeEvents) -> Resumed:
        project_id = caller.project_id
        async with self.services.db.transaction("repeatable read", is_read_only=True) as tx:
            head = await events.get_event_head.maybe(tx, project_id=project_id)
            if head is None:
                raise NotFound("There is no such project.")
            rows = []
            asked = command.resume
            if asked is not None and asked.epoch == str(head.epoch) and asked.seq <= head.seq:
                rows = await events.list_events_since.all(tx, project_id=project_id, after_seq=asked.seq, limit=PAGE)
        is_whole = asked is not None and asked.epoch == str(head.epoch) and len(rows) == head.seq - asked.seq
        missed = [_seen_by(caller, _announcement(row)) for row in rows] if is_whole else []
        return Resumed(epoch=str(head.epoch), seq=Seq(head.seq), recovered=is_whole, missed=missed)


project_commands = typer.Typer(help="Projects.", no_args_is_help=True)
CLI = {"project": project_commands}


@project_commands.callback()
def project_command() -> None:
    """Projects."""


@project_commands.command("create", epilog='Example: `python -m server project create "Moon lander" --owner ada@x.org`')
def create_project_command(
    context: typer.Context, name: str, owner: Annotated[str, typer.Option(help="E-mail address of the owner.")]
) -> None:
    """Make a project and print its id."""

    async def create(db: Database, _settings: Settings) -> None:
        print(await make_project(db, name, await user_of(db, owner)))

    CommandLine.of(context).run(create)


async def make_project(db: Database, name: str, owner: UserId) -> ProjectId:
    async with db.transaction() as tx:
        return ProjectId(
            await projects.create_project.one(
                tx, name=name, description=None, prompt=None, visibility="private", user_id=owner
            )
        )


def build(services: Services) -> Feature:
    commands = Commands(services)
    return Feature(
        slug="projects",
        commands=(
            CommandSpec(GetProject, commands.get, Ability.READ),
            CommandSpec(ListProjects, commands.list, None),
            CommandSpec(TouchProject, commands.touch, Ability.READ),
            CommandSpec(ResumeEvents, commands.resume, Ability.READ),
        ),
        hears=(HearSpec("project:", commands.hear, commands.resync),),
        jobs=(Job("expire events", EXPIRY_INTERVAL_S, commands.expire, Home.WORKER),),
        disconnected=commands.disconnected,
    )


def _project(row: projects.ProjectRow, role: str) -> Project:
    return Project(
        id=ProjectId(row.id), name=row.name, description=row.description, role=role, updated_at=row.updated_at
    )


def _announcement(row: events.EventRow) -> Announcement:
    return Announcement(row.kind, row.body, Seq(row.seq), Ability[row.audience].value)


def _told(room: RoomKey, event: Announcement) -> Broadcast:
    hidden = Happened(HIDDEN_EVENT, {}, event.seq)
    return Broadcast(room, Happened(event.name, event.body, event.seq), Audience(event.ability), instead=hidden)


def _seen_by(caller: Caller, event: Announcement) -> NumberedEvent:
    if caller.may(Ability(event.ability)):
        return NumberedEvent(name=event.name, body=event.body, seq=event.seq)
    return NumberedEvent(name=HIDDEN_EVENT, body={}, seq=event.seq)


def _project_of(room: RoomKey) -> ProjectId:
    return ProjectId(UUID(room.removeprefix("project:")))
