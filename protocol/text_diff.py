"""The smallest edits, within reason, that turn one text into another.

For writes from outside an editor: applied as edits they leave cursors, comments and other people's typing in place,
which a replacement of the text would not. Lines that occur once on both sides are matched first (patience diff),
then words in between (Myers, "An O(ND) Difference Algorithm", 1986), then the characters at the ends of each change.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_LINES_LIMIT = 300_000  # old and new together; more of them than this in one document is no text people edit
_CHANGES_LIMIT = 20_000  # runs of lines; more edits than this cost every replica more than a replacement
_WORK_LIMIT = 1_000_000  # characters split and words compared, some 0.3 s; what remains then is replaced whole
_CHANGE_COST = 50  # the work of looking at a change at all, in the same unit
_DIFFERENCES_LIMIT = 300  # words that differ in one change; beyond, its old text helps nobody
_ANCHOR_ROUNDS = 8  # lines that were not unique in the text may be between two anchors; two rounds are usual
_WORD_LIMIT = 100  # characters by which a change grows to whole words; longer words are no words
_WORDS = re.compile(r"\w+|[^\S\n]+|.", re.DOTALL)


class TextEdit(NamedTuple):
    """Delete, then insert, at one place; offsets are UTF-8 bytes, as pycrdt counts."""

    start_utf8: int
    delete_utf8_bytes: int
    insert: str


class _Change(NamedTuple):
    """old[start:end] becomes new[new_start:new_end]."""

    start: int
    end: int
    new_start: int
    new_end: int


def minimal_diff(old: str, new: str) -> list[TextEdit]:
    """Return the edits from `old` to `new`, last place first, so that every offset holds when its turn comes.

    No code point is split. Takes O(text) and a bounded amount of comparing: what is too different is replaced whole.
    """
    changes = [
        change for change in _compare(old, new) if change.start != change.end or change.new_start != change.new_end
    ]
    edits = []
    start_utf8 = at = 0
    for change in changes:
        start_utf8 += len(old[at : change.start].encode())
        removed_utf8 = len(old[change.start : change.end].encode())
        edits.append(TextEdit(start_utf8, removed_utf8, new[change.new_start : change.new_end]))
        start_utf8 += removed_utf8
        at = change.end
    edits.reverse()
    return edits


def _compare(old: str, new: str) -> Iterator[_Change]:
    whole = _trim(old, new, _Change(0, len(old), 0, len(new)))
    if whole.start == whole.end or whole.new_start == whole.new_end:
        yield whole
        return
    budget = _WORK_LIMIT
    for lines in _compare_lines(old, new, _to_whole_lines(old, whole)):
        change = _trim(old, new, lines)
        if change.start != change.end and change.new_start != change.new_end:
            change = _to_whole_words(old, change, lines)
        budget -= _CHANGE_COST + change.end - change.start + change.new_end - change.new_start
        if budget < 0 or change.start == change.end or change.new_start == change.new_end:
            yield change
            continue
        old_words = _WORDS.findall(old, change.start, change.end)
        new_words = _WORDS.findall(new, change.new_start, change.new_end)
        words, steps = _myers(old_words, new_words, budget)
        budget -= steps
        for part in _in_characters(words, change, old_words, new_words):
            yield _trim(old, new, part)


def _trim(old: str, new: str, change: _Change) -> _Change:
    """Shrink a change by what both sides begin and end with."""
    start, end, new_start, new_end = change
    head = _common_length(old[start:end], new[new_start:new_end])
    start, new_start = start + head, new_start + head
    tail = _common_length(old[start:end][::-1], new[new_start:new_end][::-1])
    return _Change(start, end - tail, new_start, new_end - tail)


def _common_length(left: str, right: str) -> int:
    """Return the length of the common beginning; compares slices, so a megabyte takes no loop over characters."""
    low, high = 0, min(len(left), len(right))
    if left[:high] == right[:high]:
        return high
    while low + 1 < high:
        middle = (low + high) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle
    return low + (left[low : low + 1] == right[low : low + 1] and low < min(len(left), len(right)))


def _to_whole_lines(old: str, change: _Change) -> _Change:
    """Grow a trimmed change to the lines it touches; what is added is the same on both sides."""
    head = change.start - (old.rfind("\n", 0, change.start) + 1)
    tail = (old.find("\n", change.end) + 1 or len(old)) - change.end
    return _Change(change.start - head, change.end + tail, change.new_start - head, change.new_end + tail)


def _to_whole_words(old: str, change: _Change, around: _Change) -> _Change:
    """Grow a trimmed change to the words it cuts, or half of them would be matched with other words."""
    head = tail = 0
    while head < min(_WORD_LIMIT, change.start - around.start) and _is_word(old[change.start - head - 1]):
        head += 1
    while tail < min(_WORD_LIMIT, around.end - change.end) and _is_word(old[change.end + tail]):
        tail += 1
    return _Change(change.start - head, change.end + tail, change.new_start - head, change.new_end + tail)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _compare_lines(old: str, new: str, whole: _Change) -> Iterator[_Change]:
    """Yield the changes between matched lines, counted in characters of the texts."""
    old_lines = old[whole.start : whole.end].splitlines(keepends=True)
    new_lines = new[whole.new_start : whole.new_end].splitlines(keepends=True)
    if len(old_lines) + len(new_lines) > _LINES_LIMIT:
        yield whole
        return
    changes = list(_patience(old_lines, new_lines, _Change(0, len(old_lines), 0, len(new_lines)), _ANCHOR_ROUNDS))
    yield from _in_characters(changes, whole, old_lines, new_lines) if len(changes) <= _CHANGES_LIMIT else (whole,)


def _patience(old: Sequence[str], new: Sequence[str], change: _Change, rounds: int) -> Iterator[_Change]:
    start, end, new_start, new_end = change
    while start < end and new_start < new_end and old[start] == new[new_start]:
        start, new_start = start + 1, new_start + 1
    while start < end and new_start < new_end and old[end - 1] == new[new_end - 1]:
        end, new_end = end - 1, new_end - 1
    if start == end and new_start == new_end:
        return
    is_small = end - start < 2 and new_end - new_start < 2
    anchors = [] if is_small or not rounds else _anchors(old[start:end], new[new_start:new_end])
    if not anchors:
        yield from _pair_lines(_Change(start, end, new_start, new_end))
        return
    at, new_at = start, new_start
    for line, new_line in [*anchors, (end - start, new_end - new_start)]:
        yield from _patience(old, new, _Change(at, start + line, new_at, new_start + new_line), rounds - 1)
        at, new_at = start + line + 1, new_start + new_line + 1


def _pair_lines(change: _Change) -> Iterator[_Change]:
    """Yield as many changes as there are lines when both sides have the same number, as after indenting."""
    lines = change.end - change.start
    if lines != change.new_end - change.new_start:
        yield change
        return
    for line in range(lines):
        at, new_at = change.start + line, change.new_start + line
        yield _Change(at, at + 1, new_at, new_at + 1)


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the longest run, rising on both sides, of pairs of lines that occur once on both sides."""
    old_counts, new_counts = Counter(old), Counter(new)
    places = {line: index for index, line in enumerate(new) if new_counts[line] == 1}
    pairs = [(index, places[line]) for index, line in enumerate(old) if line in places and old_counts[line] == 1]
    tails: list[int] = []  # the least place at which a run of each length can end
    ends: list[int] = []  # the pair at which it does
    before: list[int] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [place]
        ends[length : length + 1] = [index]
    run = []
    index = ends[-1] if ends else -1
    while index >= 0:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]


