"""Who is in a document and what they show of themselves: awareness states with the server's identity in them. Pure.

Invariant (P6): an awareness id belongs to the first person who brought it, for as long as the document is loaded.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from protocol.ids import ConnectionId, UserId
from protocol.session import Person
from protocol.yjs.awareness import MAX_CLOCK, AwarenessEntry

LEASE_S = 45.0  # owners renew every 15 s and stock clients forget after 30 s; a state that misses three is a ghost
# Departed ids whose clock and owner are kept, so that late messages do not resurrect them.
REMEMBERED_IDS = 10_000
REMEMBERED_IDS_PER_PERSON = 200  # a new one with each reload of a page; a flood pushes out the flooder's own


CLAIM = '{"user":'  # how every stock client's state begins
_encode = json.JSONEncoder(separators=(",", ":")).encode
_decode_at = json.JSONDecoder().raw_decode


@dataclass(slots=True)
class Presence:
    """`state` is stamped JSON text, None after leaving; `connection_id` holds the id until it closes."""

    user_id: UserId
    connection_id: ConnectionId | None
    clock: int
    state: str | None
    renewed_at: float


@dataclass(frozen=True, slots=True)
class Stamp:
    """One person's identity as the `user` value of every awareness state of theirs."""

    user_id: UserId
    user: dict[str, str]
    opening: str = field(init=False)  # of a state whose first member it is

    def __post_init__(self) -> None:
        object.__setattr__(self, "opening", CLAIM + _encode(self.user))

    @classmethod
    def of(cls, person: Person) -> "Stamp":
        shown = {"id": str(person.id), "name": person.name, "color": person.color, "colorLight": person.color_light}
        return cls(person.id, shown)


