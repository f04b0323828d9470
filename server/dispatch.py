"""Every message passes here: ability, command id, rate and time limits are checked, errors get their codes.

The handler's transaction is committed before its effects are carried out; nothing else may call a handler.
"""

import asyncio
from collections.abc import Iterable, Mapping
from time import perf_counter
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from pydantic import ValidationError

from protocol import frame
from protocol.errors import CloseCode, ErrorCode
from protocol.frame import Value
from protocol.ids import CommandId
from protocol.model import Command, WireModel
from protocol.outbound import Failed
from server.access.grants import Grant
from server.access.rate import Buckets
from server.access.roles import Ability
from server.clock import Clock
from server.errors import (
    BadRequest,
    FlashError,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    StartRefused,
    TimedOut,
    Unavailable,
)
from server.feature import Call, Caller, CommandSpec, Feature, HearSpec, Result, StreamSpec, room_of_project
from server.hub.effects import NOTHING, Close, Effects, Pause, RoomKey, Send
from server.hub.hub import Hub
from server.mail.port import Mail
from server.mail.post import Post, closed_post
from server.once import Once, once_of
from server.settings import Settings
from server.store.db import Database
from server.store.failures import StorageBusy, StorageFailure, StorageUnavailable
from server.visit import visiting

COMMAND_BURST_S = 4  # seconds' worth of commands that may come at once, as when a page opens
PAUSED_FOR_RATE = "rate"
LOCK_TIMEOUT_MS = 3_000  # of a command; it holds a connection while it waits

log = structlog.get_logger(__name__)

_commands = Counter("flashio_commands_total", "Commands by outcome", ["command", "outcome"])
_seconds = Histogram("flashio_command_seconds", "Time a command took", ["command"])
_slowed = Counter("flashio_rate_pauses_total", "Times that a socket was not read for a while because it sent too fast")
_stream_failures = Counter("flashio_stream_failures_total", "Streams whose handler failed", ["message"])


