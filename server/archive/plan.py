"""What an archive is to become in a project, judged before a byte of its contents is read. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from protocol.paths import PathRefused, check_link_target, check_path
from server.archive.entry import ArchiveRefused, Entry, Kind, shown
from server.archive.ignored import Ignored
from server.archive.limits import MIB, ArchiveLimits
from server.archive.links import leads_out

PLAIN_MODE, EXECUTABLE_MODE = 0o644, 0o755
OWNER_MAY_EXECUTE = 0o100
READABLE, WRITABLE_OR_READABLE = 0o444, 0o666


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """`permissions` None: those that its executable bit alone implies."""

    place: int
    path: str
    size: int
    is_executable: bool
    permissions: int | None


@dataclass(slots=True)
class Plan:
    """`directories` holds those that follow from other paths too, each after the one it lies in."""

    directories: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    files: list[PlannedFile] = field(default_factory=list)
    skipped: int = 0
    total_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """What whoever imports decided."""

    takes_everything: bool = False
    keeps_case_clashes: bool = False


def planned(
    entries: Iterable[Entry], gitignores: Mapping[str, str] | None, limits: ArchiveLimits, *, keeps_case_clashes: bool
) -> Plan:
    """Judge every member; `gitignores` None: nothing is left out.

    Raises:
        ArchiveRefused: a member breaks a rule, two of them cannot live together, or there is too much.
    """
    planning = _Planning(limits, None if gitignores is None else Ignored(gitignores))
    for entry in entries:
        planning.take(entry)
    return planning.finished(keeps_case_clashes=keeps_case_clashes)


def path_of(name: str) -> str | None:
    """The project path that a member's name means; None for the root itself.

    Raises:
        ArchiveRefused: it is absolute, leads out, or is no project path.
    """
    if name.startswith("/"):
        raise ArchiveRefused(f"{shown(name)} is an absolute path. An archive holds relative ones.")
    if ".." in name.split("/"):
        raise ArchiveRefused(f"{shown(name)} leads out of the archive.")
    bare = name.rstrip("/")
    while bare.startswith("./"):
        bare = bare[2:].lstrip("/")
    if bare in ("", "."):
        return None
    try:
        return check_path(bare)
    except PathRefused as error:
        raise ArchiveRefused(f"{shown(name)}: {error}") from None


def unix_mode(permissions: int, *, is_executable: bool) -> int:
    """The permissions of a file, where whoever reads an executable one may execute it, and nobody any other."""
    mode = permissions & WRITABLE_OR_READABLE
    return mode | (mode & READABLE) >> 2 | OWNER_MAY_EXECUTE if is_executable else mode


class _Planning:
    def __init__(self, limits: ArchiveLimits, ignored: Ignored | None) -> None:
        self._limits = limits
        self._ignored = ignored
        self._plan = Plan()
        self._kinds: dict[str, Kind] = {}

    def take(self, entry: Entry) -> None:
        path = path_of(entry.name)
        if path is None:
            if entry.kind is not Kind.DIRECTORY:
                raise ArchiveRefused(f"{shown(entry.name)} is no name for a file.")
            return
        if self._ignored is not None and self._ignored.is_ignored(path, is_directory=entry.kind is Kind.DIRECTORY):
            self._plan.skipped += 1
            return
        if entry.kind in (Kind.HARD_LINK, Kind.OTHER):
            raise ArchiveRefused(f"{shown(path)} is a {entry.kind.value}. Files, directories and symbolic links count.")
        self._name(path, entry.kind)
        if entry.kind is Kind.LINK:
            self._plan.links[path] = _target_of(path, entry.target or "")
        elif entry.kind is Kind.FILE:
            self._add_file(path, entry)

    def finished(self, *, keeps_case_clashes: bool) -> Plan:
        self._plan.directories = sorted(path for path, kind in self._kinds.items() if kind is Kind.DIRECTORY)
        for path in self._plan.links:
            if leads_out(path, self._plan.links):
                raise ArchiveRefused(f"The symbolic link {shown(path)} leads out of the archive by way of another one.")
        if not keeps_case_clashes:
            _refuse_case_clashes(self._kinds)
        return self._plan

    def _add_file(self, path: str, entry: Entry) -> None:
        plan, limits = self._plan, self._limits
        if entry.size > limits.file_bytes:
            raise ArchiveRefused(f"{shown(path)} has {entry.size} bytes. A file holds at most {limits.file_bytes}.")
        plan.total_bytes += entry.size
        if plan.total_bytes > limits.total_bytes:
            raise ArchiveRefused(f"It unpacks to more than the {limits.total_bytes // MIB} MiB that a project holds.")
        given = PLAIN_MODE if entry.mode is None else entry.mode
        is_executable = bool(given & OWNER_MAY_EXECUTE)
        mode = unix_mode(given, is_executable=is_executable)
        is_plain = mode in (PLAIN_MODE, EXECUTABLE_MODE)
        plan.files.append(PlannedFile(entry.place, path, entry.size, is_executable, None if is_plain else mode))

    def _name(self, path: str, kind: Kind) -> None:
        """Take a path, and the directories above it that nobody named yet."""
        known = self._kinds.get(path)
        if known is not None and known is not kind:
            raise ArchiveRefused(f"{shown(path)} is both a {known.value} and a {kind.value}.")
        if known is not None and kind is not Kind.DIRECTORY:
            raise ArchiveRefused(f"{shown(path)} is in the archive twice.")
        self._kinds[path] = kind
        above = path.rpartition("/")[0]
        while above and self._kinds.get(above) is not Kind.DIRECTORY:
            if above in self._kinds:
                raise ArchiveRefused(f"{shown(above)} is a {self._kinds[above].value}, and {shown(path)} lies in it.")
            self._kinds[above] = Kind.DIRECTORY
            above = above.rpartition("/")[0]
        if len(self._kinds) > self._limits.files:
            raise ArchiveRefused(f"It has more than the {self._limits.files} files that a project holds.")


def _target_of(path: str, target: str) -> str:
    try:
        return check_link_target(path, target)
    except PathRefused as error:
        raise ArchiveRefused(f"The symbolic link {shown(path)} to {shown(target)}: {error}") from None


def _refuse_case_clashes(paths: Iterable[str]) -> None:
    folded: dict[str, str] = {}
    for path in paths:
        other = folded.setdefault(path.lower(), path)
        if other != path:
            raise ArchiveRefused(
                f"{shown(other)} and {shown(path)} differ only by case, so many disks cannot hold both. "
                "Rename one, or choose to keep both."
            )
