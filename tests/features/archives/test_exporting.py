"""A project as an archive: everything in it, as it is now, and fit to be imported again."""

import asyncio
import io
import os
import tarfile
import zipfile
from typing import Any

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from protocol.files import DeleteFile, MakeDirectory, MakeLink, MoveFile, SetFileProperties
from server.archive.packing import ArchiveFormat
from server.errors import LimitReached
from server.features.archives.exporting import Exporter
from server.store.blobs.blobs import blobs_of
from tests.harness.archive_client import Archives
from tests.harness.drawn_trees import CONTENTS, KINDS_OF_ENTRY, MODES, PATHS, Tree, an_archive, fitting
from tests.harness.editor import Editor
from tests.harness.worker import Person, Worker, running_worker

KINDS = ("zip", "tar.gz")


def read_zip(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


async def a_full_project(worker: Worker, archives: Archives, ada: Person) -> str:
    """Text of every form, bytes, an empty directory, a link, an executable."""
    texts = {"crlf.txt": "one\r\ntwo\r\n", "bom.txt": "\ufeffhello\n", "src/run.sh": "#!/bin/sh\n", "old.log": "x"}
    project = await worker.project(ada, texts | {".gitignore": "*.log\n"})
    async with worker.client(ada, project) as client:
        await client.command(MakeDirectory(path="empty/inside"))
        await client.command(MakeLink(path="src/link", target="../crlf.txt"))
        await client.command(SetFileProperties(path="src/run.sh", is_executable=True))
        await client.command(SetFileProperties(path="bom.txt", permissions=0o600))
        await client.command(DeleteFile(path="old.log"))
    picture = await archives.http.put(f"/files/{project}/img/a.png", content=b"\x89PNG\0" + os.urandom(2_000_000))
    assert picture.status_code == 201
    return str(project)


async def test_a_zip_holds_every_file_link_and_directory(archives: Archives, worker: Worker, ada: Person) -> None:
    project = await a_full_project(worker, archives, ada)
    found = read_zip(await archives.exported(project))
    assert sorted(found) == [
        *(".gitignore", "bom.txt", "crlf.txt", "empty/", "empty/inside/"),
        *("img/", "img/a.png", "src/", "src/link", "src/run.sh"),
    ]
    assert found["crlf.txt"] == b"one\r\ntwo\r\n"
    assert found["bom.txt"] == b"\xef\xbb\xbfhello\n"
    assert found["src/link"] == b"../crlf.txt"
    assert found["img/a.png"] == await archives.content(project, "img/a.png")


async def test_a_tar_holds_the_same_with_its_permissions(archives: Archives, worker: Worker, ada: Person) -> None:
    project = await a_full_project(worker, archives, ada)
    with tarfile.open(fileobj=io.BytesIO(await archives.exported(project, "tar.gz"))) as archive:
        modes = {member.name: member.mode for member in archive}
        assert archive.getmember("src/link").linkname == "../crlf.txt"
    assert (modes["src/run.sh"], modes["bom.txt"], modes["crlf.txt"]) == (0o755, 0o600, 0o644)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_exported_imports_again_to_the_same_archive(
    archives: Archives, worker: Worker, ada: Person, kind: str
) -> None:
    project = await a_full_project(worker, archives, ada)
    data = await archives.exported(project, kind)
    ended = await archives.imported(data)
    assert (ended["state"], ended["skipped"]) == ("done", 0)
    assert await archives.exported(ended["projectId"], kind) == data


async def test_an_export_is_the_same_every_time(archives: Archives, worker: Worker, ada: Person) -> None:
    project = await a_full_project(worker, archives, ada)
    for kind in KINDS:
        assert await archives.exported(project, kind) == await archives.exported(project, kind)


async def test_an_export_holds_the_newest_committed_text(archives: Archives, worker: Worker, ada: Person) -> None:
    """The file row still shows the old one: it is refreshed after quiet."""
    project = str(await worker.project(ada, {"a.txt": "old\r\n"}))
    async with worker.client(ada, project) as client:
        editor = await Editor().open(client, "a.txt")
        await editor.type(0, "new and ")
        await editor.channel.when_saved()
        for kind in KINDS:
            ended = await archives.imported(await archives.exported(project, kind))
            assert await archives.content(ended["projectId"], "a.txt") == b"new and old\r\n"


async def test_a_link_that_a_move_made_lead_out_is_left_out_and_counted(
    archives: Archives, worker: Worker, ada: Person
) -> None:
    project = str(await worker.project(ada, {"deep/down/a.txt": "a"}))
    async with worker.client(ada, project) as client:
        await client.command(MakeLink(path="deep/down/link", target="../../x"))
        await client.command(MoveFile(path="deep/down/link", to="link"))
    got = await archives.http.get(f"/archives/{project}.zip")
    assert got.headers["x-left-out"] == "1"
    assert "link" not in read_zip(got.content)
    assert (await archives.imported(got.content))["state"] == "done"


async def test_who_may_not_read_exports_nothing(worker: Worker, ada: Person) -> None:
    """P5."""
    project = await worker.project(ada, {"a.txt": "a"})
    async with worker.http(await worker.person("eve")) as http:
        for kind in KINDS:
            assert (await http.get(f"/archives/{project}.{kind}")).status_code == 404
    async with worker.http(await worker.joined(project, "vic", "viewer")) as http:
        assert (await http.get(f"/archives/{project}.zip")).status_code == 200


async def test_an_export_is_a_download_that_can_never_act_as_our_page(
    archives: Archives, worker: Worker, ada: Person
) -> None:
    project = await worker.project(ada, {"a.html": "<script>alert(1)</script>"})
    got = await archives.http.get(f"/archives/{project}.zip")
    assert got.headers["content-disposition"].startswith('attachment; filename="Sketch.zip"')
    assert got.headers["content-security-policy"].startswith("sandbox")
    assert got.headers["x-content-type-options"] == "nosniff"


async def test_so_many_exports_run_at_once_and_a_broken_one_makes_room(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url, max_exports=1) as worker:
        ada = await worker.person()
        project = await worker.project(ada, {"a.txt": "a", "b.txt": "b"})
        app = worker.app
        exporter = Exporter(app.db, app.clock, app.settings, blobs_of(app.settings, app.db))
        export = await exporter.begin(project, lambda _path: True)
        first = exporter.stream(export, ArchiveFormat.ZIP)
        await anext(first)
        with pytest.raises(LimitReached, match="Try again"):
            await anext(exporter.stream(export, ArchiveFormat.ZIP))
        await first.aclose()
        await anext(exporter.stream(export, ArchiveFormat.ZIP))


TREES = st.dictionaries(PATHS, st.tuples(KINDS_OF_ENTRY, CONTENTS, PATHS, MODES), max_size=12).map(fitting)


def test_whatever_is_imported_exports_and_imports_again_byte_for_byte(database_url: str) -> None:
    """Whole projects: names in every script, links, permissions, empty directories, text and bytes."""
    with asyncio.Runner() as runner:
        running = running_worker(database_url)
        worker = runner.run(running.__aenter__())
        person = runner.run(worker.person())

        @settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.generate))
        @given(tree=TREES, kind=st.sampled_from(KINDS))
        def round_trip(tree: Tree, kind: str) -> None:
            runner.run(expect_round_trip(worker, person, tree, kind))

        try:
            round_trip()
        finally:
            runner.run(running.__aexit__(None, None, None))


async def expect_round_trip(worker: Worker, person: Person, tree: Tree, kind: str) -> None:
    async with worker.http(person) as http:
        archives = Archives(http, worker)
        first = await archives.imported(an_archive(tree), everything="true", keepCaseClashes="true")
        assume(first["state"] == "done" or "leads out" not in first["reason"])
        assert first["state"] == "done", first["reason"]
        data = await archives.exported(first["projectId"], kind)
        second = await archives.imported(data, keepCaseClashes="true")
        assert second["state"] == "done", second["reason"]
        assert await archives.exported(second["projectId"], kind) == data
        before, after = await archives.files(first["projectId"]), await archives.files(second["projectId"])
        assert [facts(before[path]) for path in before] == [facts(after[path]) for path in after]
        assert {path for path, (what, *_) in tree.items() if what != "link"} <= set(after)


def facts(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in ("id", "updatedAt")}
