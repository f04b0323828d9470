"""Globs over project paths, written as in .gitignore. Pure.

Invariant: matching never takes longer than the length of the glob times that of the path, whoever wrote either. So the
parts between slashes are translated by `fnmatch`, whose expressions do not go back, and `**` is walked here.
"""

import fnmatch
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

ANY_DEPTH = "**"
PARTS_KEPT = 10_000  # compiled; the same names stand in the globs of many projects


class GlobRefused(ValueError):
    """The message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Glob:
    """`parts`: an expression per part of a path, None for any number of parts."""

    parts: "tuple[re.Pattern[str] | None, ...]"

    def matches(self, path: list[str]) -> bool:
        """Whether it matches a path, given as its parts: as a whole, not what lies below."""
        at, part, resume_at, resume_part = 0, 0, 0, -1
        while at < len(path):
            if part < len(self.parts) and (expression := self.parts[part]) is None:
                resume_at, resume_part, part = at, part, part + 1
            elif part < len(self.parts) and expression is not None and expression.match(path[at]):
                at, part = at + 1, part + 1
            elif resume_part >= 0:
                resume_at += 1
                at, part = resume_at, resume_part + 1
            else:
                return False
        return all(rest is None for rest in self.parts[part:])


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
    if any(part in ("", ".", "..") for part in normal.removeprefix("/").split("/")):
        raise GlobRefused("A glob has no empty part and no '.' or '..', as paths have none.")
    return normal


def compiled(glob: str) -> Glob:
    """A checked glob, ready to match. Without a slash in it, it matches at any depth."""
    parts = glob.removeprefix("/").split("/")
    if "/" not in glob:
        parts.insert(0, ANY_DEPTH)
    if parts[-1] == ANY_DEPTH:
        parts.append("*")  # what is below, not the directory itself
    return Glob(tuple(None if part == ANY_DEPTH else _expression(part) for part in parts))


@lru_cache(PARTS_KEPT)
def _expression(part: str) -> "re.Pattern[str]":
    return re.compile(fnmatch.translate(part))
