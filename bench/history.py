"""Documents to replay and to join: a long history of typing by one person, made up, and a large text."""

import random
from dataclasses import dataclass
from functools import cache, cached_property

from pycrdt import Doc, Text

from bench.messages import FIRST_AUTHOR, ROOT_NAME
from protocol.yjs.lib0 import write_var_string, write_var_uint

BURST = range(5, 60)  # keys pressed before the cursor moves elsewhere
BACKSPACE_SHARE = 0.08
LETTERS = "the quick brown fox jumps over a lazy dog\n"
SEED = 260
LINE = "every line of this text has forty chars\n"
AUTHOR = write_var_uint(FIRST_AUTHOR)
START = -1  # what the first character of a text follows


@dataclass(frozen=True)
class Document:
    """What its author sends, one Yjs update each, and the text that this makes."""

    updates: list[bytes]
    text: str

    @cached_property
    def merged(self) -> bytes:
        """All of it as one update."""
        doc: Doc[Text] = Doc()
        for update in self.updates:
            doc.apply_update(update)
        return doc.get_update()


class Typist:
    """Writes updates as Yjs encodes them. Characters are told by their clocks; pycrdt would take minutes."""

    def __init__(self) -> None:
        self.updates: list[bytes] = []
        self.typed: list[str] = []
        self._is_deleted: list[bool] = []
        self._after = {START: START}  # neighbours in the document, deleted characters included
        self._before: list[int] = []

    def insert(self, character: str, left: int) -> int:
        """Type a character after another one; returns the new one."""
        clock, right = len(self.typed), self._after[left]
        origins = b"".join(AUTHOR + write_var_uint(origin) for origin in (left, right) if origin != START)
        parent = b"" if origins else b"\x01" + write_var_string(ROOT_NAME)
        info = 4 | 0x80 * (left != START) | 0x40 * (right != START)
        item = bytes((info,)) + origins + parent + write_var_string(character)
        self.updates.append(b"\x01\x01" + AUTHOR + write_var_uint(clock) + item + b"\x00")
        self.typed.append(character)
        self._is_deleted.append(False)
        self._before.append(left)
        self._after[left], self._after[clock] = clock, right
        if right != START:
            self._before[right] = clock
        return clock

    def delete(self, clock: int) -> int:
        """Take a character back; returns the one before it that is still there."""
        self.updates.append(b"\x00\x01" + AUTHOR + b"\x01" + write_var_uint(clock) + b"\x01")
        self._is_deleted[clock] = True
        return self.visible(clock)

    def visible(self, clock: int) -> int:
        """The character itself, or the nearest before it that is still there."""
        while clock != START and self._is_deleted[clock]:
            clock = self._before[clock]
        return clock

    def text(self) -> str:
        found, clock = [], self._after[START]
        while clock != START:
            if not self._is_deleted[clock]:
                found.append(self.typed[clock])
            clock = self._after[clock]
        return "".join(found)


@cache
def history(edits: int) -> Document:
    """Updates of one key each, the same ones every time; the last one types a character."""
    typist, chance = Typist(), random.Random(SEED)
    cursor, left = START, 0
    for number in range(edits - 1):
        if not left:
            cursor, left = typist.visible(chance.randint(START, len(typist.typed) - 1)), chance.choice(BURST)
        left -= 1
        if cursor != START and chance.random() < BACKSPACE_SHARE:
            cursor = typist.delete(cursor)
        else:
            cursor = typist.insert(LETTERS[number % len(LETTERS)], cursor)
    typist.insert("!", START)
    return Document(typist.updates, typist.text())


@cache
def large_text(characters: int) -> Document:
    """One update that holds a text of so many ASCII characters."""
    doc: Doc[Text] = Doc(client_id=FIRST_AUTHOR)
    text = doc.get(ROOT_NAME, type=Text)
    text += (LINE * (characters // len(LINE) + 1))[:characters]
    return Document([doc.get_update()], str(text))


def text_of(update: bytes) -> str:
    """What a document says."""
    doc: Doc[Text] = Doc()
    doc.apply_update(update)
    return str(doc.get(ROOT_NAME, type=Text))
