"""The hot messages of a document: edits, awareness, sync. Synchronous: check, change the room, return effects at once.

An edit goes to everyone else now, to the log with the next group commit, and is confirmed after it. An edit is never
dropped in silence: what cannot be taken ends the sender's replica, with its text kept (P8).
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter

from protocol.errors import ErrorCode
from protocol.ids import Channel, ConnectionId, Seq
from protocol.message import AwarenessAsked, AwarenessSent, Edit, SyncAsked
from protocol.outbound import Asked, Aware, Edited, Saved
from protocol.yjs.awareness import AwarenessLimits, decode_awareness, encode_awareness_update
from protocol.yjs.malformed import Malformed
from protocol.yjs.state_vector import decode_state_vector
from protocol.yjs.sync import EMPTY_STATE_VECTOR
from protocol.yjs.update import MESSAGE_LIMITS, STORED_LIMITS, UpdateRefused, UpdateSummary, check_update, missing
from server.errors import BadRequest, Invalid, TooLarge
from server.feature import Caller
from server.features.documents.committer import Committer, Row
from server.features.documents.departures import tell_awareness
from server.features.documents.document import Document, Member, MemberState, Origin
from server.features.documents.endings import Endings
from server.features.documents.library import Library
from server.features.documents.replica import (
    RESERVED_CLIENTS,
    Applied,
    Replica,
    ReplicaBroken,
    UpdateUnreadable,
    trimmed,
)
from server.hub.effects import NOTHING, BringLevel, Broadcast, Effect, Effects, Pause, Send
from server.settings import Settings

log = structlog.get_logger(__name__)

PAUSED_FOR_STORAGE = "storage"
PAUSED_FOR_TIME = "time"
SLOW_EDIT_S = 0.1  # longer than any edit by hand; crafted ones can take seconds
CHARGE = 10  # seconds not read per second spent

_edits = Counter("flashio_edits_total", "Edits received", ["outcome"])
_edits_taken = _edits.labels("taken")
_slow_edits = Counter("flashio_slow_edits_total", "Edits that took over 100 ms to integrate")
_awareness_ignored = Counter("flashio_awareness_ignored_total", "Awareness entries that were stale or somebody else's")


@dataclass(frozen=True, slots=True)
class Streams:
    settings: Settings
    library: Library
    committer: Committer
    endings: Endings
    monotonic: Callable[[], float]
    awareness_limits: AwarenessLimits
    stopped: set[ConnectionId] = field(default_factory=set)  # not read from while memory for edits is full

    def edit(self, caller: Caller, message: Edit) -> Effects:
        document, member = self._place(caller, message.channel)
        if member.state is MemberState.ENDED:
            return NOTHING
        member.sent = message.n
        if member.state is MemberState.FOREIGN:
            return self.endings.end_foreign(document, member, message.update)
        if len(message.update) > self.settings.max_update_bytes:
            text = f"One edit may have at most {self.settings.max_update_bytes} bytes."
            return self.endings.end(document, member, ErrorCode.TOO_LARGE, text, message.update)
        try:
            summary = check_update(message.update, MESSAGE_LIMITS)
        except UpdateRefused as error:
            _edits.labels("refused").inc()
            return self.endings.end(document, member, ErrorCode.INVALID, f"The edit was refused: {error}", None)
        return self._take(document, member, message.update, summary)

    def edit_denied(self, caller: Caller, message: Edit) -> Effects:
        """A reader wrote: their replica ends, its text is kept; an answer that holds nothing new harms nobody."""
        document, member = self._place(caller, message.channel)
        member.sent = message.n
        if member.state is MemberState.ENDED:
            return NOTHING
        if self._holds_nothing_new(document, message.update):
            return self._confirm(document, member)
        _edits.labels("denied").inc()
        text = "You may read this document but not change it."
        return self.endings.end(document, member, ErrorCode.FORBIDDEN, text, message.update)

    def awareness(self, caller: Caller, message: AwarenessSent) -> Effects:
        document, member = self._place(caller, message.channel)
        if member.state is not MemberState.LIVE:
            return NOTHING
        try:
            entries = decode_awareness(message.update, self.awareness_limits)
            accepted = document.awareness.take(member.connection_id, member.stamp, entries, self.monotonic())
        except (Malformed, ValueError) as error:
            raise Invalid(f"The awareness update was refused: {error}") from None
        if len(accepted) < len(entries):
            _awareness_ignored.inc(len(entries) - len(accepted))
        effects: list[Effect] = [*tell_awareness(document, accepted, member.connection_id)]
        if outlived := document.awareness.outlived(member.stamp, entries):
            effects.append(Send(caller.socket, Aware(document.channel, encode_awareness_update(outlived))))
        return effects

    def sync(self, caller: Caller, message: SyncAsked) -> Effects:
        """Answer what a replica lacks; one of another lineage is asked for its text instead, to be kept."""
        document, member = self._place(caller, message.channel)
        if member.state is not MemberState.LIVE:
            return NOTHING
        return [self.answer(document, member, message.state_vector)]

    def answer(self, document: Document, member: Member, state_vector: bytes) -> Effect:
        """Tell what a replica with this state vector lacks, or ask for its text when it is foreign.

        Raises:
            Invalid: the state vector cannot be read.
        """
        try:
            clients = decode_state_vector(state_vector, STORED_LIMITS)
        except Malformed as error:
            raise Invalid(f"The state vector was refused: {error}") from None
        if is_foreign(clients, document.facts.seed_client):
            member.state = MemberState.FOREIGN
            return Send(member.connection_id, Asked(document.channel, EMPTY_STATE_VECTOR))
        return BringLevel(member.connection_id, document.room, document, state_vector)

    def awareness_asked(self, caller: Caller, message: AwarenessAsked) -> Effects:
        document, member = self._place(caller, message.channel)
        update = encode_awareness_update(document.awareness.present())
        return [Send(caller.socket, Aware(document.channel, update))] if member.state is MemberState.LIVE else NOTHING

    def write(
        self, document: Document, origin: Origin, update: bytes, summary: UpdateSummary
    ) -> tuple[Effects, asyncio.Future[Seq]]:
        """Take an edit that the server made from a caller's text; the future ends with its commit.

        Raises:
            TooLarge: it is over a limit of documents.
        """
        if refusal := self._refusal(document, update, summary):
            raise TooLarge(refusal[1])
        applied = document.replica.apply(update, summary)
        written: asyncio.Future[Seq] = asyncio.get_running_loop().create_future()
        return self._spread(document, origin, update, summary, applied, written), written

    def hear(self, document: Document, rows: Sequence[tuple[Seq, bytes]]) -> Effects:
        """Rows that another worker committed; they were checked there and are checked again here."""
        news = [(seq, update) for seq, update in rows if seq > document.seq and seq not in document.known]
        told: list[bytes] = []
        for _, update in news:
            told += _tellable(update, document.replica.apply(update, check_update(update, STORED_LIMITS)))
        document.learn(seq for seq, _ in news)
        if not news:
            return NOTHING
        document.touched(self.monotonic())
        return [_relay(document, update, None) for update in told]

    def _take(self, document: Document, member: Member, update: bytes, summary: UpdateSummary) -> Effects:
        if summary.is_empty:
            return self._confirm(document, member)
        if names_foreign(summary, document.facts.seed_client):
            return self._turn_foreign(document, member, update, summary)
        if refusal := self._refusal(document, update, summary):
            _edits.labels("refused").inc()
            return self.endings.end(document, member, *refusal, update)
        began = self.monotonic()
        try:
            update, applied = self._integrate(document, update, summary)
        except UpdateUnreadable as error:
            _edits.labels("refused").inc()
            return self.endings.end(document, member, ErrorCode.INVALID, f"The edit cannot be read: {error}", None)
        except ReplicaBroken as error:
            _edits.labels("broke").inc()
            log.error("replica broke", document=str(document.facts.id), reason=str(error))
            effects = self.endings.end_broken(document, member if error.culprit is None else None)
            self.library.discard(document, error.culprit)
            return effects
        charged = self._charged(member, self.monotonic() - began)
        if not applied.is_news:
            return [*charged, *self._confirm(document, member)]
        _edits_taken.inc()
        effects = [*charged, *self._spread(document, member.origin, update, summary, applied)]
        if self.committer.is_full:
            self.stopped.add(member.connection_id)
            effects.append(Pause(member.connection_id, PAUSED_FOR_STORAGE))
        if not document.replica.pending_bytes:
            member.was_asked_for_missing = False
        elif not member.was_asked_for_missing:
            member.was_asked_for_missing = True
            effects.append(Send(member.connection_id, Asked(document.channel, document.replica.state_vector())))
        return effects

    def _integrate(self, document: Document, update: bytes, summary: UpdateSummary) -> tuple[bytes, Applied]:
        """Apply the update and return the part of it that was new, and what that did."""
        replica = document.replica
        repeats = any(start < replica.clocks.get(client, 0) for client, start, _ in summary.ranges)
        if summary.ranges and not repeats:
            return update, replica.apply(update, summary)
        if repeats:
            update, summary = self._without_repeats(replica, update, summary)
        return update, replica.apply_answer(update, summary)

    @staticmethod
    def _charged(member: Member, took_s: float) -> list[Effect]:
        """Who sends what takes long to integrate is read so slowly that the others keep most of the time."""
        if took_s < SLOW_EDIT_S:
            return []
        _slow_edits.inc()
        return [Pause(member.connection_id, PAUSED_FOR_TIME, took_s * CHARGE)]

    @staticmethod
    def _without_repeats(replica: Replica, update: bytes, summary: UpdateSummary) -> tuple[bytes, UpdateSummary]:
        """Only what is new goes to the log; an engine that cuts in an unreadable place is not followed."""
        new = trimmed(update, replica.state_vector())
        try:
            return new, check_update(new, STORED_LIMITS)
        except UpdateRefused:
            return update, summary

    def _refusal(self, document: Document, update: bytes, summary: UpdateSummary) -> tuple[ErrorCode, str] | None:
        replica, settings = document.replica, self.settings
        for client, _, end in summary.ranges:
            if client in RESERVED_CLIENTS and end > replica.clocks.get(client, 0):
                return ErrorCode.INVALID, "The edit writes under a client id that is reserved for the server."
        new_clients = sum(client not in document.owners for client in summary.client_ids)
        if new_clients and len(document.owners) + new_clients > settings.max_document_clients:
            return ErrorCode.TOO_LARGE, f"A document has at most {settings.max_document_clients} Yjs client ids."
        if replica.type_count + summary.type_count > settings.max_document_types:
            return ErrorCode.TOO_LARGE, f"A document holds at most {settings.max_document_types} nested types."
        if missing(summary, replica.clocks) and replica.pending_bytes + len(update) > settings.max_pending_bytes:
            return ErrorCode.TOO_LARGE, "Too many edits wait for others that never came."
        if replica.text_bytes_at_most + len(update) > settings.max_document_bytes < replica.text_bytes + len(update):
            size = len(replica.text_with(update).encode())
            if size > max(settings.max_document_bytes, replica.text_bytes):
                return ErrorCode.TOO_LARGE, f"A document holds at most {settings.max_document_bytes} bytes of text."
        return None

    def _spread(
        self,
        document: Document,
        origin: Origin,
        update: bytes,
        summary: UpdateSummary,
        applied: Applied,
        written: asyncio.Future[Seq] | None = None,
    ) -> list[Effect]:
        """The log gets the edit with the next commit; everyone else sees it now, or once it can be integrated."""
        author_no = origin.author_no
        new_clients = tuple((client, author_no) for client in summary.client_ids if client not in document.owners)
        document.owners.update(new_clients)
        document.submitted += 1
        document.touched(self.monotonic())
        document.last_editor = origin.user_id
        sender = origin.connection_id
        self.committer.submit(Row(document.facts.id, author_no, update, sender, origin.n, new_clients, written))
        told = _tellable(update, applied)
        return [_relay(document, each, sender if each is update else None) for each in told]

    def _confirm(self, document: Document, member: Member) -> Effects:
        """The edit held nothing new: it is saved as soon as everything that was taken before it is."""
        if document.unwritten == 0:
            return [Send(member.connection_id, Saved(document.channel, member.sent, document.seq, ()))]
        document.barriers[document.submitted, member.connection_id] = member.sent
        return NOTHING

    def _turn_foreign(self, document: Document, member: Member, update: bytes, summary: UpdateSummary) -> Effects:
        """An edit of another lineage: the whole of that replica is its text; a part of it is asked for the rest."""
        member.state = MemberState.FOREIGN
        if any(client in RESERVED_CLIENTS and client != document.facts.seed_client for client in summary.client_ids):
            return self.endings.end_foreign(document, member, update)
        return [Send(member.connection_id, Asked(document.channel, EMPTY_STATE_VECTOR))]

    def _holds_nothing_new(self, document: Document, update: bytes) -> bool:
        try:
            summary = check_update(update, MESSAGE_LIMITS)
        except UpdateRefused:
            return False
        known = document.replica.clocks
        return summary.delete_count == 0 and all(end <= known.get(client, 0) for client, _, end in summary.ranges)

    def _place(self, caller: Caller, channel: Channel) -> tuple[Document, Member]:
        document = self.library.by_channel(channel)
        member = None if document is None else document.members.get(caller.socket)
        if document is None or member is None:
            raise BadRequest(f"Channel {channel} is not open on this socket.")
        return document, member


def is_foreign(state_vector: Iterable[int], seed_client: int) -> bool:
    """Whether a state vector names the seed of another lineage; one without any seed is a newcomer's."""
    for client in state_vector:  # noqa: SIM110 - any() over a generator takes three times as long, at every keystroke
        if client in RESERVED_CLIENTS and client != seed_client:
            return True
    return False


def names_foreign(summary: UpdateSummary, seed_client: int) -> bool:
    """Whether an update carries or builds on structs of another lineage's seed."""
    carried = [client for client, _, _ in summary.ranges]
    return is_foreign(carried, seed_client) or is_foreign(summary.needs, seed_client)


def _tellable(update: bytes, applied: Applied) -> tuple[bytes, ...]:
    """What listeners can integrate now: invariant, they are told just what the replica holds."""
    return applied.released if applied.waits else (update, *applied.released)


def _relay(document: Document, update: bytes, author: ConnectionId | None) -> Broadcast:
    return Broadcast(document.room, Edited(document.channel, update), document.audience, document.resync, author)
