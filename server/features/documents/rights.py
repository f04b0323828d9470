"""What a change of rights means for the documents that a socket has open (P5)."""

from dataclasses import dataclass

from protocol.outbound import AccessChanged
from server.access.grants import Grant
from server.access.roles import Ability
from server.feature import Caller, Services
from server.features.documents.document import Document, Member, MemberState
from server.features.documents.library import Library
from server.features.documents.opening import Opening
from server.hub.effects import Effect, Effects, Send
from server.store.failures import StorageBusy, StorageUnavailable

RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class Rights:
    services: Services
    library: Library
    opening: Opening

    def regranted(self, caller: Caller, _before: Grant) -> Effects:
        """Invariant: who may not write has no author number, so nothing of theirs can reach the log.

        What they sent before and what was taken of it stays; the next edit is refused, and its text kept.
        """
        effects: list[Effect] = []
        for document in self.library.opened_by(caller.socket):
            member = document.members[caller.socket]
            can_write = caller.may(Ability.WRITE)
            if member.state is not MemberState.LIVE or can_write == (member.author_no is not None):
                continue
            if can_write:
                self.services.tasks.start("let a reader write", self._let_write(document, member, caller))
            else:
                member.author_no = None
                effects.append(Send(caller.socket, AccessChanged(document.channel, can_write=False)))
        return effects

    async def _let_write(self, document: Document, member: Member, caller: Caller) -> None:
        while True:
            try:
                author_no = await self.opening.author_no(document.facts.id, member.user_id)
                break
            except (StorageUnavailable, StorageBusy):
                await self.services.clock.sleep(RETRY_S)
        is_there = document.members.get(member.connection_id) is member and member.state is MemberState.LIVE
        if is_there and caller.may(Ability.WRITE):
            member.author_no = author_no
            self.services.emit([Send(member.connection_id, AccessChanged(document.channel, can_write=True))])