def _in_characters(
    changes: Sequence[_Change], around: _Change, old_parts: Sequence[str], new_parts: Sequence[str]
) -> Iterator[_Change]:
    """Turn changes counted in parts of the change around them into changes counted in characters."""
    old_at, new_at = around.start, around.new_start
    part, new_part = 0, 0
    for change in changes:
        start = old_at + sum(map(len, old_parts[part : change.start]))
        new_start = new_at + sum(map(len, new_parts[new_part : change.new_start]))
        old_at = start + sum(map(len, old_parts[change.start : change.end]))
        new_at = new_start + sum(map(len, new_parts[change.new_start : change.new_end]))
        part, new_part = change.end, change.new_end
        yield _Change(start, old_at, new_start, new_at)


def _myers(old: Sequence[str], new: Sequence[str], budget: int) -> tuple[list[_Change], int]:
    """Return the fewest changes, and the steps it took to find them; one change of all when they are too many."""
    reach = {1: 0}  # diagonal (old - new) -> the farthest place in old
    trail: list[dict[int, int]] = []
    steps = 0
    for differences in range(_DIFFERENCES_LIMIT + 1):
        trail.append(reach.copy())
        steps += differences + 1
        for diagonal in range(-differences, differences + 1, 2):
            down = diagonal == -differences or (diagonal != differences and reach[diagonal - 1] < reach[diagonal + 1])
            at = first = reach[diagonal + 1] if down else reach[diagonal - 1] + 1
            new_at = at - diagonal
            while at < len(old) and new_at < len(new) and old[at] == new[new_at]:
                at, new_at = at + 1, new_at + 1
            steps += at - first + 1
            reach[diagonal] = at
            if at >= len(old) and new_at >= len(new):
                return _retrace(trail, len(old), len(new)), steps
        if steps > budget:
            break
    return [_Change(0, len(old), 0, len(new))], steps


def _retrace(trail: list[dict[int, int]], at: int, new_at: int) -> list[_Change]:
    changes: list[_Change] = []
    for differences in range(len(trail) - 1, 0, -1):
        reach = trail[differences]
        diagonal = at - new_at
        down = diagonal == -differences or (diagonal != differences and reach[diagonal - 1] < reach[diagonal + 1])
        start = reach[diagonal + 1] if down else reach[diagonal - 1]
        new_start = start - (diagonal + 1 if down else diagonal - 1)
        step = _Change(start, start + (not down), new_start, new_start + down)
        if changes and (changes[-1].start, changes[-1].new_start) == (step.end, step.new_end):
            step = _Change(step.start, changes[-1].end, step.new_start, changes[-1].new_end)
            changes.pop()
        changes.append(step)
        at, new_at = start, new_start
    return changes[::-1]
