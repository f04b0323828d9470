"""The end of a loop turn: what a document was given in it is settled, told, shown, and handed to the log.

While a turn lasts, the replica's transaction stays open: closing it costs more than integrating a keystroke.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import structlog
from prometheus_client import Counter

from protocol.ids import ConnectionId
from protocol.outbound import Aware, Failed
from protocol.yjs.awareness import AwarenessLimits, decode_awareness, encode_awareness_update
from protocol.yjs.malformed import Malformed
from server.errors import Invalid
from server.features.documents.committer import Committer, Row
from server.features.documents.departures import tell_awareness
from server.features.documents.document import Document, Member, MemberState
from server.features.documents.endings import Endings
from server.features.documents.library import Library
from server.features.documents.replica import ReplicaBroken, TurnBroken
from server.features.documents.tellings import told
from server.features.documents.turn import Showing, Turn
from server.hub.effects import NOTHING, AtTurnEnd, Effect, Effects, Pause, Send

log = structlog.get_logger(__name__)

PAUSED_FOR_STORAGE = "storage"
PAUSED_FOR_TIME = "time"
SLOW_S = 0.1  # longer than any edit by hand takes; crafted ones can take seconds
CHARGE = 10  # seconds not read per second spent

edits_total = Counter("flashio_edits_total", "Edits received", ["outcome"])
_taken = edits_total.labels("taken")
_slow_edits = Counter("flashio_slow_edits_total", "Edits, or turns of them, that took over 100 ms to integrate")
_awareness_ignored = Counter("flashio_awareness_ignored_total", "Awareness entries that were stale or somebody else's")


@dataclass(frozen=True, slots=True)
class Turns:
    library: Library
    committer: Committer
    endings: Endings
    awareness_limits: AwarenessLimits
    monotonic: Callable[[], float]
    stopped: set[ConnectionId] = field(default_factory=set)  # not read from while memory for edits is full

    def gather(self, document: Document, row: Row) -> Effects:
        """Keep an edit for the end of the turn; past the bound of memory its sender is read no more."""
        document.turn.rows.append(row)
        self.committer.expect(row)
        if row.sender is None or not self.committer.is_full:
            return NOTHING
        self.stopped.add(row.sender)
        return (Pause(row.sender, PAUSED_FOR_STORAGE),)

    def ending(self, document: Document) -> Effects:
        """Ask for the end of the turn, once."""
        if document.turn.is_due:
            return NOTHING
        document.turn.is_due = True
        return (AtTurnEnd(partial(self.end, document)),)

    def end(self, document: Document) -> Effects:
        """Invariant: edits are told before the cursors that may point into them."""
        turn, document.turn = document.turn, Turn()
        began = self.monotonic()
        try:
            document.replica.settle()
        except TurnBroken as error:
            return self._void(document, turn, error)
        effects = charged({row.sender for row in turn.rows}, self.monotonic() - began)
        if turn.rows:
            self._submit(turn.rows)
        if document.is_broken:
            return effects
        effects += told(document, turn.tellings)
        for showing, update in turn.awareness.items():
            effects += self._shown(document, showing, update)
        return effects

    def broken(self, document: Document, sender: Member | None, error: ReplicaBroken) -> Effects:
        """An edit broke the replica. Those of the turn before it did not: the log takes them."""
        turn, document.turn = document.turn, Turn()
        self._submit(turn.rows)
        return self._given_up(document, sender if error.culprit is None else None, error)

    def unsettled(self, document: Document, error: TurnBroken) -> Effects:
        """The turn cannot be settled: which of its edits is to blame is unknown, so the log gets none of them."""
        turn, document.turn = document.turn, Turn()
        return self._void(document, turn, error)

    def _void(self, document: Document, turn: Turn, error: ReplicaBroken) -> Effects:
        document.has_refused = True
        document.settled += len(turn.rows)
        self.committer.drop(turn.rows)
        for row in turn.rows:
            if row.written is not None and not row.written.done():
                row.written.set_exception(Invalid("The text cannot be applied."))
        document.tell_waiting()
        return self._given_up(document, None, error)

    def _given_up(self, document: Document, sender: Member | None, error: ReplicaBroken) -> Effects:
        edits_total.labels("broke").inc()
        log.error("replica broke", document=str(document.facts.id), reason=str(error))
        with suppress(TurnBroken):  # it is void already; the engine must let go of its transaction
            document.replica.settle()
        effects = self.endings.end_broken(document, sender)
        self.library.discard(document, error.culprit)
        return effects

    def _submit(self, rows: Sequence[Row]) -> None:
        _taken.inc(len(rows))
        self.committer.submit(rows)

    def _shown(self, document: Document, showing: Showing, update: bytes) -> Effects:
        member = document.members.get(showing.connection_id)
        if member is None or member.state is not MemberState.LIVE:
            return NOTHING
        try:
            entries = decode_awareness(update, self.awareness_limits)
            accepted = document.awareness.take(member.connection_id, member.stamp, entries, self.monotonic())
        except (Malformed, ValueError) as error:
            refused = Invalid(f"The awareness update was refused: {error}")
            return [Send(member.connection_id, Failed(None, refused.code, str(refused)))]
        if len(accepted) < len(entries):
            _awareness_ignored.inc(len(entries) - len(accepted))
        effects: list[Effect] = [*tell_awareness(document, accepted, member.connection_id)]
        if outlived := document.awareness.outlived(member.stamp, entries):
            effects.append(Send(member.connection_id, Aware(document.channel, encode_awareness_update(outlived))))
        return effects


def charged(senders: Collection[ConnectionId | None], took_s: float) -> list[Effect]:
    """Who sends what takes long to integrate is read so slowly that the others keep most of the time."""
    if took_s < SLOW_S:
        return []
    _slow_edits.inc()
    return [Pause(sender, PAUSED_FOR_TIME, took_s * CHARGE) for sender in senders if sender is not None]
