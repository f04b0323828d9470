"""From a checked edit to the replica, the room and the log: the one way in for sockets, commands and other workers.

What cannot be taken ends the sender's replica with its text kept; nothing is dropped in silence (P8).
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter

from protocol.errors import ErrorCode
from protocol.ids import ConnectionId, Seq
from protocol.outbound import Asked, Edited, Saved
from protocol.yjs.sync import EMPTY_STATE_VECTOR
from protocol.yjs.update import STORED_LIMITS, UpdateRefused, UpdateSummary, check_update, missing
from server.errors import Invalid, TooLarge
from server.features.documents.committer import Committer, Row
from server.features.documents.document import Document, Member, MemberState, Origin, Telling
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
from server.hub.effects import NOTHING, Broadcast, Effect, Effects, Pause, Send
from server.settings import Settings

log = structlog.get_logger(__name__)

PAUSED_FOR_STORAGE = "storage"
PAUSED_FOR_TIME = "time"
SLOW_EDIT_S = 0.1  # longer than any edit by hand; crafted ones can take seconds
CHARGE = 10  # seconds not read per second spent

edits_total = Counter("flashio_edits_total", "Edits received", ["outcome"])
_taken = edits_total.labels("taken")
_slow_edits = Counter("flashio_slow_edits_total", "Edits that took over 100 ms to integrate")


@dataclass(frozen=True, slots=True)
class Intake:
    settings: Settings
    library: Library
    committer: Committer
    endings: Endings
    monotonic: Callable[[], float]
    stopped: set[ConnectionId] = field(default_factory=set)  # not read from while memory for edits is full

    def write(
        self, document: Document, origin: Origin, update: bytes, summary: UpdateSummary
    ) -> tuple[Effects, asyncio.Future[Seq]]:
        """Take an edit that the server made from a caller's text; the future ends with its commit.

        Raises:
            TooLarge: it is over a limit of documents.
        """
        if refusal := self._refusal(document, update, summary):
            raise TooLarge(refusal[1])
        try:
            applied = document.replica.apply(update, summary)
        except ReplicaBroken as error:
            return self._broken(document, None, error), _failed(Invalid("The text cannot be applied."))
        written: asyncio.Future[Seq] = asyncio.get_running_loop().create_future()
        return self._told(document, self._spread(document, origin, update, summary, applied, written)), written

    def hear(self, document: Document, rows: Sequence[tuple[Seq, bytes]]) -> Effects:
        """Rows that another worker committed; they were checked there and are checked again here."""
        news = [(seq, update) for seq, update in rows if seq > document.seq and seq not in document.known]
        told: list[bytes] = []
        for _, update in news:
            told += _tellable(
                update, document.replica.apply(update, check_update(update, STORED_LIMITS), is_stored=True)
            )
        document.learn(seq for seq, _ in news)
        if not news:
            return NOTHING
        document.touched(self.monotonic())
        return [relay(document, update, None) for update in told]

    def take(
        self, document: Document, member: Member, update: bytes, summary: UpdateSummary, *, is_answer: bool = False
    ) -> Effects:
        """An edit of a member: the others see it at once, or after its commit if it answers the server's question.

        An answer may hold what another wrote and a crash swallowed. To that other, seeing their own text come back
        means that it is saved (P1).
        """
        if summary.is_empty:
            return self.confirm(document, member)
        if names_foreign(summary, document.facts.seed_client):
            return self._turn_foreign(document, member, update, summary)
        began = self.monotonic()
        try:
            if refusal := self._refusal(document, update, summary):
                edits_total.labels("refused").inc()
                return self.endings.end(document, member, *refusal, update)
            update, applied = self._integrate(document, update, summary)
        except UpdateUnreadable as error:
            edits_total.labels("refused").inc()
            return self.endings.end(document, member, ErrorCode.INVALID, f"The edit cannot be read: {error}", None)
        except ReplicaBroken as error:
            return self._broken(document, member, error)
        charged = self._charged(member, self.monotonic() - began)
        if not applied.is_news:
            return [*charged, *self.confirm(document, member)]
        _taken.inc()
        told = self._spread(document, member.origin, update, summary, applied)
        effects = [*charged, *self._told(document, told, is_held=is_answer)]
        if self.committer.is_full:
            self.stopped.add(member.connection_id)
            effects.append(Pause(member.connection_id, PAUSED_FOR_STORAGE))
        if not document.replica.pending_bytes:
            member.was_asked_for_missing = False
        elif not member.was_asked_for_missing:
            member.was_asked_for_missing = True
            effects.append(Send(member.connection_id, Asked(document.channel, document.replica.state_vector())))
        return effects

    def _broken(self, document: Document, sender: Member | None, error: ReplicaBroken) -> Effects:
        edits_total.labels("broke").inc()
        log.error("replica broke", document=str(document.facts.id), reason=str(error))
        effects = self.endings.end_broken(document, sender if error.culprit is None else None)
        self.library.discard(document, error.culprit)
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
        if summary.ranges and replica.text_bytes_at_most + len(update) > settings.max_document_bytes:
            return self._overflow(replica, update)
        if summary.ranges and replica.state_bytes_at_most + len(update) > settings.max_state_bytes:
            return self._overgrowth(replica, update)
        return None

    def _overgrowth(self, replica: Replica, update: bytes) -> tuple[ErrorCode, str] | None:
        limit = self.settings.max_state_bytes
        if replica.state_bytes + len(update) <= limit:
            return None
        return ErrorCode.TOO_LARGE, f"A document holds at most {limit} bytes with all that was deleted in it."

    def _overflow(self, replica: Replica, update: bytes) -> tuple[ErrorCode, str] | None:
        """Whether the text would really grow over the limit; an update may be long for what it deletes or repeats."""
        limit, now_bytes = self.settings.max_document_bytes, replica.text_bytes
        if now_bytes + len(update) <= limit:
            return None
        then_bytes = len(replica.text_with(update).encode())
        if then_bytes <= max(limit, now_bytes):
            return None
        return ErrorCode.TOO_LARGE, f"A document holds at most {limit} bytes of text."

    def _spread(
        self,
        document: Document,
        origin: Origin,
        update: bytes,
        summary: UpdateSummary,
        applied: Applied,
        written: asyncio.Future[Seq] | None = None,
    ) -> list[Telling]:
        """The log gets the edit with the next commit; returned is what everyone else is to be told."""
        author_no = origin.author_no
        new_clients = tuple((client, author_no) for client in summary.client_ids if client not in document.owners)
        document.owners.update(new_clients)
        document.submitted += 1
        document.touched(self.monotonic())
        document.last_editor = origin.user_id
        sender = origin.connection_id
        self.committer.submit(
            Row(document.facts.id, author_no, update, sender, origin.n, new_clients, written, origin.opening)
        )
        return [
            Telling(document.submitted, each, sender if each is update else None) for each in _tellable(update, applied)
        ]

    @staticmethod
    def _told(document: Document, told: Sequence[Telling], *, is_held: bool = False) -> list[Effect]:
        """Invariant: nothing overtakes what is held, for it may build on it."""
        if is_held or document.held:
            document.held.extend(told)
            return []
        return [relay(document, telling.update, telling.author) for telling in told]

    def confirm(self, document: Document, member: Member) -> Effects:
        """The edit held nothing new: it is saved as soon as everything that was taken before it is."""
        if document.unwritten == 0:
            return [Send(member.connection_id, Saved(document.channel, member.sent, document.seq, ()))]
        document.barriers[document.submitted, member.connection_id, member.opening] = member.sent
        return NOTHING

    def _turn_foreign(self, document: Document, member: Member, update: bytes, summary: UpdateSummary) -> Effects:
        """An edit of another lineage: the whole of that replica is its text; a part of it is asked for the rest."""
        member.state = MemberState.FOREIGN
        if is_foreign(summary.client_ids, document.facts.seed_client):
            return self.endings.end_foreign(document, member, update)
        return [Send(member.connection_id, Asked(document.channel, EMPTY_STATE_VECTOR))]


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


def _failed(error: Exception) -> "asyncio.Future[Seq]":
    failed: asyncio.Future[Seq] = asyncio.get_running_loop().create_future()
    failed.set_exception(error)
    return failed


def _tellable(update: bytes, applied: Applied) -> tuple[bytes, ...]:
    """What listeners can integrate now: invariant, they are told just what the replica holds."""
    return applied.released if applied.waits else (update, *applied.released)


def relay(document: Document, update: bytes, author: ConnectionId | None) -> Broadcast:
    """Everyone in the room but the author is told of an update."""
    return Broadcast(document.room, Edited(document.channel, update), document.audience, document.resync, author)
