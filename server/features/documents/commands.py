"""The commands of documents: open, close, read, write from outside."""

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.documents import (
    CloseDocument,
    DocumentText,
    OpenDocument,
    Opened,
    ReadDocument,
    WriteDocument,
    Written,
)
from protocol.ids import Seq
from protocol.model import Empty
from protocol.outbound import Aware
from protocol.text_form import checksum_of, unified
from protocol.yjs.awareness import encode_awareness_update
from protocol.yjs.malformed import Malformed
from protocol.yjs.state_vector import decode_state_vector
from protocol.yjs.update import STORED_LIMITS, check_update
from server.access.principal import person
from server.access.roles import Ability
from server.errors import BadRequest, Invalid, LimitReached, TooLarge, Unavailable
from server.feature import Call, Caller, Result, Services
from server.features.documents.awareness import Stamp
from server.features.documents.committer import Committer
from server.features.documents.content import Content
from server.features.documents.departures import tell_awareness
from server.features.documents.document import Document, Member, MemberState, Origin
from server.features.documents.intake import Intake
from server.features.documents.library import Library
from server.features.documents.opening import Opening
from server.features.documents.streams import Streams
from server.features.files.preconditions import check_precondition
from server.features.files.rights import require, require_there
from server.features.files.tree import valid_path
from server.hub.effects import Effect, Effects, Join, Leave, Send


@dataclass(frozen=True, slots=True)
class Commands:
    services: Services
    library: Library
    opening: Opening
    streams: Streams
    intake: Intake
    committer: Committer
    content: Content

    async def open(self, call: Call, command: OpenDocument) -> Result[Opened]:
        caller, socket = call.caller, call.caller.socket
        if self.library.open_count(socket) >= self.services.settings.max_channels:
            raise LimitReached(f"One socket has at most {self.services.settings.max_channels} documents open.")
        _check_state_vector(command.state_vector)
        document_id, announced = await self.opening.find(caller, command.path, may_make=command.create)
        document = await self.library.get(document_id)
        user_id, may_write = caller.principal.user_id, caller.may(Ability.WRITE, document.facts.path)
        if may_write and user_id not in document.author_nos:
            author_no = await self.opening.author_no(document_id, user_id)
            document = await self.library.get(document_id)
            document.author_nos[user_id] = author_no
        # Invariant: no await from here on, so that nothing falls between the answer and joining the room.
        if not caller.is_open:
            raise BadRequest("The socket closed meanwhile.")
        require_there(caller, Ability.READ, command.path, document.facts.path)
        if caller.may(Ability.WRITE, document.facts.path) != may_write:
            raise Unavailable("Your rights changed meanwhile. Open it again.")
        stamp = Stamp.of(person(caller.principal))
        member = Member(socket, user_id, stamp, document.author_nos[user_id] if may_write else None, caller)
        self.library.join(document, socket, member)
        join = Join(socket, document.room, lambda: self._greeting(document, caller, command.state_vector))
        return Result(self._opened(document, may_write=may_write), [*announced, join])

    async def close(self, call: Call, command: CloseDocument) -> Result[Empty]:
        document = self.library.by_channel(command.channel)
        if document is None:
            return Result(Empty())
        return Result(Empty(), [*self.left(document, call.caller), Leave(call.caller.socket, document.room)])

    async def read(self, call: Call, command: ReadDocument) -> Result[DocumentText]:
        document_id, _ = await self.opening.find(call.caller, command.path)
        document = await self.library.get(document_id)
        facts = document.facts
        require_there(call.caller, Ability.READ, command.path, facts.path)
        return Result(
            DocumentText(
                path=facts.path,
                text=document.replica.text(),
                seq=document.seq,
                line_ending=facts.form.line_ending,
                has_bom=facts.form.has_bom,
            )
        )

    async def write(self, call: Call, command: WriteDocument) -> Result[Written]:
        """The new text becomes the smallest edit found, taken like anybody's, and is answered when committed."""
        caller = call.caller
        if len(command.text.encode("utf-8", "replace")) > self.services.settings.max_document_bytes:
            raise TooLarge(f"A document holds at most {self.services.settings.max_document_bytes} bytes of text.")
        require(caller, Ability.WRITE, valid_path(command.path))
        document_id, announced = await self.opening.find(caller, command.path, may_make=True)
        author_no = await self.opening.author_no(document_id, caller.principal.user_id)
        document = await self.library.get(document_id)
        require_there(caller, Ability.WRITE, command.path, document.facts.path)
        if self.committer.is_full:
            raise Unavailable("Storage is away and memory for edits is full. Try again.")
        form, (text, _) = document.facts.form, unified(command.text)
        # Invariant: no await between the look at the text and the edit that builds on it.
        if command.if_match is not None:
            check_precondition(command.if_match, checksum_of(document.replica.text(), form))
        update, edits = document.replica.rewritten(text)
        checksum = checksum_of(text, form)
        if not edits:
            await document.when_settled()  # the text may be somebody's edit that is not committed yet
            return Result(Written(seq=Seq(0), edits=0, checksum=checksum), announced)
        origin = Origin(caller.principal.user_id, author_no)
        effects, written = self.intake.write(document, origin, update, check_update(update, STORED_LIMITS))
        self.services.emit(effects)
        return Result(Written(seq=await written, edits=edits, checksum=checksum), announced)

    def left(self, document: Document, caller: Caller) -> Sequence[Effect]:
        """The socket closed the document or itself: tell the others."""
        self.library.leave(document, caller.socket)
        return tell_awareness(document, document.awareness.leave(caller.socket), None)

    def disconnected(self, caller: Caller) -> Sequence[Effect]:
        return [effect for document in self.library.opened_by(caller.socket) for effect in self.left(document, caller)]

    def _greeting(self, document: Document, caller: Caller, state_vector: bytes | None) -> Effects:
        greeting: list[Effect] = []
        member = document.members[caller.socket]
        if state_vector is not None:
            greeting.append(self.streams.answer(document, member, state_vector))
        if member.state is MemberState.LIVE and member.author_no is not None:
            member.is_to_be_asked = not document.replica.is_integrated
            if not member.is_to_be_asked:
                greeting.append(document.asks(member))
        if present := document.awareness.present():
            greeting.append(Send(caller.socket, Aware(document.channel, encode_awareness_update(present))))
        return greeting

    def _opened(self, document: Document, *, may_write: bool) -> Opened:
        facts = document.facts
        return Opened(
            channel=document.channel,
            document_id=facts.id,
            path=facts.path,
            root_name=facts.root_name,
            lineage=facts.lineage,
            seq=document.seq,
            access="write" if may_write else "read",
            storage_reachable=self.committer.is_reachable,
        )


def _check_state_vector(state_vector: bytes | None) -> None:
    """Refuse to open for a replica that cannot be answered, before anybody joins.

    Raises:
        Invalid: the state vector cannot be read.
    """
    try:
        if state_vector is not None:
            decode_state_vector(state_vector, STORED_LIMITS)
    except Malformed as error:
        raise Invalid(f"The state vector was refused: {error}") from None