class Dispatcher:
    def __init__(
        self,
        features: Iterable[Feature],
        hub: Hub,
        db: Database,
        *,
        settings: Settings,
        clock: Clock,
        post: Post | None = None,
    ) -> None:
        self._features = tuple(features)
        self._hub = hub
        self._db = db
        self._post = post or closed_post()
        self._timeout_s = settings.command_timeout_s
        burst = settings.commands_per_s * COMMAND_BURST_S
        self._command_rates = Buckets(settings.commands_per_s, burst, clock.monotonic)
        self._stream_rates = Buckets(settings.edits_per_s, settings.edits_per_s, clock.monotonic)
        self._commands = _declared(self._features)
        self._streams = {spec.message: spec for feature in self._features for spec in feature.streams}
        self._hears = [spec for feature in self._features for spec in feature.hears]

    @property
    def commands(self) -> Mapping[str, CommandSpec]:
        return self._commands

    async def command(
        self,
        caller: Caller,
        name: str,
        body: dict[str, Value] | bytes,
        command_id: CommandId | None,
        *,
        meaning: bytes | None = None,
    ) -> tuple[dict[str, Value], Effects]:
        """Run a command and return its reply; the caller sends it and then has `perform` carry out the effects.

        `body` is a decoded map, or JSON text. A repeated command id gets the first answer and no effects (P12).
        `meaning`: what a repetition must have in common with the first; without it the command's name and body.

        Raises:
            FlashError: what the client is told; anything unexpected is logged and becomes `internal`.
        """
        began = perf_counter()
        known = name if name in self._commands else "unknown"
        outcome = "ok"
        try:
            with visiting(caller.visit):
                return await self._run(caller, name, body, command_id, meaning)
        except FlashError as error:
            outcome = str(error.code)
            raise
        finally:
            _commands.labels(known, outcome).inc()
            _seconds.labels(known).observe(perf_counter() - began)

    def stream(self, caller: Caller, message: object) -> None:
        """Hand a hot message to its handler and carry its effects out at once."""
        wait_s = self._stream_rates.of(caller.connection_id).take()
        if wait_s > 0:
            # Never dropped: Yjs clocks are contiguous, and a hole would wedge the edit's author for ever.
            _slowed.inc()
            self._hub.perform([Pause(caller.socket, PAUSED_FOR_RATE, wait_s)])
        spec = self._streams[type(message)]
        try:
            self._hub.perform(self._streamed(spec, caller, message))
        except FlashError as error:
            self._tell(caller, error.code, str(error))
        except Exception:
            _stream_failures.labels(type(message).__name__).inc()
            log.exception("stream failed", message=type(message).__name__, connection=caller.connection_id)
            self._hub.perform([Close(caller.socket, CloseCode.INTERNAL_ERROR, "")])

    def perform(self, effects: Effects) -> bool:
        """Carry effects out; False when that failed, which is logged and harms nothing that comes after."""
        try:
            self._hub.perform(effects)
        except Exception:
            log.exception("effects failed")
            return False
        return True

    def regranted(self, caller: Caller, before: Grant) -> None:
        """An open socket has another grant: from here on it hears by that one, and features say what else it means."""
        if caller.grant is not None:
            self._hub.regrant(caller.socket, caller.grant.view)
        for feature in self._features:
            try:
                self._hub.perform(feature.regranted(caller, before))
            except Exception:
                log.exception("regrant failed", feature=feature.slug, connection=caller.connection_id)

    def listen(self, spec: HearSpec) -> None:
        """Hand what is heard to somebody who is no feature."""
        self._hears.append(spec)

    def disconnected(self, caller: Caller) -> None:
        """A socket is gone: features say what that means before the hub forgets it."""
        for feature in self._features:
            try:
                self._hub.perform(feature.disconnected(caller))
            except Exception:
                log.exception("disconnect failed", feature=feature.slug, connection=caller.connection_id)
        self._hub.disconnect(caller.socket)
        self._command_rates.forget(caller.socket)
        self._stream_rates.forget(caller.socket)

    def heard(self, room: RoomKey, payload: bytes) -> None:
        """An event from another worker; a handler that fails on it costs a resync, not the subscription."""
        for spec in self._hears_of(room):
            try:
                self._hub.perform(spec.handler(room, payload))
            except Exception:
                log.exception("heard event failed", room=room)
                self._hub.perform(spec.resync(room))

    def resync(self, room: RoomKey) -> None:
        for spec in self._hears_of(room):
            self._hub.perform(spec.resync(room))

    def _hears_of(self, room: RoomKey) -> list[HearSpec]:
        return [spec for spec in self._hears if room.startswith(spec.prefix)]

    async def _run(
        self,
        caller: Caller,
        name: str,
        body: dict[str, Value] | bytes,
        command_id: CommandId | None,
        meaning: bytes | None,
    ) -> tuple[dict[str, Value], Effects]:
        spec = self._commands.get(name)
        if spec is None:
            raise NotFound(f"There is no command {name[:100]!r}.")
        if spec.is_in_project and not caller.may(spec.ability):
            raise Forbidden(f"{name} needs the ability to {ability_name(spec.ability)} in this project.")
        if spec.command.mutates and command_id is None:
            raise BadRequest(f"{name} changes state, so it needs a command id (over HTTP: the Idempotency-Key header).")
        if not self._command_rates.of(caller.connection_id or caller.principal.user_id).try_take():
            raise RateLimited("Too many commands. Slow down.")
        command = _validated(spec, body)
        once = once_of(spec, caller, command, command_id=command_id, meaning=meaning)
        try:
            async with asyncio.timeout(spec.timeout_s or self._timeout_s):
                return await self._execute(spec, caller, command, once)
        except FlashError:
            raise
        except TimeoutError:
            raise TimedOut(f"{name} took too long. Try again.") from None
        except StorageUnavailable as error:
            log.warning("storage unavailable", command=name, reason=str(error))
            raise Unavailable from error
        except StorageBusy as error:
            raise Unavailable("Somebody else is changing the same things. Try again.") from error
        except Exception as error:
            log.exception("command failed", command=name)
            raise FlashError from error

    async def _execute(
        self, spec: CommandSpec, caller: Caller, command: Command[Any], once: Once | None
    ) -> tuple[dict[str, Value], Effects]:
        if once is None:
            result = await spec.handler(Call(caller), command)
            return _body(result.reply), result.effects
        if spec.owns_commit:
            return await self._execute_outside(spec, caller, command, once)
        async with self._db.transaction(lock_timeout_ms=LOCK_TIMEOUT_MS) as tx:
            if not await once.claim(tx):
                return self._repeated(caller, await once.first_answer(tx)), NOTHING
            result = await spec.handler(Call(caller, tx, once.command_id), command)
            await once.record(tx, _recorded(result))
        self._send(result.mails)
        return _body(result.reply), result.effects

    def _send(self, mails: Iterable[Mail]) -> None:
        for mail in mails:
            try:
                self._post.send(mail)
            except FlashError as error:
                log.warning("mail not taken", reason=str(error))

    async def _execute_outside(
        self, spec: CommandSpec, caller: Caller, command: Command[Any], once: Once
    ) -> tuple[dict[str, Value], Effects]:
        """Invariant: the id is claimed before the handler runs, and given back only when nothing took effect."""
        async with self._db.acquire() as connection:
            if not await once.claim(connection):
                return self._repeated(caller, await once.first_answer(connection)), NOTHING
        try:
            result = await spec.handler(Call(caller, None, once.command_id), command)
        except (FlashError, StorageFailure):
            async with self._db.acquire() as connection:
                await once.release(connection)
            raise
        async with self._db.acquire() as connection:
            await once.record(connection, _recorded(result))
        return _body(result.reply), result.effects

    def _repeated(self, caller: Caller, first_answer: dict[str, Value]) -> dict[str, Value]:
        """Its effects may have been lost with the first answer, so the project's listeners compare numbers."""
        if caller.grant is not None:
            self.resync(room_of_project(caller.grant.project_id))
        return first_answer

    def _streamed(self, spec: StreamSpec, caller: Caller, message: object) -> Effects:
        if caller.may(spec.ability):
            return spec.handler(caller, message)
        return spec.denied(caller, message)

    def _tell(self, caller: Caller, code: ErrorCode, message: str) -> None:
        self._hub.perform([Send(caller.socket, Failed(None, code, message))])


