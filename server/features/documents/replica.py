"""One document in memory: a pycrdt Doc that only ever sees checked updates. Pure: no I/O, no clock.

pycrdt counts text in UTF-8 bytes and keeps the GIL; a panic of its Rust core may leave the Doc half changed, so a
replica that raised `ReplicaBroken` must be dropped and rebuilt from the log.
"""

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import TracebackType

from pycrdt import Doc, Text, Transaction

from protocol.text_diff import minimal_diff
from protocol.yjs.state_vector import decode_state_vector
from protocol.yjs.sync import EMPTY_STATE_VECTOR, EMPTY_UPDATE
from protocol.yjs.update import STORED_LIMITS, UpdateSummary, missing
from server.features.documents.waiting import Waiting

RESERVED_CLIENTS = range((1 << 53) - (1 << 32), 1 << 53)  # client ids of seeds; nobody else may write under them


class ReplicaBroken(Exception):
    """The Rust core panicked; what the Doc holds now is unknown.

    `culprit` is an earlier edit, in the log already, that waited until now and is to blame; else the new one is.
    """

    def __init__(self, message: str, culprit: bytes | None = None) -> None:
        super().__init__(message)
        self.culprit = culprit


class TurnBroken(ReplicaBroken):
    """The same at the end of a turn: which of its edits is to blame is not known."""


class UpdateUnreadable(Exception):
    """pycrdt refuses the update although its form was checked."""


@dataclass(frozen=True, slots=True)
class Applied:
    """`waits`: the update builds on structs that are not here yet. `released`: earlier ones that waited for it.

    `rejected`: earlier ones that waited for it and are not valid, as can be seen now; they changed nothing.
    `is_news`: it changed anything, as far as was looked.
    """

    waits: bool
    released: tuple[bytes, ...] = ()
    rejected: tuple[bytes, ...] = ()
    is_news: bool = True


class PanicsNamed:
    """Around calls of the engine: what its exceptions mean for the replica. No generator, because keystrokes pass here.

    Raises: UpdateUnreadable, ReplicaBroken.
    """

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, ValueError):
            raise UpdateUnreadable(str(error)) from error
        # RuntimeError: a struct whose parent is not a type is noticed when others of its update are already in.
        # pyo3 raises panics as a BaseException of a class that cannot be imported.
        if isinstance(error, RuntimeError) or type(error).__name__ == "PanicException":
            raise ReplicaBroken(str(error)) from error


panics_named = PanicsNamed()
WAITS, INTEGRATED = Applied(waits=True), Applied(waits=False)


