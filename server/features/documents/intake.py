"""From a checked edit to the replica and the turn: the one way in for sockets, commands and other workers.

What cannot be taken ends the sender's replica with its text kept; nothing is dropped in silence (P8).
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from protocol.errors import ErrorCode
from protocol.ids import Seq
from protocol.outbound import Asked, Saved
from protocol.yjs.sync import EMPTY_STATE_VECTOR
from protocol.yjs.update import STORED_LIMITS, UpdateRefused, UpdateSummary, check_update, missing
from server.errors import Invalid, TooLarge
from server.features.documents.committer import Row
from server.features.documents.document import Document, Member, MemberState, Origin
from server.features.documents.endings import Endings
from server.features.documents.replica import (
    RESERVED_CLIENTS,
    Applied,
    Replica,
    ReplicaBroken,
    TurnBroken,
    UpdateUnreadable,
)
from server.features.documents.tellings import relay
from server.features.documents.turn import Telling
from server.features.documents.turns import Turns, charged, edits_total
from server.features.documents.updates import trimmed
from server.hub.effects import NOTHING, Effects, Send
from server.settings import Settings

FEW_DELETIONS = 16  # ranges: a key takes one, a selection some; who sends more may be repeating what is long gone


@dataclass(frozen=True, slots=True)
class Intake:
    settings: Settings
    endings: Endings
    turns: Turns
    monotonic: Callable[[], float]

    def write(
        self, document: Document, origin: Origin, update: bytes, summary: UpdateSummary
    ) -> tuple[Effects, asyncio.Future[Seq]]:
        """Take an edit that the server made from a caller's text; the future ends with its commit.

        Raises:
            TooLarge: it is over a limit of documents.
        """
        if refusal := self._refusal(document, update, summary):
            raise TooLarge(refusal[1])
        written: asyncio.Future[Seq] = asyncio.get_running_loop().create_future()
        try:
            applied = document.replica.apply(update, summary)
        except ReplicaBroken as error:
            written.set_exception(Invalid("The text cannot be applied."))
            return self.turns.broken(document, None, error), written
        self._spread(document, origin, update, summary, applied, written)
        return self.turns.end(document), written

    def hear(self, document: Document, rows: Sequence[tuple[Seq, bytes]], snapshot_seq: Seq | None = None) -> Effects:
        """Rows that another worker committed; they were checked there and are checked again here.

        A snapshot is integrated although the row of its number is known: it holds those before it too.
        """
        news = [
            (seq, update)
            for seq, update in rows
            if seq > document.seq and (seq == snapshot_seq or seq not in document.known)
        ]
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
        began, told_before = self.monotonic(), document.mark() if is_answer else None
        try:
            if refusal := self._refusal(document, update, summary):
                edits_total.labels("refused").inc()
                return self.endings.end(document, member, *refusal, update)
            update, applied = self._integrate(document.replica, update, summary, is_answer=is_answer)
        except UpdateUnreadable as error:
            edits_total.labels("refused").inc()
            text = f"The edit cannot be read: {error}"
            ended = self.endings.end(document, member, ErrorCode.INVALID, text, None)
            return [*ended, *self.turns.ending(document)]
        except TurnBroken as error:
            return self.turns.unsettled(document, error)
        except ReplicaBroken as error:
            return self.turns.broken(document, member, error)
        effects = charged((member.connection_id,), self.monotonic() - began)
        if not applied.is_news:
            return [*effects, *self.confirm(document, member)]
        effects += self._spread(document, member.origin, update, summary, applied, told_before=told_before)
        effects += self.turns.ending(document)
        if not document.replica.pending_bytes:
            member.was_asked_for_missing = False
        elif not member.was_asked_for_missing:
            member.was_asked_for_missing = True
            effects.append(Send(member.connection_id, Asked(document.channel, document.replica.state_vector())))
        return effects

    def _integrate(
        self, replica: Replica, update: bytes, summary: UpdateSummary, *, is_answer: bool
    ) -> tuple[bytes, Applied]:
        """Apply the update and return the part of it that was new, and what that did.

        Only closing the transaction tells whether deletions alone changed anything, so those of a key are not asked.
        """
        clocks = replica.clocks
        repeats = False
        for client, start, _ in summary.ranges:
            repeats = repeats or start < clocks.get(client, 0)
        if not repeats and (summary.ranges or (not is_answer and summary.delete_count <= FEW_DELETIONS)):
            replica.begin_turn()
            return update, replica.apply(update, summary)
        replica.settle()
        if repeats:
            update, summary = self._without_repeats(replica, update, summary)
        return update, replica.apply_answer(update, summary)

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
        new_clients = _new_clients(document, summary)
        if new_clients and len(document.owners) + len(new_clients) > settings.max_document_clients:
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
        told_before: bytes | None = None,
    ) -> Effects:
        """At the end of the turn everyone else is told of the edit, and the log gets it.

        With `told_before`, the mark of those who know all but this, they are told after the commit. Invariant:
        nothing overtakes what is held, for it may build on it.
        """
        new_clients = tuple([(client, origin.author_no) for client in _new_clients(document, summary)])
        document.owners.update(new_clients)
        document.submitted += 1
        document.touched(self.monotonic())
        document.last_editor = origin.user_id
        sender = origin.connection_id
        row = Row(document.facts.id, origin.author_no, update, sender, origin.n, new_clients, written, origin.opening)
        after = document.submitted
        tellings = [Telling(after, each, sender if each is update else None) for each in _tellable(update, applied)]
        if told_before is not None or document.held:
            document.hold(tellings, told_before or EMPTY_STATE_VECTOR)
        else:
            document.turn.tellings += tellings
        return self.turns.gather(document, row)

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


def _new_clients(document: Document, summary: UpdateSummary) -> Collection[int]:
    """Clients under which nobody has written before."""
    for client, _, _ in summary.ranges:
        if client not in document.owners:
            return summary.client_ids - document.owners.keys()
    return ()


def _tellable(update: bytes, applied: Applied) -> tuple[bytes, ...]:
    """What listeners can integrate now: invariant, they are told just what the replica holds."""
    return applied.released if applied.waits else (update, *applied.released)
