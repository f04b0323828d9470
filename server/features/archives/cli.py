"""`project import` and `project export`: the same work as over HTTP, with a folder of the disk as a third source."""

import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated
from uuid import UUID, uuid4

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from protocol.ids import ProjectId
from server.access.people import user_of
from server.archive.entry import ArchiveRefused
from server.archive.packing import ArchiveFormat
from server.archive.plan import Choice
from server.clock import SystemClock
from server.errors import Invalid, NotFound
from server.feature import CommandLine
from server.features.archives.exporting import Export, Exporter
from server.features.archives.importing import Importer, Wanted
from server.features.archives.importing import Progress as Imported
from server.features.archives.unpacking import Source
from server.features.files.tree import valid_path
from server.settings import Settings
from server.store import archives as store
from server.store import projects
from server.store.blobs.blobs import blobs_of
from server.store.db import Database

archive_commands = typer.Typer(no_args_is_help=True)
CLI = {"project": archive_commands}

READABLE_BY_ALL = 0o644


@archive_commands.command(
    "import",
    epilog="Examples: `python -m server project import ./lander --owner ada@x.org`, "
    "`... project import lander.zip --name Lander --owner ada@x.org`, "
    "`... project import more.tar.gz --owner ada@x.org --into 0199f2c4-... --directory vendor`",
)
def import_command(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="A folder, or a .zip, .tar or .tar.gz archive.", exists=True)],
    owner: Annotated[str, typer.Option(help="E-mail address of the person who brings it; owns a new project.")],
    name: Annotated[str | None, typer.Option(help="Name of the new project; else the source's.")] = None,
    into: Annotated[UUID | None, typer.Option(help="Id of a project that is there, instead of a new one.")] = None,
    directory: Annotated[str, typer.Option(help="Directory inside the project; else its root.")] = "",
    everything: Annotated[
        bool, typer.Option("--everything", help="Take .git, node_modules and what a .gitignore names, too.")
    ] = False,
    keep_case_clashes: Annotated[
        bool, typer.Option("--keep-case-clashes", help="Let the new project hold README beside readme.")
    ] = False,
) -> None:
    """Make a project of a folder or an archive, all of it or nothing, and print its id."""
    choice = Choice(takes_everything=everything, keeps_case_clashes=keep_case_clashes)

    async def work(db: Database, settings: Settings) -> None:
        wanted = Wanted(
            user_id=await user_of(db, owner),
            request_key=uuid4(),
            choice=choice,
            new_name=name or _name_of(source),
            project_id=None if into is None else ProjectId(into),
            into=valid_path(directory) if directory else "",
        )
        print(await _import(db, settings, wanted, source))

    CommandLine.of(context).run(work)


@archive_commands.command("export", epilog="Example: `python -m server project export 0199f2c4-... lander.zip`")
def export_command(
    context: typer.Context,
    project_id: Annotated[UUID, typer.Argument(metavar="ID", help="The project's id.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it: a .zip or a .tar.gz.")],
) -> None:
    """Write a project into an archive, with the newest committed text of every document."""
    kind = _format_of(file)

    async def work(db: Database, settings: Settings) -> None:
        exporter = Exporter(db, SystemClock(), settings, blobs_of(settings, db))
        export = await exporter.begin(ProjectId(project_id), lambda _path: True)
        await _write(exporter.stream(export, kind), export, file)
        for path in export.left_out:
            print(f"left out: the link {path}, which leads out of the project", file=sys.stderr)

    CommandLine.of(context).run(work)


async def _import(db: Database, settings: Settings, wanted: Wanted, source: Path) -> ProjectId:
    importer = Importer(db, SystemClock(), settings, blobs_of(settings, db))
    if wanted.project_id is not None:
        async with db.acquire() as connection:
            project = await projects.get_project(connection, wanted.project_id)
        if project is None or project.deleted_at is not None:
            raise NotFound("There is no such project.")
    import_id = await importer.begin(wanted)
    if import_id is None:
        raise RuntimeError("a new key was known already")
    try:
        with _import_bar() as told, _source(source) as opened:
            await importer.run(import_id, wanted, opened, told)
    except ArchiveRefused as error:
        raise Invalid(f"{source}: {error}") from None
    async with db.acquire() as connection:
        row = await store.get_import.one(connection, user_id=wanted.user_id, import_id=import_id)
    for warning in row.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if row.skipped:
        print(f"left out: {row.skipped} that are ignored; --everything takes them", file=sys.stderr)
    if row.project_id is None:
        raise RuntimeError("an import that ended well has no project")
    return ProjectId(row.project_id)


async def _write(pieces: AsyncIterator[bytes], export: Export, file: Path) -> None:
    with _whole(file) as partial, _bar() as bar:
        task = bar.add_task("exporting", total=export.size or None)
        written = 0
        async for piece in pieces:
            partial.write(piece)
            written += len(piece)
            bar.update(task, completed=min(written, export.size))
        bar.update(task, completed=export.size)


@contextmanager
def _whole(file: Path) -> Iterator[IO[bytes]]:
    """The file appears whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=file.resolve().parent, prefix=f".{file.name}.", delete=False) as partial:
        place = Path(partial.name)
        try:
            yield partial
        except BaseException:
            place.unlink()
            raise
    place.chmod(READABLE_BY_ALL)
    place.replace(file)


@contextmanager
def _source(path: Path) -> Iterator[Source]:
    if path.is_dir():
        yield path
        return
    with path.open("rb") as archive:
        yield archive


@contextmanager
def _import_bar() -> Iterator[Callable[[Imported], None]]:
    with _bar() as bar:
        task = bar.add_task("importing", total=None)
        yield lambda imported: bar.update(task, completed=imported.bytes, total=imported.planned.total_bytes or None)


def _bar() -> Progress:
    """On standard error, and only for people: standard output holds what a script wants."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(binary_units=True), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _name_of(source: Path) -> str:
    name = source.resolve().name
    for ending in (".zip", ".tar.gz", ".tgz", ".tar"):
        name = name.removesuffix(ending)
    return name or "Imported"


def _format_of(file: Path) -> ArchiveFormat:
    for kind in ArchiveFormat:
        if file.name.endswith(f".{kind.value}"):
            return kind
    raise Invalid(f"{file} ends neither with .zip nor with .tar.gz.")