class Replica:
    def __init__(self, root_name: str, client_id: int | None = None) -> None:
        self._root_name = root_name
        self._engine: Doc[Text] = Doc(client_id=client_id)
        self._root: Text = self._engine.get(root_name, type=Text)
        self._beginning: bytes | None = None  # not integrated yet; then the engine is empty
        self._clocks: dict[int, int] = {}
        # Invariant: the Doc never sees an update before what it builds on: it would take a struct beyond a gap at once
        # and leave the rest out of every diff.
        self._waiting = Waiting()
        self._turn: Transaction | None = None  # held open
        self._text_bytes_at_most = 0
        self._state_bytes_at_most = 0
        self._type_ids: set[tuple[int, int]] = set()
        self.version = 0  # counts what was integrated
        self.type_count = 0  # nested types ever brought; a long chain of them would overflow the Rust core's stack

    @property
    def _doc(self) -> Doc[Text]:
        if self._beginning is not None:
            self.integrate_beginning()
        return self._engine

    @property
    def _text(self) -> Text:
        if self._beginning is not None:
            self.integrate_beginning()
        return self._root

    @property
    def clocks(self) -> Mapping[int, int]:
        """Next expected clock per client id: the state vector as a table."""
        if self._beginning is not None:
            self.integrate_beginning()
        return self._clocks

    @property
    def pending_bytes(self) -> int:
        """What holding edits that wait costs."""
        return self._waiting.cost_bytes

    @property
    def text_bytes(self) -> int:
        """Exact; takes a transaction."""
        self._text_bytes_at_most = len(self._text)
        return self._text_bytes_at_most

    @property
    def text_bytes_at_most(self) -> int:
        """No less than `text_bytes`: no update makes the text longer than by its own bytes."""
        return self._text_bytes_at_most

    @property
    def state_bytes(self) -> int:
        """Exact; encodes the whole document."""
        self._state_bytes_at_most = len(self.diff(EMPTY_STATE_VECTOR))
        return self._state_bytes_at_most

    @property
    def state_bytes_at_most(self) -> int:
        """No less than `state_bytes`, or nearly: what was integrated since it was measured, added up."""
        return self._state_bytes_at_most

    def text(self) -> str:
        return str(self._text)

    def state_vector(self) -> bytes:
        return self._doc.get_state()

    def diff(self, state_vector: bytes) -> bytes:
        """What a replica with this state vector lacks, deletions included; structs that wait are not in it."""
        if self._beginning is not None and state_vector == EMPTY_STATE_VECTOR:
            return self._beginning
        with panics_named:
            return self._doc.get_update(state_vector)

    def begin_turn(self) -> None:
        """Keep what follows in one transaction until `settle`; everything can be read meanwhile."""
        if self._turn is None:
            self._turn = self._doc.transaction().__enter__()

    def settle(self) -> None:
        """End the turn; nothing happens when none was begun.

        Raises:
            TurnBroken: drop this replica.
        """
        turn, self._turn = self._turn, None
        if turn is None:
            return
        try:
            with panics_named:
                turn.__exit__(None, None, None)
        except (ReplicaBroken, UpdateUnreadable) as error:
            raise TurnBroken(str(error)) from error

    def apply(self, update: bytes, summary: UpdateSummary, *, is_stored: bool = False) -> Applied:
        """Integrate a checked update; what `is_stored` was tried when it came and is not tried again.

        Raises:
            UpdateUnreadable: nothing was changed.
            ReplicaBroken: drop this replica.
        """
        if missing(summary, self.clocks):
            self._count(update, summary)
            self._waiting.add(update, summary, self._clocks)
            return WAITS
        if not is_stored:
            self._try(update, summary)
        self._count(update, summary)
        self._integrate(update, summary)
        if self._waiting.is_empty:
            return INTEGRATED
        released, rejected = self._release(summary)
        return Applied(waits=False, released=released, rejected=rejected)

    def begin_with(self, state: bytes) -> None:
        """Hold a proven state (see `proof`) in this replica, which is new; not walked, for it was before.

        Newcomers can be sent it at once. It is integrated, which takes far longer, when anything else is asked for.
        """
        self._beginning = state
        self.version += 1
        self._text_bytes_at_most = self._state_bytes_at_most = len(state)

    @property
    def is_integrated(self) -> bool:
        """Whether what this replica began with is in the engine."""
        return self._beginning is None

    def integrate_beginning(self) -> None:
        """Integrate what this replica began with, if that was not done yet.

        Raises:
            ReplicaBroken: drop this replica.
        """
        if self._beginning is None:
            return
        try:
            with panics_named:
                self._engine.apply_update(self._beginning)
        except UpdateUnreadable as error:
            raise ReplicaBroken(f"what it began with: {error}") from error
        self._clocks = dict(decode_state_vector(self._engine.get_state(), STORED_LIMITS))
        self._beginning = None

    def apply_answer(self, update: bytes, summary: UpdateSummary) -> Applied:
        """Integrate what a client sent as all that we lack, and look whether anything was new.

        Such answers repeat every deletion of the document, so most of them change nothing. No turn may be under way.

        Raises:
            UpdateUnreadable: nothing was changed.
            ReplicaBroken: drop this replica.
        """
        changes: list[None] = []
        subscription = self._doc.observe(lambda _: changes.append(None))
        try:
            applied = self.apply(update, summary)
        finally:
            self._doc.unobserve(subscription)
        return replace(applied, is_news=applied.waits or bool(changes))  # what waits is new, as far as anyone can tell

    def rewritten(self, text: str) -> tuple[bytes, int]:
        """An update that brings the text to `text` by a minimal diff, and how many places it changes.

        It is made under a client id of its own, on a copy: the caller applies it like anybody's edit.

        Raises:
            ValueError: the text holds embedded objects, which have no place in a plain text.
        """
        if self.text_bytes != len(self.text().encode()):
            raise ValueError("the text holds embedded objects")
        edits = minimal_diff(self.text(), text)
        if not edits:
            return EMPTY_UPDATE, 0
        scratch = Replica(self._root_name, client_id=random.getrandbits(32))
        scratch._doc.apply_update(self.diff(EMPTY_STATE_VECTOR))
        with scratch._doc.transaction():
            for edit in edits:
                if edit.delete_utf8_bytes:
                    del scratch._text[edit.start_utf8 : edit.start_utf8 + edit.delete_utf8_bytes]
                if edit.insert:
                    scratch._text.insert(edit.start_utf8, edit.insert)
        return scratch.diff(self.state_vector()), len(edits)

    def text_with(self, update: bytes) -> str:
        """The text that a copy of this replica shows once `update` is applied; this one is not changed."""
        scratch = Replica(self._root_name)
        with panics_named:
            scratch._doc.apply_update(self.diff(EMPTY_STATE_VECTOR))
            scratch._doc.apply_update(update)
        return scratch.text()

    def _count(self, update: bytes, summary: UpdateSummary) -> None:
        self.type_count += summary.type_count
        self._text_bytes_at_most += len(update)
        self._state_bytes_at_most += len(update)

    def _try(self, update: bytes, summary: UpdateSummary) -> None:
        """Integrate into a copy first what names a parent that is not known to be a type: it may break the engine.

        A type that was deleted long ago is not known any more either, and no harm.

        Raises:
            UpdateUnreadable: it would.
        """
        if not summary.parent_ids or summary.parent_ids <= self._type_ids | summary.type_ids:
            return
        try:
            self.text_with(update)
        except ReplicaBroken as error:
            raise UpdateUnreadable(str(error)) from error

    def _integrate(self, update: bytes, summary: UpdateSummary) -> None:
        with panics_named:
            self._doc.apply_update(update)
        self.version += 1
        for client, _, end in summary.ranges:
            if end > self._clocks.get(client, 0):
                self._clocks[client] = end
        if summary.type_ids:
            self._type_ids |= summary.type_ids

    def _release(self, summary: UpdateSummary) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """Integrate what waited for these clients' structs, and what waited for that; what is not valid stays out."""
        released: list[bytes] = []
        rejected: list[bytes] = []
        advanced = deque(summary.client_ids)
        while advanced:
            client = advanced.popleft()
            for update, waiting in self._waiting.take(client, self._clocks.get(client, 0)):
                if missing(waiting, self._clocks):
                    self._waiting.add(update, waiting, self._clocks)
                    continue
                try:
                    self._try(update, waiting)
                    self._integrate(update, waiting)
                except UpdateUnreadable:
                    rejected.append(update)
                    continue
                except ReplicaBroken as error:
                    raise ReplicaBroken(str(error), update) from error
                released.append(update)
                advanced.extend(waiting.client_ids)
        return tuple(released), tuple(rejected)
