"""What a feature is made of, and what it is given. A handler returns what should be sent; it never sends."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import typer

from protocol import frame
from protocol.ids import CommandId, ConnectionId, ProjectId, Seq, UserId
from protocol.model import Command, Event, WireModel
from protocol.page_mark import decode_mark
from server.access.grants import Grant
from server.access.path_rights import EVERY_PATH, PathRights
from server.access.principal import Principal
from server.access.roles import SIGNED_IN, Ability
from server.clock import Clock
from server.errors import BadRequest, Invalid
from server.hub.announcement import Announcement
from server.hub.effects import NOTHING, Announce, Effects, RoomKey
from server.mail.port import Mail
from server.mail.post import Post, closed_post
from server.settings import Settings
from server.store import events
from server.store.db import Database, Transaction
from server.tasks import Tasks
from server.visit import Visit, current_visit

RIGHTS_ROOM = RoomKey("rights")  # every worker hears it: a revocation is rare, and whom it concerns may be anywhere
RIGHTS_FORM_VERSION = 1  # workers of the previous release must be able to read it

R = TypeVar("R", bound=WireModel)
C = TypeVar("C", bound=Command[Any])


@dataclass(slots=True)
class Caller:
    """Who sends: on a socket for as long as it is open, over HTTP for one call.

    `grant` is replaced when rights change, and `principal` when a socket is renewed, by another one of the same person.
    `grant` is None only for calls that concern no project.
    """

    principal: Principal
    grant: Grant | None
    connection_id: ConnectionId | None = None
    visit: Visit = field(default_factory=current_visit)  # the request, or the handshake, that it came by
    is_open: bool = True  # False once the socket is gone: what was begun for it must not join it to anything

    @property
    def project_id(self) -> ProjectId:
        if self.grant is None:
            raise BadRequest("Name a project: this command works inside one.")
        return self.grant.project_id

    @property
    def socket(self) -> ConnectionId:
        if self.connection_id is None:
            raise BadRequest("This command needs an open socket; over HTTP it has no meaning.")
        return self.connection_id

    @property
    def paths(self) -> PathRights:
        """Which paths of the project they see and may change: what lists, searches and archives are filtered by."""
        return EVERY_PATH if self.grant is None else self.grant.paths

    def may(self, ability: Ability, path: str | None = None) -> bool:
        """Whether they have the ability; with a path, whether they have it there."""
        return self.grant is not None and self.grant.allows(ability, path)


@dataclass(frozen=True, slots=True)
class Call:
    """One command under way; `tx` is the transaction that dispatch commits before any effect is carried out."""

    caller: Caller
    tx: Transaction | None = None
    command_id: CommandId | None = None

    @property
    def transaction(self) -> Transaction:
        if self.tx is None:
            raise RuntimeError("only a mutating command has a transaction")
        return self.tx


@dataclass(frozen=True, slots=True)
class Result(Generic[R]):
    """`kept`: what a repeated command is answered instead, when the reply holds a secret that nothing may keep.

    `mails` are handed to the post after the commit; what it does not take is lost, and logged.
    """

    reply: R
    effects: Effects = NOTHING
    kept: R | None = None
    mails: Sequence[Mail] = ()


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """`ability` SIGNED_IN means: any signed-in person, project or not. `owns_commit`: the handler makes its effect
    durable by itself (through the committer) and is harmless to repeat; dispatch opens no transaction for it."""

    command: type[Command[Any]]
    handler: Callable[[Call, Any], Awaitable[Result[Any]]]
    ability: Ability
    timeout_s: float | None = None
    owns_commit: bool = False
    needs_socket: bool = False  # what it does is done to the caller's open socket: over HTTP it has no meaning

    @property
    def is_in_project(self) -> bool:
        return self.ability is not SIGNED_IN


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """Synchronous: check, change room state, return effects at once. `denied` answers a sender without the ability."""

    message: type[Any]
    handler: Callable[[Caller, Any], Effects]
    ability: Ability
    denied: Callable[[Caller, Any], Effects]


@dataclass(frozen=True, slots=True)
class HearSpec:
    """Events from other workers in rooms whose key starts with `prefix`; never awaits.

    `resync` is called when messages of the room may have been lost.
    """

    prefix: str
    handler: Callable[[RoomKey, bytes], Effects]
    resync: Callable[[RoomKey], Effects]


class Home(Enum):
    """Where a job runs: beside the sockets, in the `worker` process, (dev runs both in one process)."""

    WEB = "web"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    interval_s: float
    run: Callable[[], Awaitable[None]]
    home: Home


@dataclass(frozen=True, slots=True)
class CommandLine:
    """`context.obj` of a feature's commands: `run` opens the database, awaits the work and closes it again."""

    run: Callable[[Callable[[Database, Settings], Awaitable[None]]], None]

    @classmethod
    def of(cls, context: typer.Context) -> "CommandLine":
        found = context.find_object(cls)
        if found is None:
            raise RuntimeError("commands of features run below the command line of the server")
        return found


