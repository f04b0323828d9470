"""What the rules on paths leave of a role's rights: the one place that decides it. Pure."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from server.access.globs import Globs, States

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


class _Directory(NamedTuple):
    """`rule`: the number of the last rule that matches it or a directory above, -1 for none."""

    states: States
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
        self._globs = Globs(rule.glob.lower() if folds_case else rule.glob for rule in self.rules)
        self._root = _Directory(self._globs.start, -1, PathAccess.OPEN)
        self._directories: dict[str, _Directory] = {}
        self._hash = hash((self.rules, self._folds_case))

    @property
    def is_empty(self) -> bool:
        """Whether every path is open."""
        return not self.rules

    def access(self, path: str) -> PathAccess:
        """What the role may do with a path, whether anything is there or not."""
        if not self.rules:
            return PathAccess.OPEN
        above, _, name = (path.lower() if self._folds_case else path).rpartition("/")
        directory = self._directory(above) if above else self._root
        if directory.access is PathAccess.HIDDEN:
            return PathAccess.HIDDEN
        rule = self._globs.last(directory.states, name)
        return self.rules[rule].access if rule > directory.rule else directory.access

    def sees(self, path: str) -> bool:
        return self.access(path) is not PathAccess.HIDDEN

    def may_change(self, path: str) -> bool:
        return self.access(path) is PathAccess.OPEN

    def _directory(self, path: str) -> _Directory:
        known = self._directories.get(path)
        if known is not None:
            return known
        directory, at = self._root, 0
        while at < len(path) and directory.access is not PathAccess.HIDDEN:
            end = path.find("/", at)
            end = len(path) if end < 0 else end
            directory = self._directories.get(path[:end]) or self._learned(path[:end], directory, path[at:end])
            at = end + 1
        return directory

    def _learned(self, path: str, above: _Directory, name: str) -> _Directory:
        rule = max(self._globs.last(above.states, name), above.rule)
        access = self.rules[rule].access if rule >= 0 else PathAccess.OPEN
        if len(self._directories) >= DIRECTORIES_KEPT:
            self._directories.clear()
        learned = _Directory(self._globs.below(above.states, name), rule, access)
        self._directories[path] = learned
        return learned

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PathRights):
            return NotImplemented
        return (self.rules, self._folds_case) == (other.rules, other._folds_case)

    def __hash__(self) -> int:
        return self._hash


EVERY_PATH = PathRights()
