"""Globs over project paths, written as in .gitignore, many of them matched at once. Pure.

Invariant: matching takes at most the length of the globs times that of the path, whoever wrote either. So the parts
between slashes are translated by `fnmatch`, whose expressions do not go back, and `**` is walked here.
"""

import fnmatch
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

ANY_DEPTH = "**"
MAX_PARTS = 16  # of one glob: each may be under way at every part of a path
PARTS_KEPT = 10_000  # compiled; the same names stand in the globs of many projects
PLACES_KEPT = 1_000  # sets of states whose ends are joined to one expression; past it they are joined anew

States = frozenset[tuple[int, int]]  # (number of a glob, which of its parts comes next)


class GlobRefused(ValueError):
    """The message says what to write instead."""


def check_glob(text: str) -> str:
    """Return the glob in its one form (NFC).

    Raises:
        GlobRefused: it could never match, or would mean something else than in .gitignore.
    """
    normal = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in normal):
        raise GlobRefused("A glob has no control characters.")
    if "\\" in normal:
        raise GlobRefused("A glob has no backslash. Write [*] for the character * itself.")
    if normal.startswith("!"):
        raise GlobRefused("A glob is not negated by '!'. Add a rule with the access `open` after the others.")
    if normal.endswith("/"):
        raise GlobRefused("Leave out the '/' at the end: a glob means files and directories alike, with all below.")
    parts = normal.removeprefix("/").split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise GlobRefused("A glob has no empty part and no '.' or '..', as paths have none.")
    if len(parts) > MAX_PARTS:
        raise GlobRefused(f"A glob has at most {MAX_PARTS} parts. Write ** for those in the middle.")
    return normal


class Globs:
    """Checked globs, followed together down a path, part by part: `start`, then `below` each directory."""

    def __init__(self, globs: Iterable[str]) -> None:
        self._globs = [_expressions(glob) for glob in globs]
        self._ends: dict[States, tuple[re.Pattern[str] | None, list[int]]] = {}
        self.start = self._with_skips((number, 0) for number in range(len(self._globs)))

    def below(self, states: States, name: str) -> States:
        """Where the globs stand in a directory of this name."""
        following = []
        for number, at in states:
            expression = self._globs[number][at]
            if expression is None:
                following.append((number, at))
            elif at + 1 < len(self._globs[number]) and expression.match(name):
                following.append((number, at + 1))
        return self._with_skips(following)

    def last(self, states: States, name: str) -> int:
        """The number of the last glob that ends with this name here; -1 when none does."""
        known = self._ends.get(states)
        if known is None:
            if len(self._ends) >= PLACES_KEPT:
                self._ends.clear()
            known = self._ends[states] = self._joined_ends(states)
        expression, numbers = known
        found = None if expression is None else expression.match(name)
        return -1 if found is None or found.lastindex is None else numbers[found.lastindex - 1]

    def _with_skips(self, states: Iterable[tuple[int, int]]) -> States:
        """`**` stands for no directory, too."""
        reached = set(states)
        for number, at in list(reached):
            while self._globs[number][at] is None:
                at += 1  # noqa: PLW2901 - a `**` is never the last part
                reached.add((number, at))
        return frozenset(reached)

    def _joined_ends(self, states: States) -> tuple[re.Pattern[str] | None, list[int]]:
        """One expression for all that may end here: of alternatives the first that matches counts, so the last rule."""
        numbers = sorted({number for number, at in states if at + 1 == len(self._globs[number])}, reverse=True)
        ends = [end.pattern for number in numbers if (end := self._globs[number][-1]) is not None]
        return (re.compile("|".join(f"({end})" for end in ends)) if ends else None), numbers


def _expressions(glob: str) -> Sequence[re.Pattern[str] | None]:
    """An expression for each part, None for any number of directories. Without a slash in it, it matches anywhere."""
    parts = glob.removeprefix("/").split("/")
    if "/" not in glob:
        parts.insert(0, ANY_DEPTH)
    if parts[-1] == ANY_DEPTH:
        parts.append("*")  # what is below, not the directory itself
    return [None if part == ANY_DEPTH else _expression(part) for part in parts]


@lru_cache(PARTS_KEPT)
def _expression(part: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(part))
