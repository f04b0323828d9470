"""What every command and stream passes: ability, rate, id, time, and the codes of what goes wrong."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID, uuid4

import asyncpg
import pytest

from protocol import frame
from protocol.accounts import WhoAmI
from protocol.errors import CloseCode, ErrorCode
from protocol.ids import CommandId, ConnectionId, ProjectId, UserId
from protocol.message import Type
from protocol.model import Command, Empty, WireModel
from protocol.outbound import Ponged
from server.access.grants import Grant
from server.access.principal import Principal
from server.access.roles import ABILITIES, SIGNED_IN, Ability, Role
from server.clock import ManualClock
from server.dispatch import Dispatcher
from server.errors import Conflict, FlashError, Forbidden, StartRefused
from server.feature import Call, Caller, CommandSpec, Feature, HearSpec, Result, StreamSpec
from server.hub.connection import Connection
from server.hub.effects import NOTHING, Effects, RoomKey, Send
from server.hub.hub import Hub
from server.hub.outbox import OutboxLimits
from server.settings import Settings
from server.store import events
from server.store.db import Database, PoolSettings
from server.store.failures import StorageBusy, StorageUnavailable
from server.transport.dialects import FLASH
from tests.harness.memory_socket import MemorySocket
from tests.harness.proxy import proxy_to
from tests.store.examples import add_project, add_user


class Count(WireModel):
    count: int


class Look(Command[Count]):
    name: ClassVar[str] = "toy/look"
    at: int = 0


class Tick(Command[Count]):
    name: ClassVar[str] = "toy/tick"
    mutates: ClassVar[bool] = True
    fails: bool = False


class Break(Command[Empty]):
    name: ClassVar[str] = "toy/break"
    how: str


class Manage(Command[Empty]):
    name: ClassVar[str] = "toy/manage"


@dataclass(frozen=True)
class Poke:
    n: int


@dataclass
class Toy:
    """A feature that counts in the database, and fails on demand."""

    entered: int = 0
    heard: list[bytes] = field(default_factory=list)
    resynced: int = 0

    def feature(self) -> Feature:
        return Feature(
            slug="toy",
            commands=(
                CommandSpec(Look, self.look, Ability.READ),
                CommandSpec(Tick, self.tick, Ability.WRITE),
                CommandSpec(Break, self.broken, SIGNED_IN, timeout_s=0.05),
                CommandSpec(Manage, self.manage, Ability.MANAGE),
            ),
            streams=(StreamSpec(Poke, self.poke, Ability.WRITE, self.poke_denied),),
            hears=(HearSpec("toy:", self.hear, self.resync),),
            disconnected=self.disconnected,
        )

    async def look(self, call: Call, command: Look) -> Result[Count]:
        self.entered += 1
        return Result(Count(count=command.at))

    async def tick(self, call: Call, command: Tick) -> Result[Count]:
        self.entered += 1
        row = await events.append_event.one(
            call.transaction, project_id=call.caller.project_id, kind="toy/ticked", body={}, audience="READ"
        )
        if command.fails:
            raise Conflict("Not now.")
        effects = [Send(call.caller.socket, Ponged(row.seq))] if call.caller.connection_id else NOTHING
        return Result(Count(count=row.seq), effects)

    async def broken(self, call: Call, command: Break) -> Result[Empty]:
        match command.how:
            case "slowly":
                await asyncio.Event().wait()
            case "storage":
                raise StorageUnavailable("gone")
            case "busy":
                raise StorageBusy("held")
            case "driver":
                raise asyncpg.UndefinedTableError("secret detail")
            case _:
                raise RuntimeError("secret detail")
        return Result(Empty())

    async def manage(self, call: Call, command: Manage) -> Result[Empty]:
        return Result(Empty())

    def poke(self, caller: Caller, message: Poke) -> Effects:
        if message.n < 0:
            raise Forbidden("Not this.")
        if message.n > 100:
            raise RuntimeError("a defect")
        return [Send(caller.socket, Ponged(message.n))]

    def poke_denied(self, caller: Caller, message: Poke) -> Effects:
        return [Send(caller.socket, Ponged(0))]

    def hear(self, room: RoomKey, payload: bytes) -> Effects:
        if payload == b"bad":
            raise RuntimeError("a defect")
        self.heard.append(payload)
        return NOTHING

    def resync(self, room: RoomKey) -> Effects:
        self.resynced += 1
        return NOTHING

    def disconnected(self, caller: Caller) -> Effects:
        raise RuntimeError("a defect")


class NoWire:
    def publish(self, room: RoomKey, payload: bytes) -> None: ...
    def announce(self, room: RoomKey, payload: bytes, brief: bytes) -> None: ...
    def subscribe(self, room: RoomKey) -> None: ...
    def unsubscribe(self, room: RoomKey) -> None: ...


@dataclass
class Desk:
    toy: Toy
    dispatcher: Dispatcher
    hub: Hub
    clock: ManualClock
    project_id: ProjectId
    users: list[UserId]
    sockets: dict[int, MemorySocket] = field(default_factory=dict)

    def caller(self, role: Role = Role.OWNER, user: int = 0, *, with_socket: bool = True) -> Caller:
        principal = Principal(self.users[user], "Ada", "")
        grant = Grant(self.project_id, "Sketch", role, ABILITIES[role])
        if not with_socket:
            return Caller(principal, grant)
        number = len(self.sockets) + 1
        socket = self.sockets[number] = MemorySocket()
        limits = OutboxLimits(1 << 20, 1 << 20, 15)
        self.hub.connect(
            Connection(ConnectionId(number), socket, FLASH, grant.view, limits=limits, give_up=self.hub.give_up)
        )
        return Caller(principal, grant, ConnectionId(number))

    async def run(self, caller: Caller, command: Command[Any], command_id: UUID | None = None) -> dict[str, Any]:
        body = command.model_dump()
        reply, effects = await self.dispatcher.command(
            caller, command.name, body, None if command_id is None else CommandId(command_id)
        )
        self.dispatcher.perform(effects)
        return reply

    async def refused(self, caller: Caller, command: Command[Any], command_id: UUID | None = None) -> FlashError:
        with pytest.raises(FlashError) as refused:
            await self.run(caller, command, command_id)
        return refused.value

    async def told(self, caller: Caller) -> list[Any]:
        """What the caller's socket was sent, this turn's included."""
        await asyncio.sleep(0)
        return [frame.decode(payload) for payload in self.sockets[caller.socket].received]


@asynccontextmanager
async def desk_on(database: Database, used: Database | None = None, **settings: Any) -> AsyncIterator[Desk]:
    async with database.transaction() as tx:
        users = [UserId(await add_user(tx, name)) for name in ("ada", "bob")]
        project_id = ProjectId(await add_project(tx, users[0]))
    toy, clock = Toy(), ManualClock()
    hub = Hub(lambda _view, _audience: True, NoWire())
    dispatcher = Dispatcher([toy.feature()], hub, used or database, settings=Settings(**settings), clock=clock)
    yield Desk(toy, dispatcher, hub, clock, project_id, users)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    async with desk_on(database) as desk:
        yield desk


@pytest.mark.parametrize(
    ("role", "command", "allowed"),
    [
        (Role.OWNER, Manage(), True),
        (Role.EDITOR, Manage(), False),
        (Role.VIEWER, Look(), True),
        (Role.VIEWER, Tick(), False),
        (Role.EDITOR, Tick(), True),
    ],
)
async def test_a_command_needs_its_ability(desk: Desk, role: Role, command: Command[Any], allowed: bool) -> None:
    """P5."""
    caller = desk.caller(role)
    if allowed:
        await desk.run(caller, command, uuid4())
    else:
        assert (await desk.refused(caller, command, uuid4())).code == ErrorCode.FORBIDDEN
        assert desk.toy.entered == 0


async def test_rights_are_judged_at_every_command_not_only_at_the_first(desk: Desk) -> None:
    """P5."""
    caller = desk.caller(Role.EDITOR)
    await desk.run(caller, Tick(), uuid4())
    caller.grant = Grant(desk.project_id, "Sketch", Role.VIEWER, ABILITIES[Role.VIEWER])
    assert (await desk.refused(caller, Tick(), uuid4())).code == ErrorCode.FORBIDDEN


async def test_without_a_project_only_what_needs_none_works(desk: Desk) -> None:
    """P5."""
    nobody = Caller(Principal(desk.users[0], "Ada", ""), None)
    assert (await desk.refused(nobody, Look())).code == ErrorCode.FORBIDDEN
    assert (await desk.refused(nobody, Break(how="storage"))).code == ErrorCode.UNAVAILABLE


async def test_an_unknown_command_is_not_found(desk: Desk) -> None:
    with pytest.raises(FlashError, match="no command") as refused:
        await desk.dispatcher.command(desk.caller(), "toy/" + "x" * 10_000, {}, None)
    assert refused.value.code == ErrorCode.NOT_FOUND
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("body", [b"no json", b"[" * 100_000, b"\xff"])
async def test_a_body_that_is_no_json_is_not_understood(desk: Desk, body: bytes) -> None:
    with pytest.raises(FlashError, match="JSON") as refused:
        await desk.dispatcher.command(desk.caller(), "toy/look", body, None)
    assert refused.value.code == ErrorCode.BAD_REQUEST
    assert desk.toy.entered == 0


@pytest.mark.parametrize("body", [{"at": "seven"}, {"unknown": 1}, b'{"at": "seven"}', b"[]"])
async def test_a_body_of_another_shape_is_invalid_and_says_where(desk: Desk, body: Any) -> None:
    with pytest.raises(FlashError, match="toy/look") as refused:
        await desk.dispatcher.command(desk.caller(), "toy/look", body, None)
    assert refused.value.code == ErrorCode.INVALID
    assert desk.toy.entered == 0


async def test_what_changes_state_needs_a_command_id(desk: Desk) -> None:
    """P12."""
    assert (await desk.refused(desk.caller(), Tick())).code == ErrorCode.BAD_REQUEST


async def test_a_repeated_id_gets_the_first_answer_and_no_effects(desk: Desk) -> None:
    """P12."""
    caller, command_id = desk.caller(), uuid4()
    first = await desk.run(caller, Tick(), command_id)
    assert await desk.run(caller, Tick(), command_id) == first == {"count": 1}
    assert (await desk.run(caller, Tick(), uuid4())) == {"count": 2}
    assert (await desk.told(caller)).count([Type.PONG, 1]) == 1


async def test_many_retries_at_once_take_effect_once(desk: Desk) -> None:
    """P12."""
    caller, command_id = desk.caller(), uuid4()
    answers = await asyncio.gather(*(desk.run(caller, Tick(), command_id) for _ in range(8)))
    assert answers == [{"count": 1}] * 8
    assert (await desk.told(caller)).count([Type.PONG, 1]) == 1


async def test_an_id_whose_command_failed_may_be_tried_again(desk: Desk) -> None:
    """P12."""
    caller, command_id = desk.caller(), uuid4()
    assert (await desk.refused(caller, Tick(fails=True), command_id)).code == ErrorCode.CONFLICT
    assert await desk.run(caller, Tick(), command_id) == {"count": 1}


async def test_the_same_id_of_another_person_is_another_command(desk: Desk) -> None:
    """P12."""
    command_id = uuid4()
    assert await desk.run(desk.caller(user=0), Tick(), command_id) == {"count": 1}
    assert await desk.run(desk.caller(user=1), Tick(), command_id) == {"count": 2}


async def test_a_command_whose_commit_was_never_answered_still_takes_effect_once(
    database: Database, database_url: str
) -> None:
    """P1, P12."""
    async with proxy_to(database_url) as proxy:
        remote = Database(proxy.dsn, PoolSettings(connect_timeout_s=2, acquire_timeout_s=2, command_timeout_s=1))
        await remote.open()
        async with desk_on(database, remote) as desk:
            caller, command_id = desk.caller(), uuid4()
            await desk.run(caller, Tick(), uuid4())
            proxy.loses_answers_after = b"commit"
            assert (await desk.refused(caller, Tick(), command_id)).code == ErrorCode.UNAVAILABLE
            assert (await desk.told(caller)).count([Type.PONG, 2]) == 0
            proxy.cut()
            proxy.mend()
            assert await desk.run(caller, Tick(), command_id) == {"count": 2}
            assert await desk.run(caller, Tick(), uuid4()) == {"count": 3}
        await remote.close()


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("slowly", ErrorCode.TIMEOUT),
        ("storage", ErrorCode.UNAVAILABLE),
        ("busy", ErrorCode.UNAVAILABLE),
        ("driver", ErrorCode.INTERNAL),
        ("defect", ErrorCode.INTERNAL),
    ],
)
async def test_what_goes_wrong_gets_its_code_and_no_secret(desk: Desk, how: str, code: ErrorCode) -> None:
    error = await desk.refused(desk.caller(), Break(how=how))
    assert error.code == code
    assert "secret" not in str(error)


async def test_commands_faster_than_the_rate_are_refused_until_time_passes(database: Database) -> None:
    """P10."""
    async with desk_on(database, commands_per_s=5) as desk:
        caller, other = desk.caller(), desk.caller()
        for _ in range(20):
            await desk.run(caller, Look())
        assert (await desk.refused(caller, Look())).code == ErrorCode.RATE_LIMITED
        await desk.run(other, Look())
        desk.clock.advance(1)
        for _ in range(5):
            await desk.run(caller, Look())
        assert (await desk.refused(caller, Look())).code == ErrorCode.RATE_LIMITED


async def test_calls_over_http_share_the_rate_of_their_person(database: Database) -> None:
    """P10."""
    async with desk_on(database, commands_per_s=5) as desk:
        for _ in range(20):
            await desk.run(desk.caller(with_socket=False), Look())
        assert (await desk.refused(desk.caller(with_socket=False), Look())).code == ErrorCode.RATE_LIMITED
        await desk.run(desk.caller(user=1, with_socket=False), Look())


async def test_a_stream_that_is_too_fast_is_read_more_slowly_and_loses_nothing(database: Database) -> None:
    """P8."""
    async with desk_on(database, edits_per_s=10) as desk:
        caller = desk.caller()
        for n in range(15):
            desk.dispatcher.stream(caller, Poke(n))
        assert desk.sockets[caller.socket].is_paused
        assert [fields[1] for fields in await desk.told(caller)] == list(range(15))


async def test_a_stream_without_the_ability_is_answered_as_denied(desk: Desk) -> None:
    """P5."""
    reader = desk.caller(Role.VIEWER)
    desk.dispatcher.stream(reader, Poke(7))
    assert await desk.told(reader) == [[Type.PONG, 0]]


async def test_an_error_of_a_stream_is_told_to_its_sender_who_stays(desk: Desk) -> None:
    caller = desk.caller()
    desk.dispatcher.stream(caller, Poke(-1))
    ((kind, request_id, body),) = await desk.told(caller)
    assert (kind, request_id, body["code"]) == (Type.ERROR, None, "forbidden")
    assert desk.sockets[caller.socket].closed is None


async def test_a_defect_in_a_stream_costs_its_sender_the_socket_and_nobody_else(desk: Desk) -> None:
    """P8."""
    caller, other = desk.caller(), desk.caller()
    desk.dispatcher.stream(caller, Poke(101))
    desk.dispatcher.stream(other, Poke(1))
    assert desk.sockets[caller.socket].closed == (CloseCode.INTERNAL_ERROR, "")
    assert await desk.told(other) == [[Type.PONG, 1]]


async def test_a_defect_in_hearing_costs_a_resync_and_not_the_subscription(desk: Desk) -> None:
    """P3."""
    for payload in (b"one", b"bad", b"two"):
        desk.dispatcher.heard(RoomKey("toy:1"), payload)
    assert (desk.toy.heard, desk.toy.resynced) == ([b"one", b"two"], 1)


async def test_a_defect_at_a_departure_does_not_keep_the_socket(desk: Desk) -> None:
    caller = desk.caller()
    desk.dispatcher.disconnected(caller)
    assert list(desk.hub.connections()) == []


async def nothing(_call: Call, _command: object) -> Result[Empty]:
    return Result(Empty())


@pytest.mark.parametrize(
    "specs",
    [
        [CommandSpec(Look, nothing, None)],  # type: ignore[arg-type]
        [CommandSpec(Look, nothing, Ability.READ), CommandSpec(Look, nothing, Ability.READ)],
        [CommandSpec(WhoAmI, nothing, SIGNED_IN)],
    ],
    ids=["no ability", "declared twice", "another feature's name"],
)
def test_a_command_that_is_not_declared_as_it_must_be_cannot_start(specs: list[CommandSpec]) -> None:
    """P5."""
    with pytest.raises(StartRefused):
        Dispatcher([Feature("toy", specs)], None, None, settings=Settings(), clock=ManualClock())  # type: ignore[arg-type]
