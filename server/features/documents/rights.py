"""What a change of rights means for the documents that a socket has open (P5)."""

from dataclasses import dataclass

from protocol.outbound import AccessChanged
from server.access.grants import Grant
from server.access.roles import Ability
from server.feature import Caller, Services
from server.features.documents.document import Document, Member, MemberState
from server.features.documents.endings import Endings
from server.features.documents.library import Library
from server.features.documents.opening import Opening
from server.hub.effects import NOTHING, Effect, Effects, Send
from server.store.failures import StorageBusy, StorageUnavailable

RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class Rights:
    services: Services
    library: Library
    opening: Opening
    endings: Endings

    def regranted(self, caller: Caller, _before: Grant) -> Effects:
        """What the socket may do with each document that it has open."""
        effects: list[Effect] = []
        for document in self.library.opened_by(caller.socket):
            effects += self._judged(document, document.members[caller.socket])
        return effects

    def moved(self, document: Document, path: str) -> Effects:
        """The file has another path, of which rules may say something else."""
        document.facts.path = path
        effects: list[Effect] = []
        for member in [*document.members.values()]:
            if not member.caller.paths.is_empty:
                effects += self._judged(document, member)
        return effects

    def _judged(self, document: Document, member: Member) -> Effects:
        """Invariant: who may not write has no author number, so nothing of theirs can reach the log.

        What they sent before and what was taken of it stays; the next edit is refused, and its text kept.
        """
        if member.state is MemberState.ENDED:
            return NOTHING
        caller, path = member.caller, document.facts.path
        if not caller.paths.sees(path):
            return self.endings.end_hidden(document, member)
        can_write = caller.may(Ability.WRITE, path)
        if member.state is not MemberState.LIVE or can_write == (member.author_no is not None):
            return NOTHING
        if can_write:
            self.services.tasks.start("let a reader write", self._let_write(document, member))
            return NOTHING
        member.author_no = None
        return [Send(caller.socket, AccessChanged(document.channel, can_write=False))]

    async def _let_write(self, document: Document, member: Member) -> None:
        while True:
            try:
                author_no = await self.opening.author_no(document.facts.id, member.user_id)
                break
            except (StorageUnavailable, StorageBusy):
                await self.services.clock.sleep(RETRY_S)
        is_there = document.members.get(member.connection_id) is member and member.state is MemberState.LIVE
        if is_there and member.caller.may(Ability.WRITE, document.facts.path):
            member.author_no = author_no
            self.services.emit([Send(member.connection_id, AccessChanged(document.channel, can_write=True))])
