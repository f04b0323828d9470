"""Text that can be told apart: each author types a chain of own characters, one update each, made without an engine.

An author's characters come from a range of their own and follow one another, so a text shows whose are there, and how
often.
"""

from protocol.yjs.lib0 import write_var_string, write_var_uint
from tests.harness.editor import ROOT_NAME

FIRST_CHARACTER, CHARACTERS = 0x100, 64  # per author: letters of two UTF-8 bytes and one UTF-16 unit


class Chain:
    """`number` counts the authors of one document from 0; `count` is how many characters were typed."""

    def __init__(self, client: int, number: int) -> None:
        self.client = client
        self.count = 0
        self._first = FIRST_CHARACTER + number * CHARACTERS

    def type(self) -> bytes:
        """One more character, as the Yjs update of it: one struct, right of the one before."""
        clock, self.count = self.count, self.count + 1
        author = write_var_uint(self.client)
        place = b"\x84" + author + write_var_uint(clock - 1) if clock else b"\x04\x01" + write_var_string(ROOT_NAME)
        item = place + write_var_string(self._character(clock))
        return b"\x01\x01" + author + write_var_uint(clock) + item + b"\x00"

    @property
    def text(self) -> str:
        return "".join(map(self._character, range(self.count)))

    def in_text(self, text: str) -> str:
        """What a text holds of this author."""
        return "".join(c for c in text if self._first <= ord(c) < self._first + CHARACTERS)

    def _character(self, clock: int) -> str:
        return chr(self._first + clock % CHARACTERS)