async def _nothing_to_do() -> None:
    return


def _no_effects(_caller: Caller) -> Effects:
    return NOTHING


def _nothing_changes(_caller: Caller, _before: Grant) -> Effects:
    return NOTHING


@dataclass(frozen=True, slots=True)
class Feature:
    """One capability under one slug. `flush` makes everything durable before the process ends.

    `regranted` hears that an open socket's grant was replaced, and what it was before (P5).

    Commands of the command line are the `cli` of the feature's module: they run without any of this.
    """

    slug: str
    commands: Sequence[CommandSpec] = ()
    streams: Sequence[StreamSpec] = ()
    hears: Sequence[HearSpec] = ()
    jobs: Sequence[Job] = ()
    services: Sequence[tuple[str, Callable[[], Awaitable[None]]]] = ()
    disconnected: Callable[[Caller], Effects] = _no_effects
    regranted: Callable[[Caller, Grant], Effects] = _nothing_changes
    flush: Callable[[], Awaitable[None]] = _nothing_to_do


class Texts(Protocol):
    """File rows show a document's text some seconds late. Who reads many of them asks for the newest first."""

    async def show(self, tx: Transaction, project_id: ProjectId, path: str | None = None) -> None:
        """Let file rows show every edit that is committed: of a whole project, or of a path and all below it.

        Statements: one for every so many bytes that rows lack, and one when they lack nothing. What cannot be read, as
        a document that is set aside, stays as it was shown last. Rows are held until the transaction ends, in the order
        of their ids, as changes of the tree hold them.
        """


class NoTexts:
    """For what runs without the features: nothing there reads file rows in bulk."""

    async def show(self, *_: object) -> None:
        raise RuntimeError("the composition root names who shows texts")


@dataclass(frozen=True, slots=True)
class Services:
    """What every feature may use. `emit` is the road of effects that are born outside a handler.

    `post` takes mails; a closed one says so.
    """

    settings: Settings
    clock: Clock
    db: Database
    tasks: Tasks
    emit: Callable[[Effects], None]
    worker_id: str
    post: Post = field(default_factory=closed_post)
    texts: Texts = field(default_factory=NoTexts)


def marked(mark: str | None) -> tuple[datetime | None, UUID | None]:
    """Where the page before ended; nowhere for the first page.

    Raises:
        Invalid: the mark is none of ours.
    """
    if mark is None:
        return None, None
    try:
        return decode_mark(mark)
    except ValueError:
        raise Invalid("Give back the mark that came with the page before, unchanged.") from None


def room_of_project(project_id: ProjectId) -> RoomKey:
    """Every signed-in socket of a project listens here."""
    return RoomKey(f"project:{project_id}")


def project_of(room: RoomKey) -> ProjectId:
    """The other way round."""
    return ProjectId(UUID(room.removeprefix("project:")))


def room_of_user(user_id: UserId) -> RoomKey:
    """What happens to one person is announced here: sign-ins that ended, invitations."""
    return RoomKey(f"user:{user_id}")


async def numbered(tx: Transaction, project_id: ProjectId, event: Event, ability: Ability = Ability.READ) -> Announce:
    """Number an event in the transaction that made it true; the effect tells it to every worker.

    `ability` is what a listener needs to see the body; others see the number only.
    """
    body = event.model_dump(mode="json")
    row = await events.append_event.one(tx, project_id=project_id, kind=event.name, body=body, audience=ability.name)
    return Announcement(event.name, body, Seq(row.seq), ability.value).to(room_of_project(project_id))


def rights_changed(*, project_id: ProjectId | None = None, user_id: UserId | None = None) -> Announce:
    """Every worker looks again at what these may do, on open sockets too (P5); None: in any project, or whoever.

    Only a hint: what they may do is read from the database, so that a lost or repeated one does no harm.
    """
    packed = frame.encode([RIGHTS_FORM_VERSION, project_id and str(project_id), user_id and str(user_id)])
    return Announce(RIGHTS_ROOM, packed, packed)