class AwarenessBook:
    def __init__(self, max_state_bytes: int, max_ids_per_socket: int) -> None:
        self._max_state_bytes = max_state_bytes
        self._max_ids_per_socket = max_ids_per_socket
        self._presences: dict[int, Presence] = {}
        self._held: dict[ConnectionId, set[int]] = {}
        self._departed: defaultdict[UserId, dict[int, None]] = defaultdict(dict)  # oldest first; may have come back
        self._claims: dict[ConnectionId, str] = {}  # as each socket's newest parsed state began, with its `user`

    def take(
        self, connection_id: ConnectionId, stamp: Stamp, entries: Iterable[AwarenessEntry], now: float
    ) -> list[AwarenessEntry]:
        """Accept what this socket may say and return it stamped; the rest (others' ids, old clocks) is ignored.

        `entries` name each id once; their states are JSON, as `decode_awareness` gives them.

        Raises:
            ValueError: nothing is accepted: a state is over the size limit or no JSON object, or the socket holds too
                many ids.
        """
        accepted = [
            AwarenessEntry(
                entry.client,
                entry.clock,
                None if entry.state is None else self._stamped(connection_id, entry.state, stamp),
            )
            for entry in entries
            if self._may_speak(connection_id, stamp, entry)
        ]
        held = self._held.setdefault(connection_id, set())
        shown = {entry.client for entry in accepted if entry.state is not None}
        if not shown <= held and len(held | shown) > self._max_ids_per_socket:
            raise ValueError(f"one socket holds at most {self._max_ids_per_socket} awareness ids per document")
        for entry in accepted:
            self._remember(connection_id, stamp.user_id, entry, now)
        return accepted

    def outlived(self, stamp: Stamp, entries: Iterable[AwarenessEntry]) -> list[AwarenessEntry]:
        """Departures of ids that this person shows as present with a clock not above them.

        After a broken connection the client's clock is behind the departure that the server announced. Told of it,
        a y-protocols client raises its clock past it and shows itself again, instead of being ignored until then.
        """
        return [
            AwarenessEntry(entry.client, presence.clock, None)
            for entry in entries
            if entry.state is not None
            and (presence := self._presences.get(entry.client)) is not None
            and presence.state is None
            and presence.user_id == stamp.user_id
            and entry.clock <= presence.clock
        ]

    def leave(self, connection_id: ConnectionId) -> list[AwarenessEntry]:
        """The socket is gone: the departures to announce, with valid clocks."""
        self._claims.pop(connection_id, None)
        return [self._depart(client_id) for client_id in self._held.pop(connection_id, set())]

    def expire(self, now: float) -> list[AwarenessEntry]:
        """Departures of those who did not renew within the lease although their socket is open."""
        expired = [
            client_id
            for client_id, presence in self._presences.items()
            if presence.state is not None and now - presence.renewed_at > LEASE_S
        ]
        return [self._depart(client_id) for client_id in expired]

    def present(self) -> list[AwarenessEntry]:
        return [
            AwarenessEntry(client_id, presence.clock, presence.state)
            for client_id, presence in self._presences.items()
            if presence.state is not None
        ]

    def _may_speak(self, connection_id: ConnectionId, stamp: Stamp, entry: AwarenessEntry) -> bool:
        known = self._presences.get(entry.client)
        if entry.clock >= MAX_CLOCK:
            return False
        if known is None:
            return entry.state is not None
        if known.user_id != stamp.user_id:
            return False
        if known.connection_id not in (None, connection_id):
            # A newer socket of the same person takes over, for the older may be dead and not know it. Stock clients
            # repeat what they hear of others, so only news, never a repetition, shows that the id has moved.
            return connection_id > known.connection_id and entry.clock > known.clock and entry.state is not None
        is_removal = entry.clock == known.clock and entry.state is None and known.state is not None
        return entry.clock > known.clock or is_removal

    def _stamped(self, connection_id: ConnectionId, state: str, stamp: Stamp) -> str:
        if len(state.encode()) > self._max_state_bytes:
            raise ValueError(f"an awareness state is over {self._max_state_bytes} bytes")
        claim = self._claims.get(connection_id)
        if claim is not None and state.startswith(claim) and _holds_no_other_user(rest := state[len(claim) :]):
            return stamp.opening + rest
        try:
            value = json.loads(state)
        except RecursionError:
            raise ValueError("an awareness state is nested too deeply") from None
        if not isinstance(value, dict):
            raise ValueError("an awareness state is a JSON object or null")  # noqa: TRY004 - the value is wrong
        self._learn_claim(connection_id, state)
        value["user"] = stamp.user
        return _encode(value)

    def _learn_claim(self, connection_id: ConnectionId, state: str) -> None:
        """Remember how the state began: the next ones begin alike, and only that part of them must be replaced."""
        self._claims.pop(connection_id, None)
        if state.startswith(CLAIM + "{"):
            _, end = _decode_at(state, len(CLAIM))
            self._claims[connection_id] = state[:end]

    def _remember(self, connection_id: ConnectionId, user_id: UserId, entry: AwarenessEntry, now: float) -> None:
        known = self._presences.pop(entry.client, None)
        if known is not None and known.connection_id is not None:
            self._held.get(known.connection_id, set()).discard(entry.client)
        holder = None
        if entry.state is not None:
            holder = connection_id
            self._held[connection_id].add(entry.client)
        self._presences[entry.client] = Presence(user_id, holder, entry.clock, entry.state, now)
        if entry.state is None:
            self._note_departure(user_id, entry.client)

    def _depart(self, client_id: int) -> AwarenessEntry:
        presence = self._presences[client_id]
        presence.clock += 1
        presence.state = None
        if presence.connection_id is not None and (held := self._held.get(presence.connection_id)) is not None:
            held.discard(client_id)
        presence.connection_id = None
        self._note_departure(presence.user_id, client_id)
        return AwarenessEntry(client_id, presence.clock, None)

    def _note_departure(self, user_id: UserId, client_id: int) -> None:
        """Keep the owner and clock of an id that left; the oldest go, of whoever has left the most behind."""
        self._departed[user_id][client_id] = None
        if len(self._departed[user_id]) > REMEMBERED_IDS_PER_PERSON:
            self._forget_oldest_of(user_id)
        elif len(self._presences) > REMEMBERED_IDS:
            self._forget_oldest_of(max(self._departed, key=lambda user_id: len(self._departed[user_id])))

    def _forget_oldest_of(self, user_id: UserId) -> None:
        departed = self._departed[user_id]
        client_id = next(iter(departed))
        del departed[client_id]
        if self._presences[client_id].state is None:
            del self._presences[client_id]
        if not departed:
            del self._departed[user_id]


def _holds_no_other_user(rest: str) -> bool:
    """Whether no later key of a JSON object can read `user` (parsers take the last one), escaped or not."""
    return '"user"' not in rest and "\\" not in rest
