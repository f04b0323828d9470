"""The hot messages of a document: edits, awareness, sync. Synchronous: check, change the room, return effects at once.

What passes the gate goes to the intake; what does not ends the sender's replica, with its text kept (P8).
"""

from dataclasses import dataclass

import structlog

from protocol.errors import ErrorCode
from protocol.ids import Channel
from protocol.message import AwarenessAsked, AwarenessSent, Edit, SyncAsked
from protocol.outbound import Asked, Aware
from protocol.yjs.awareness import encode_awareness_update, subject
from protocol.yjs.malformed import Malformed
from protocol.yjs.state_vector import decode_state_vector
from protocol.yjs.sync import EMPTY_STATE_VECTOR
from protocol.yjs.update import MESSAGE_LIMITS, STORED_LIMITS, UpdateRefused, check_update
from server.errors import BadRequest, Invalid
from server.feature import Caller
from server.features.documents.document import Document, Member, MemberState
from server.features.documents.endings import Endings
from server.features.documents.intake import Intake, is_foreign
from server.features.documents.library import Library
from server.features.documents.turn import Showing
from server.features.documents.turns import Turns, edits_total
from server.hub.effects import NOTHING, BringLevel, Effect, Effects, Send
from server.settings import Settings

log = structlog.get_logger(__name__)

REFUSED_FOR_SIZE = frozenset({"structs", "deletes"})  # reasons of the gate that an honest edit can give


@dataclass(frozen=True, slots=True)
class Streams:
    settings: Settings
    library: Library
    intake: Intake
    turns: Turns
    endings: Endings

    def edit(self, caller: Caller, message: Edit) -> Effects:
        document, member = self._place(caller, message.channel)
        member.sent = message.n
        if member.author_no is None:
            return self.edit_denied(caller, message)
        if member.state is not MemberState.LIVE:
            return self._late(document, member, message.update)
        if len(message.update) > self.settings.max_update_bytes:
            text = f"One edit may have at most {self.settings.max_update_bytes} bytes."
            return self.endings.end(document, member, ErrorCode.TOO_LARGE, text, message.update)
        try:
            summary = check_update(message.update, MESSAGE_LIMITS)
        except UpdateRefused as error:
            return self._refused(document, member, message.update, error)
        is_answer, member.owes_answer = message.is_answer or member.owes_answer, False
        return self.intake.take(document, member, message.update, summary, is_answer=is_answer)

    def edit_denied(self, caller: Caller, message: Edit) -> Effects:
        """A reader wrote: their replica ends, its text is kept; an answer that holds nothing new harms nobody."""
        document, member = self._place(caller, message.channel)
        member.sent = message.n
        if member.state is not MemberState.LIVE:
            return self._late(document, member, message.update)
        if self._holds_nothing_new(document, message.update):
            return self.intake.confirm(document, member)
        edits_total.labels("denied").inc()
        text = "You may read this document but not change it."
        return self.endings.end(document, member, ErrorCode.FORBIDDEN, text, message.update)

    def awareness(self, caller: Caller, message: AwarenessSent) -> Effects:
        document, member = self._place(caller, message.channel)
        if member.state is not MemberState.LIVE:
            return NOTHING
        # Read at the end of the turn, if nothing newer about the same came until then: most cursors are never read.
        about = Showing(member.connection_id, subject(message.update))
        document.turn.show(about, message.update)
        return self.turns.ending(document)

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

    def _late(self, document: Document, member: Member, update: bytes) -> Effects:
        """An edit of a replica that is over: its text is being kept, or it was asked for the whole of it."""
        if member.state is MemberState.FOREIGN:
            return self._foreign_text(document, member, update)
        self.endings.hold(document, member, update)
        return NOTHING

    def _foreign_text(self, document: Document, member: Member, update: bytes) -> Effects:
        """Only what carries the other lineage's seed is the whole; what was typed meanwhile is inside it."""
        try:
            carried = check_update(update, STORED_LIMITS).client_ids
        except UpdateRefused as error:
            return self.endings.end(
                document, member, ErrorCode.FOREIGN_LINEAGE, f"Your copy cannot be read: {error}", None
            )
        if not is_foreign(carried, document.facts.seed_client):
            return NOTHING
        return self.endings.end_foreign(document, member, update)

    def _refused(self, document: Document, member: Member, update: bytes, error: UpdateRefused) -> Effects:
        """What is merely too much is kept as text; what is malformed has none."""
        edits_total.labels("refused").inc()
        if error.reason in REFUSED_FOR_SIZE:
            return self.endings.end(document, member, ErrorCode.TOO_LARGE, f"The edit is too large: {error}", update)
        return self.endings.end(document, member, ErrorCode.INVALID, f"The edit was refused: {error}", None)

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
