"""What the setup steps share: running a program, saying a line, and remembering what was done."""

import hashlib
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class SetupError(Exception):
    """Setup cannot go on; the message is one sentence that says what to do."""


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def run(command: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None, or_else: str) -> None:
    """Run a program with its output shown.

    Raises:
        SetupError: with the sentence `or_else`, when the program fails or does not exist.
    """
    arguments = [str(part) for part in command]
    whole_env = {**os.environ, **(env or {})}
    try:
        done = subprocess.run(arguments, check=False, cwd=cwd, env=whole_env, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise SetupError(f"{or_else} ({error})") from error
    if done.returncode != 0:
        raise SetupError(f"{or_else} ({arguments[0]} ended with {done.returncode})")


def digest(paths: Iterable[Path]) -> str:
    """Return one hash over the names and contents of the files that exist, in the order given."""
    total = hashlib.sha256()
    for path in paths:
        if path.is_file():
            total.update(f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


class Stamp:
    """Remembers, inside the folder that a step made, which inputs it was made from.

    Invariant: the stamp is written last, so a step that was interrupted is never taken for done; and it dies with its
    folder, so deleting the folder is enough to have it made again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def says(self, key: str) -> bool:
        try:
            return self._path.read_text() == key
        except OSError:
            return False

    def write(self, key: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(key)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)
