"""What the rules on paths leave of a role's rights: the one place that decides it. Pure."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from server.access.globs import compiled

DIRECTORIES_KEPT = 1_000  # of one role in one project, whose verdicts are remembered; past it they are found anew


class PathAccess(StrEnum):
    """HIDDEN: it does not exist. READ_ONLY: it cannot be changed. OPEN: as the role says."""

    HIDDEN = "hidden"
    READ_ONLY = "read_only"
    OPEN = "open"


class PathRule(NamedTuple):
    """`glob` was checked by `check_glob`."""

    glob: str
    access: PathAccess


class _Verdict(NamedTuple):
    """`rule`: the number of the last rule that matches a path or a directory above it, -1 for none."""

    rule: int
    access: PathAccess


class PathRights:
    """The rules of one role in one project, in their order; equal when they are. Asking costs no I/O.

    The last rule that matches a path, or a directory above it, decides; but what is in a hidden directory is hidden.
    With `folds_case`, letters match whatever their case.
    """

    def __init__(self, rules: Iterable[PathRule] = (), *, folds_case: bool = False) -> None:
        self.rules = tuple(rules)
        self._folds_case = folds_case and bool(self.rules)
        globs = [rule.glob.lower() if folds_case else rule.glob for rule in self.rules]
        self._globs = [compiled(glob) for glob in globs]
        self._directories: dict[str, _Verdict] = {}
        self._hash = hash((self.rules, self._folds_case))

    @property
    def is_empty(self) -> bool:
        """Whether every path is open."""
        return not self.rules

    def access(self, path: str) -> PathAccess:
        """What the role may do with a path, whether anything is there or not."""
        if not self.rules:
            return PathAccess.OPEN
        return self._verdict((path.lower() if self._folds_case else path).split("/")).access

    def sees(self, path: str) -> bool:
        return self.access(path) is not PathAccess.HIDDEN

    def may_change(self, path: str) -> bool:
        return self.access(path) is PathAccess.OPEN

    def _verdict(self, parts: list[str]) -> _Verdict:
        above = _Verdict(-1, PathAccess.OPEN)
        for depth in range(1, len(parts)):
            above = self._directory(parts[:depth], above)
            if above.access is PathAccess.HIDDEN:
                return above
        return self._own(parts, above)

    def _directory(self, parts: list[str], above: _Verdict) -> _Verdict:
        path = "/".join(parts)
        verdict = self._directories.get(path)
        if verdict is None:
            if len(self._directories) >= DIRECTORIES_KEPT:
                self._directories.clear()
            verdict = self._directories[path] = self._own(parts, above)
        return verdict

    def _own(self, parts: list[str], above: _Verdict) -> _Verdict:
        for number in range(len(self.rules) - 1, above.rule, -1):
            if self._globs[number].matches(parts):
                return _Verdict(number, self.rules[number].access)
        return above

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PathRights):
            return NotImplemented
        return (self.rules, self._folds_case) == (other.rules, other._folds_case)

    def __hash__(self) -> int:
        return self._hash


EVERY_PATH = PathRights()
