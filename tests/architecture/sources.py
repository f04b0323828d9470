"""A source file, as the rules see it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = frozenset({"node_modules", "dist", "__pycache__", "demo", "built_in"})  # sample programs: data to us


@dataclass(frozen=True)
class Source:
    """`path` is relative to the project's root."""

    path: PurePosixPath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    @property
    def module(self) -> str:
        """The dotted name; of an `__init__.py`, its package's."""
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def package(self) -> str:
        """The package that relative imports start from."""
        return self.module if self.path.name == "__init__.py" else self.module.rpartition(".")[0]

    def is_below(self, *folders_or_files: str) -> bool:
        """Tell whether this is one of the files, named without suffix, or lies in one of the folders."""
        name = str(self.path.with_suffix(""))
        return any(name == entry or name.startswith(f"{entry}/") for entry in folders_or_files)


def sources(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> Iterator[Source]:
    """Yield our files of these folders, in a stable order; a folder that is not there yet has none."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            relative = path.relative_to(ROOT)
            if path.suffix in suffixes and path.is_file() and not NOT_OURS.intersection(relative.parts):
                yield Source(PurePosixPath(relative), path.read_text(encoding="utf-8"))
