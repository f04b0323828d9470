"""What comes out of an archive, one message after the other: first all that it is to become, then the contents."""

from collections.abc import Iterator
from dataclasses import dataclass

from server.archive.alike import look_alikes
from server.archive.entry import ArchiveRefused, Kind, Reader, shown
from server.archive.ignored import GITIGNORE, MAX_GITIGNORE_BYTES
from server.archive.limits import ArchiveLimits
from server.archive.plan import Choice, Plan, planned


@dataclass(frozen=True, slots=True)
class Planned:
    """The archive was judged: so many files come, with directories and links, and so much was left out."""

    files: int
    total_bytes: int
    skipped: int
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class Directory:
    """Comes after the one that it lies in, and before every file."""

    path: str


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link that stays inside."""

    path: str
    target: str


@dataclass(frozen=True, slots=True)
class Began:
    """A file; its bytes follow, then `Ended`. `permissions` None: those that its executable bit alone implies."""

    path: str
    size: int
    is_executable: bool
    permissions: int | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The file that began last is whole."""


Unpacked = Planned | Directory | Link | Began | bytes | Ended


def unpack(reader: Reader, choice: Choice, limits: ArchiveLimits) -> Iterator[Unpacked]:
    """Judge an archive, then give its contents.

    Raises:
        ArchiveRefused: it breaks a rule; what was given before is to be forgotten.
    """
    takes_everything = choice.takes_everything or reader.is_ours
    gitignores = None if takes_everything else _gitignores(reader)
    plan = planned(reader.entries(), gitignores, limits, keeps_case_clashes=choice.keeps_case_clashes)
    names = [*plan.directories, *plan.links, *(file.path for file in plan.files)]
    alike = [f"{shown(one)} and {shown(other)} look the same." for one, other in look_alikes(names)]
    yield Planned(len(names), plan.total_bytes, plan.skipped, [*reader.warnings, *alike])
    for path in plan.directories:
        yield Directory(path)
    for path, target in plan.links.items():
        yield Link(path, target)
    yield from _contents(reader, plan)


def _contents(reader: Reader, plan: Plan) -> Iterator[Unpacked]:
    by_place = {file.place: file for file in plan.files}
    for place, pieces in reader.contents({place: file.path for place, file in by_place.items()}):
        file = by_place.pop(place)
        yield Began(file.path, file.size, file.is_executable, file.permissions)
        yield from pieces
        yield Ended()
    if by_place:
        raise ArchiveRefused("It changed while it was read.")


def _gitignores(reader: Reader) -> dict[str, str]:
    """The text of every `.gitignore` by the directory that it lies in; such names only, paths are judged later."""
    wanted: dict[int, str] = {}
    size = 0
    for entry in reader.entries():
        place, _, name = entry.name.removeprefix("./").rpartition("/")
        if name == GITIGNORE and entry.kind is Kind.FILE:
            wanted[entry.place] = place
            size += entry.size
    if size > MAX_GITIGNORE_BYTES:
        raise ArchiveRefused(f"Its .gitignore files have more than {MAX_GITIGNORE_BYTES} bytes. Take everything.")
    return {place: text.decode("utf-8", "replace") for place, text in reader.texts(wanted).items()}
