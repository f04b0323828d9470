"""A document that this worker has in memory: its replica, who is in it, and how far its log is known. No I/O."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, NamedTuple

from protocol.ids import Channel, ConnectionId, DocumentId, ProjectId, Seq, UserId
from protocol.outbound import Asked, Synced
from protocol.text_form import TextForm
from protocol.yjs.sync import EMPTY_STATE_VECTOR
from server.access.roles import Ability
from server.errors import Gone
from server.feature import Caller
from server.features.documents.awareness import AwarenessBook, Stamp
from server.features.documents.replica import Replica
from server.features.documents.turn import Telling, Turn
from server.features.documents.wholes import Wholes
from server.hub.effects import Audience, Resync, RoomKey, Send

# Without the path. Invariant: whoever a path is hidden from has left the room before the next message (see rights).
READERS = Audience(Ability.READ.value)


class MemberState(Enum):
    LIVE = "live"
    FOREIGN = "foreign"  # of another lineage: its next edit is its text, to be kept
    ENDED = "ended"  # told so; whatever it still sends is void


@dataclass(slots=True)
class Member:
    """One socket in one document. `sent` counts its edits as it numbers them."""

    connection_id: ConnectionId
    user_id: UserId
    stamp: Stamp
    author_no: int | None
    caller: Caller  # whose grant says, at any moment, what it may do
    state: MemberState = MemberState.LIVE
    opening: int = 0  # which of the document's openings this is: a socket may close it and open it again
    sent: int = 0
    refused_from: int | None = None  # the first of its edits that was not taken
    kept: list[bytes] | None = None  # the history whose text is being kept, with what still comes
    was_asked_for_missing: bool = False
    owes_answer: bool = False  # it was asked for all that the server lacks and has sent nothing since
    keeps_late: bool = False  # it was ended while it could write: the text of what still comes is kept
    is_to_be_asked: bool = False  # for that, as soon as the replica is integrated

    @property
    def origin(self) -> "Origin":
        """Where this member's newest edit comes from."""
        if self.author_no is None:
            raise ValueError("a reader has no author number")
        return Origin(self.user_id, self.author_no, self.connection_id, self.sent, self.opening)


class Origin(NamedTuple):
    """Whose edit it is. `connection_id` and its count `n` are those of a socket; a command has none."""

    user_id: UserId
    author_no: int
    connection_id: ConnectionId | None = None
    n: int = 0
    opening: int = 0


@dataclass(slots=True)
class Facts:
    """What the database says of a document. Only `path` changes while it is loaded."""

    id: DocumentId
    project_id: ProjectId
    path: str
    root_name: str
    lineage: str
    seed_client: int
    form: TextForm


