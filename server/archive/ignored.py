"""What of an archive is left out unless somebody wants everything: version control, packages, and what git ignores."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from pathspec import GitIgnoreSpec

NEVER_WANTED = frozenset({".git", ".hg", ".svn", "node_modules", "__MACOSX", ".DS_Store"})
GITIGNORE = ".gitignore"
MAX_GITIGNORE_BYTES = 1 << 20  # of all of them together


class Ignored:
    """`gitignores`: the text of each `.gitignore` under the directory that it lies in, empty for the root."""

    def __init__(self, gitignores: Mapping[str, str]) -> None:
        self._specs = {place: GitIgnoreSpec.from_lines(text.splitlines()) for place, text in gitignores.items()}
        self._directories: dict[str, bool] = {"": False}

    def is_ignored(self, path: str, *, is_directory: bool) -> bool:
        """Whether it or a directory above it is left out; what lies in an ignored directory cannot come back."""
        above = path.rpartition("/")[0]
        self._judge_directories(above)
        if self._directories[above]:
            return True
        if is_directory:
            self._judge_directories(path)
            return self._directories[path]
        return self._is_named(path, is_directory=False)

    def _judge_directories(self, path: str) -> None:
        if path in self._directories:
            return
        above = ""
        for parent in [*map(str, reversed(PurePosixPath(path).parents[:-1])), path]:
            if parent not in self._directories:
                self._directories[parent] = self._directories[above] or self._is_named(parent, is_directory=True)
            above = parent

    def _is_named(self, path: str, *, is_directory: bool) -> bool:
        """The deepest `.gitignore` that says something about it decides."""
        if path.rpartition("/")[2] in NEVER_WANTED:
            return True
        for place in map(str, PurePosixPath(path).parents):
            spec = self._specs.get("" if place == "." else place)
            if spec is None:
                continue
            below = path if place == "." else path[len(place) + 1 :]
            said = spec.check_file(below + "/" * is_directory).include
            if said is not None:
                return said
        return False
