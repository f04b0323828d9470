"""Text offsets between the two worlds.

Yjs and CodeMirror count UTF-16 units, pycrdt counts UTF-8 bytes. An offset inside a character (between the halves of
a surrogate pair, or inside a UTF-8 sequence) is refused, never moved: a caller that prefers a neighbour says which.
"""

from bisect import bisect_right
from itertools import accumulate

_BLOCK_CHARACTERS = 512  # a look-up encodes at most one block; a megabyte of text has some 2,000


class OffsetError(ValueError):
    """An offset that is outside the text or inside a character."""


class Offsets:
    """Converts offsets into one text; built in O(text), each look-up in O(log text)."""

    __slots__ = ("_blocks", "_length", "_utf8_starts", "_utf16_starts")

    def __init__(self, text: str) -> None:
        self._length = len(text)
        if text.isascii():
            self._blocks: list[str] = []
            return
        self._blocks = [text[at : at + _BLOCK_CHARACTERS] for at in range(0, len(text), _BLOCK_CHARACTERS)]
        self._utf8_starts = [0, *accumulate(len(block.encode()) for block in self._blocks)]
        self._utf16_starts = [0, *accumulate(len(block.encode("utf-16-le")) // 2 for block in self._blocks)]

    def to_utf8(self, utf16_offset: int) -> int:
        """Convert an offset in UTF-16 units to one in UTF-8 bytes.

        Raises: OffsetError outside the text or between the halves of a surrogate pair.
        """
        if not self._blocks:
            return self._same(utf16_offset)
        block, start = self._block(self._utf16_starts, utf16_offset)
        head = self._blocks[block].encode("utf-16-le")[: 2 * (utf16_offset - start)]
        return self._utf8_starts[block] + len(_whole(head, "utf-16-le", utf16_offset).encode())

    def to_utf16(self, utf8_offset: int) -> int:
        """Convert an offset in UTF-8 bytes to one in UTF-16 units.

        Raises: OffsetError outside the text or inside a character.
        """
        if not self._blocks:
            return self._same(utf8_offset)
        block, start = self._block(self._utf8_starts, utf8_offset)
        head = self._blocks[block].encode()[: utf8_offset - start]
        return self._utf16_starts[block] + len(_whole(head, "utf-8", utf8_offset).encode("utf-16-le")) // 2

    def _same(self, offset: int) -> int:
        if not 0 <= offset <= self._length:
            raise OffsetError(f"offset {offset} is outside a text of {self._length}")
        return offset

    def _block(self, starts: list[int], offset: int) -> tuple[int, int]:
        if not 0 <= offset <= starts[-1]:
            raise OffsetError(f"offset {offset} is outside a text of {starts[-1]}")
        block = min(bisect_right(starts, offset), len(self._blocks)) - 1
        return block, starts[block]


def _whole(head: bytes, encoding: str, offset: int) -> str:
    try:
        return head.decode(encoding)
    except UnicodeDecodeError:
        raise OffsetError(f"offset {offset} is inside a character") from None