@dataclass(slots=True)
class Document:
    """`seq`: every log row up to it is in the replica.

    Invariant: a document with unwritten edits is never unloaded.
    """

    facts: Facts
    channel: Channel
    replica: Replica
    seq: Seq
    awareness: AwarenessBook
    owners: dict[int, int]  # client id -> author number: whose edits they are
    wholes: Wholes = field(default_factory=Wholes)
    author_nos: dict[UserId, int] = field(default_factory=dict)  # known ones; whoever opens it to write gets one
    members: dict[ConnectionId, Member] = field(default_factory=dict)
    turn: Turn = field(default_factory=Turn)
    submitted: int = 0  # edits taken since loading
    settled: int = 0  # those of them whose commit was decided
    known: set[Seq] = field(default_factory=set)  # log rows above `seq` that the replica holds
    openings: int = 0
    barriers: dict[tuple[int, ConnectionId, int], int] = field(default_factory=dict)  # (after, who, opening) -> n
    held: deque[Telling] = field(default_factory=deque)  # what the others are told once it is committed, in order
    waiting_writers: list[tuple[int, "asyncio.Future[Seq]"]] = field(default_factory=list)  # (after, whom to tell)
    is_broken: bool = False  # the replica is void; the document is loaded anew once everything is written
    has_refused: bool = False  # the log did not take an edit: nothing is confirmed until the document is loaded anew
    uncached_since: float | None = None  # when the file row began to differ from the text
    changed_at: float = 0.0
    last_editor: UserId | None = None
    idle_since: float | None = None
    room: RoomKey = field(init=False)
    resync: Resync = field(init=False)
    audience: ClassVar[Audience] = READERS
    _mark: bytes | None = None
    _mark_before_held: bytes = EMPTY_STATE_VECTOR

    def __post_init__(self) -> None:
        self.room = room_of(self.facts.id)
        self.resync = Resync(self)

    @property
    def unwritten(self) -> int:
        """Edits that are applied here and whose commit is not decided."""
        return self.submitted - self.settled

    @property
    def has_gap(self) -> bool:
        """Whether the log holds rows that this worker has not seen."""
        return bool(self.known)

    @property
    def has_members(self) -> bool:
        """Whether anybody has it open, or is still to be told where their text is kept."""
        return any(member.state is not MemberState.ENDED or member.kept is not None for member in self.members.values())

    def learn(self, seqs: Iterable[Seq]) -> None:
        """The replica holds these log rows: move `seq` over those that follow it without a gap."""
        self.known.update(seq for seq in seqs if seq > self.seq)
        while (following := Seq(self.seq + 1)) in self.known:
            self.known.remove(following)
            self.seq = following

    def passed_barriers(self) -> list[tuple[ConnectionId, int, int]]:
        """(who, opening, n): told that their edits up to `n` are saved, now that those before them are."""
        passed = [barrier for barrier in self.barriers if barrier[0] <= self.settled]
        return [(barrier[1], barrier[2], self.barriers.pop(barrier)) for barrier in passed]

    def hold(self, tellings: Iterable[Telling], mark: bytes) -> None:
        """Tell them once they are committed; `mark` is where those stand who were told everything before them."""
        if not self.held:
            self._mark_before_held = mark
        self.held.extend(tellings)

    def passed_tellings(self) -> list[Telling]:
        """What was held and may be told, now that it and everything before it is committed."""
        passed = []
        while self.held and self.held[0].after <= self.settled:
            passed.append(self.held.popleft())
        return passed

    def when_settled(self) -> "asyncio.Future[Seq]":
        """Ends when the commit of everything taken until now is decided: with the newest number, or `Gone`."""
        settled: asyncio.Future[Seq] = asyncio.get_running_loop().create_future()
        if self.unwritten:
            self.waiting_writers.append((self.submitted, settled))
        else:
            settled.set_result(self.seq)
        return settled

    def tell_waiting(self) -> None:
        """End the futures of those whose edits are decided now."""
        passed = [waiting for waiting in self.waiting_writers if waiting[0] <= self.settled]
        self.waiting_writers = [waiting for waiting in self.waiting_writers if waiting[0] > self.settled]
        for _, written in passed:
            if written.done():
                continue
            if self.has_refused:
                written.set_exception(Gone("An edit before this one could not be stored."))
            else:
                written.set_result(self.seq)

    def asks(self, member: Member) -> Send:
        """Ask a writer for all that the server lacks."""
        member.owes_answer, member.is_to_be_asked = True, False
        return Send(member.connection_id, Asked(self.channel, self.replica.state_vector()))

    def is_member(self, connection_id: ConnectionId, opening: int) -> bool:
        """Whether this opening of that socket is still the one in the room, and alive."""
        member = self.members.get(connection_id)
        return member is not None and member.opening == opening and member.state is MemberState.LIVE

    def jump(self, seq: Seq) -> None:
        """The replica holds everything that the log has up to `seq`, whatever numbers are missing there."""
        self.seq = max(self.seq, seq)
        self.known = {later for later in self.known if later > self.seq}
        self.learn(())

    def touched(self, now: float) -> None:
        """The replica changed: earlier marks stay valid, the next one is taken anew."""
        self._mark = None
        self.changed_at = now
        if self.uncached_since is None:
            self.uncached_since = now

    def mark(self) -> bytes:
        """The state vector of those who were told everything; one per change, however many slow readers ask."""
        if self.held:
            return self._mark_before_held
        return self.state_vector()

    def state_vector(self) -> bytes:
        if self._mark is None:
            self._mark = self.replica.state_vector()
        return self._mark

    def since(self, mark: object) -> Synced:
        """What a replica with this state vector lacks; said even when that is nothing, because askers wait for it."""
        if not isinstance(mark, bytes):
            raise TypeError("a mark is a state vector")
        update = self.wholes.of(self.replica) if mark == EMPTY_STATE_VECTOR else self.replica.diff(mark)
        return Synced(self.channel, update)


def room_of(document_id: DocumentId) -> RoomKey:
    return RoomKey(f"document:{document_id}")