def _declared(features: Iterable[Feature]) -> dict[str, CommandSpec]:
    """The commands of all features by name (P5: deny by default).

    Raises:
        StartRefused: one declares no ability, or has the name of another or of another feature.
    """
    declared: dict[str, CommandSpec] = {}
    for feature in features:
        for spec in feature.commands:
            name = spec.command.name
            if not isinstance(spec.ability, Ability):
                raise StartRefused(f"The command {name} declares no ability; SIGNED_IN is for what needs none.")
            if name in declared or name.partition("/")[0] != feature.slug:
                raise StartRefused(f"The command {name} of the feature {feature.slug} has a name that is not its own.")
            declared[name] = spec
    return declared


def ability_name(ability: Ability) -> str:
    return (ability.name or str(ability)).lower().replace("|", ", ")


def _validated(spec: CommandSpec, body: dict[str, Value] | bytes) -> Command[Any]:
    try:
        if isinstance(body, bytes):
            return spec.command.model_validate_json(body or b"{}")
        return spec.command.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise BadRequest(f"{spec.command.name}: the body is not JSON: {first['msg']}") from None
        place = ".".join(str(part) for part in first["loc"]) or "the body"
        raise Invalid(f"{spec.command.name}: {place}: {first['msg']}") from None
    except RecursionError:
        raise Invalid(f"{spec.command.name}: nested deeper than {frame.MAX_DEPTH} levels") from None


def _recorded(result: Result[Any]) -> bytes:
    return frame.encode(_body(result.reply if result.kept is None else result.kept))


def _body(reply: WireModel) -> dict[str, Value]:
    return reply.model_dump(mode="python")
