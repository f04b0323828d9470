"""The documents feature put together: its commands, streams, events, jobs and what it does before the process ends."""

from dataclasses import dataclass

from protocol.documents import CloseDocument, GetRecovery, ListRecoveries, OpenDocument, ReadDocument, WriteDocument
from protocol.message import AwarenessAsked, AwarenessSent, Edit, SyncAsked
from protocol.yjs.awareness import AwarenessLimits
from server.access.roles import Ability
from server.feature import Caller, CommandSpec, Feature, HearSpec, Home, Job, Services, StreamSpec
from server.features.documents.commands import Commands
from server.features.documents.committer import Committer
from server.features.documents.compaction import Compaction
from server.features.documents.content import Content
from server.features.documents.departures import tell_awareness
from server.features.documents.endings import Endings
from server.features.documents.following import Following
from server.features.documents.intake import Intake
from server.features.documents.laggards import Laggards
from server.features.documents.library import Library
from server.features.documents.opening import Opening
from server.features.documents.outcomes import Outcomes
from server.features.documents.recoveries import Recoveries
from server.features.documents.rights import Rights
from server.features.documents.streams import Streams
from server.features.documents.turns import Turns
from server.hub.effects import NOTHING, Effects
from server.settings import Settings

SWEEP_INTERVAL_S = 5.0
WHOLES_UNWANTED_S = 10.0  # a storm of reconnects is over then
SHORTEST_SWEEP_INTERVAL_S = 0.5
COMPARE_INTERVAL_S = 30.0
CONTENT_INTERVAL_S = 0.5
LAGGARDS_INTERVAL_S = 30.0
EXPIRY_INTERVAL_S = 3600.0


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What happens to documents without anybody asking."""

    services: Services
    library: Library
    committer: Committer
    content: Content

    async def sweep(self) -> None:
        """Drop ghosts of awareness, and documents that nobody has open and that hold nothing unwritten."""
        now = self.services.clock.monotonic()
        for document in self.library.documents():
            self.services.emit(tell_awareness(document, document.awareness.expire(now), None))
        self.library.wholes.expire(now, WHOLES_UNWANTED_S)
        for document in self.library.idle(now, self.services.settings.unload_after_s):
            self.library.unload(document)

    async def flush(self) -> None:
        """Commit every edit and show every text in its file row."""
        await self.committer.flushed()
        await self.content.refresh_all()


def build(services: Services) -> Feature:
    library = Library(services)
    endings = Endings(services)
    committer = Committer(services.db, services.clock, services.settings)
    awareness_limits = AwarenessLimits(state_bytes=services.settings.max_awareness_bytes)
    turns = Turns(library, committer, endings, awareness_limits, services.clock.monotonic)
    intake = Intake(services.settings, endings, turns, services.clock.monotonic)
    streams = Streams(services.settings, library, intake, turns, endings)
    outcomes = Outcomes(services, library, intake, turns, endings, committer)
    committer.on_outcomes, committer.on_storage = outcomes.on_outcomes, outcomes.on_storage
    content = Content(services, library)
    opening = Opening(services)
    commands = Commands(services, library, opening, streams, intake, committer, content)
    rights = Rights(services, library, opening, endings)
    upkeep = Upkeep(services, library, committer, content)
    following = Following(services, library, opening, endings, outcomes, rights)
    compaction, recoveries, laggards = Compaction(services), Recoveries(services), Laggards(services)
    return Feature(
        slug="documents",
        commands=(
            CommandSpec(OpenDocument, commands.open, Ability.READ, needs_socket=True),
            CommandSpec(CloseDocument, commands.close, Ability.READ, needs_socket=True),
            CommandSpec(ReadDocument, commands.read, Ability.READ),
            CommandSpec(WriteDocument, commands.write, Ability.WRITE, owns_commit=True),
            CommandSpec(ListRecoveries, recoveries.list, Ability.READ),
            CommandSpec(GetRecovery, recoveries.get, Ability.READ),
        ),
        streams=(
            StreamSpec(Edit, streams.edit, Ability.WRITE, streams.edit_denied),
            StreamSpec(AwarenessSent, streams.awareness, Ability.READ, _ignored),
            StreamSpec(AwarenessAsked, streams.awareness_asked, Ability.READ, _ignored),
            StreamSpec(SyncAsked, streams.sync, Ability.READ, _ignored),
        ),
        hears=(
            HearSpec("document:", outcomes.hear, outcomes.resync),
            HearSpec("project:", following.hear, following.resync),
        ),
        jobs=(
            Job("sweep documents", _sweep_interval_s(services.settings), upkeep.sweep, Home.WEB),
            Job("compare with the log", COMPARE_INTERVAL_S, following.look_after_all, Home.WEB),
            Job("refresh file rows", CONTENT_INTERVAL_S, content.refresh_due, Home.WEB),
            Job("refresh rows left behind", LAGGARDS_INTERVAL_S, laggards.run, Home.WORKER),
            Job("compact logs", services.settings.compact_interval_s, compaction.run, Home.WORKER),
            Job("expire archives", EXPIRY_INTERVAL_S, compaction.expire, Home.WORKER),
        ),
        services=(("commit edits", committer.run),),
        disconnected=commands.disconnected,
        regranted=rights.regranted,
        flush=upkeep.flush,
    )


def _sweep_interval_s(settings: Settings) -> float:
    """Often enough that a document is not kept for much longer than it was asked to be."""
    return min(SWEEP_INTERVAL_S, max(settings.unload_after_s, SHORTEST_SWEEP_INTERVAL_S))


def _ignored(_caller: Caller, _message: object) -> Effects:
    return NOTHING
