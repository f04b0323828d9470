"""Directories, links, properties, copies, deletions that come back, and names that differ by little."""

import hashlib

import pytest

from protocol.documents import OpenDocument, ReadDocument, WriteDocument
from protocol.files import (
    CopyFile,
    CreateFile,
    DeleteFile,
    FileEntry,
    ListDeletedFiles,
    ListFiles,
    MakeDirectory,
    MakeLink,
    MoveFile,
    RestoreFile,
    SetFileProperties,
)
from runner.hub_client import HubClient, ServerRefused
from tests.features.files.test_contents import PNG, get, put
from tests.harness.editor import Editor
from tests.harness.listener import Listener
from tests.harness.worker import Worker, running_worker


async def tree(client: HubClient) -> dict[str, FileEntry]:
    return {file.path: file for file in (await client.command(ListFiles())).files}


async def text(client: HubClient, path: str) -> str:
    return (await client.command(ReadDocument(path=path))).text


async def test_an_empty_directory_is_kept(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada)) as client:
        made = await client.command(MakeDirectory(path="a/empty"))
        assert (made.is_directory, list(await tree(client))) == (True, ["a", "a/empty"])
        with pytest.raises(ServerRefused, match="conflict"):
            await client.command(MakeDirectory(path="a/empty"))


async def test_a_link_is_data_that_nothing_follows(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"src/a.txt": "text"})
    async with worker.client(ada, project_id) as client, worker.http(ada, project_id) as http:
        made = await client.command(MakeLink(path="docs/link", target="../src/a.txt"))
        assert (made.is_symlink, made.symlink_target) == (True, "../src/a.txt")
        assert (await get(http, "docs/link")).status_code == 409
        assert (await put(http, "docs/link", b"over it")).status_code == 409
        with pytest.raises(ServerRefused, match="invalid"):
            await client.command(OpenDocument(path="docs/link"))
        with pytest.raises(ServerRefused, match="invalid"):
            await client.command(WriteDocument(path="docs/link", text="x"))
        with pytest.raises(ServerRefused, match="conflict"):
            await client.command(CreateFile(path="docs/link/below"))
        assert await text(client, "src/a.txt") == "text"


@pytest.mark.parametrize("target", ["/etc/passwd", "../../secret", "a/../../../b"])
async def test_a_link_out_of_the_project_is_refused(worker: Worker, target: str) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada)) as client:
        with pytest.raises(ServerRefused, match="invalid"):
            await client.command(MakeLink(path="a/link", target=target))
        assert await tree(client) == {}


async def test_properties_change_one_by_one_and_others_are_told(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"run.sh": "", ".env": ""})) as client:
        listener, start = Listener(client), client.welcome.seq
        assert [file.is_hidden for file in (await tree(client)).values()] == [True, False]
        await client.command(SetFileProperties(path="run.sh", is_executable=True, permissions=0o755))
        changed = await client.command(SetFileProperties(path="run.sh", is_hidden=True))
        assert (changed.is_executable, changed.permissions, changed.is_hidden) == (True, 0o755, True)
        await listener.until(start + 2)
        assert {name for name, _, _ in listener.events} == {"files/changed"}


async def test_a_new_name_brings_its_language_with_it(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"notes.txt": ""})) as client:
        moved = await client.command(MoveFile(path="notes.txt", to=".hidden.py"))
        assert (moved.language, moved.is_hidden) == ("python", True)


async def test_a_name_may_change_by_its_case_alone_and_open_editors_stay(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"src/readme.md": "text"})) as client:
        editor = await Editor().open(client, "src/readme.md")
        await client.command(MoveFile(path="src/readme.md", to="src/README.md"))
        await client.command(MoveFile(path="src", to="Src"))
        await editor.type(4, "!")
        await editor.channel.when_saved()
        assert list(await tree(client)) == ["Src", "Src/README.md"]
        assert await text(client, "Src/README.md") == "text!"


@pytest.mark.parametrize("path", ["README.MD", "SRC/new.txt", "src/ÉTÉ.txt"])
async def test_a_path_that_differs_only_by_case_is_refused(worker: Worker, path: str) -> None:
    ada = await worker.person()
    files = {"readme.md": "", "src/a.txt": "", "src/été.txt": "", "other": ""}
    project_id = await worker.project(ada, files)
    async with worker.client(ada, project_id) as client, worker.http(ada, project_id) as http:
        before = list(await tree(client))
        for command in (CreateFile(path=path), MoveFile(path="other", to=path), CopyFile(path="other", to=path)):
            with pytest.raises(ServerRefused, match="conflict"):
                await client.command(command)
        assert (await put(http, path, PNG)).status_code == 409
        assert list(await tree(client)) == before


async def test_a_copy_has_the_content_and_a_history_of_its_own(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"src/a.py": "a", "src/lib/b.py": "b"})
    async with worker.client(ada, project_id) as client, worker.http(ada, project_id) as http:
        await put(http, "src/img.png", PNG)
        await client.command(MakeLink(path="src/link", target="a.py"))
        await client.command(SetFileProperties(path="src/a.py", is_executable=True))
        await client.command(CopyFile(path="src", to="new/copy"))
        made = await tree(client)
        assert [path for path in made if path.startswith("new/")] == [
            "new/copy",
            "new/copy/a.py",
            "new/copy/img.png",
            "new/copy/lib",
            "new/copy/lib/b.py",
            "new/copy/link",
        ]
        assert made["new/copy/a.py"].is_executable
        assert made["new/copy/link"].symlink_target == "a.py"
        assert (await get(http, "new/copy/img.png")).content == PNG
        await client.command(WriteDocument(path="new/copy/lib/b.py", text="changed"))
        assert await text(client, "src/lib/b.py") == "b"
        await client.command(DeleteFile(path="new/copy/lib"))
        assert "src/lib/b.py" in await tree(client)


async def test_a_copied_document_has_the_form_its_file_had(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "\ufeffone\r\ntwo\r\n"})
    async with worker.client(ada, project_id) as client, worker.http(ada, project_id) as http:
        await client.command(WriteDocument(path="a.txt", text="one\ntwo\nthree\n"))
        await worker.app.features[-1].flush()
        await client.command(CopyFile(path="a.txt", to="b.txt"))
        copy = (await get(http, "b.txt")).content
        assert copy == "\ufeffone\r\ntwo\r\nthree\r\n".encode()
        assert (await tree(client))["b.txt"].checksum == hashlib.sha256(copy).hexdigest()


async def test_a_copy_goes_where_nothing_is_and_not_into_itself(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"src/a": "", "b": ""})) as client:
        for path, to, reason in (
            ("src", "b", "conflict"),
            ("src", "src/in", "conflict"),
            ("src", "src", "conflict"),
            ("none", "new", "not_found"),
            ("src", "b/below", "conflict"),
        ):
            with pytest.raises(ServerRefused, match=reason):
                await client.command(CopyFile(path=path, to=to))
        assert list(await tree(client)) == ["b", "src", "src/a"]


async def test_a_move_that_makes_a_path_too_long_is_refused_whole(worker: Worker) -> None:
    ada = await worker.person()
    deep = "/".join(["x" * 200] * 4)
    async with worker.client(ada, await worker.project(ada, {f"a/{deep}": ""})) as client:
        before = list(await tree(client))
        for command in (MoveFile(path="a", to="y" * 250), CopyFile(path="a", to="y" * 250)):
            with pytest.raises(ServerRefused, match="invalid"):
                await client.command(command)
        assert list(await tree(client)) == before


async def test_what_was_deleted_comes_back_with_its_history(worker: Worker) -> None:
    """P7."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"src/a.txt": "text", "src/lib/b.txt": "b"})
    async with worker.client(ada, project_id) as client, worker.http(ada, project_id) as http:
        await put(http, "src/img.png", PNG)
        before = await client.command(OpenDocument(path="src/a.txt"))
        await client.command(DeleteFile(path="src/lib"))
        await client.command(DeleteFile(path="src"))
        listed = (await client.command(ListDeletedFiles())).files
        assert [(file.path, file.is_directory, file.deleted_by) for file in listed] == [
            ("src", True, ada.id),
            ("src/lib", True, ada.id),
        ]
        await client.command(RestoreFile(id=listed[0].id))
        assert list(await tree(client)) == ["src", "src/a.txt", "src/img.png"]
        assert (await client.command(OpenDocument(path="src/a.txt"))).lineage == before.lineage
        assert (await get(http, "src/img.png")).content == PNG
        await client.command(RestoreFile(id=listed[1].id))
        assert await text(client, "src/lib/b.txt") == "b"
        assert (await client.command(ListDeletedFiles())).files == []


async def test_what_was_deleted_may_come_back_to_another_place(worker: Worker) -> None:
    ada = await worker.person()
    async with worker.client(ada, await worker.project(ada, {"src/a.txt": "old"})) as client:
        await client.command(DeleteFile(path="src"))
        await client.command(CreateFile(path="src/a.txt", content="new"))
        deleted = (await client.command(ListDeletedFiles())).files[0]
        with pytest.raises(ServerRefused, match="conflict"):
            await client.command(RestoreFile(id=deleted.id))
        await client.command(RestoreFile(id=deleted.id, to="old/src"))
        assert await text(client, "old/src/a.txt") == "old"
        assert await text(client, "src/a.txt") == "new"
        with pytest.raises(ServerRefused, match="not_found"):
            await client.command(RestoreFile(id=deleted.id))


async def test_deletions_are_listed_in_pages(worker: Worker) -> None:
    ada = await worker.person()
    names = [f"{n}.txt" for n in range(5)]
    async with worker.client(ada, await worker.project(ada, dict.fromkeys(names, ""))) as client:
        for name in names:
            await client.command(DeleteFile(path=name))
        seen: list[str] = []
        after: str | None = None
        while True:
            page = await client.command(ListDeletedFiles(limit=2, after=after))
            seen += [file.path for file in page.files]
            after = page.next
            if after is None:
                break
    assert seen == names[::-1]


async def test_nothing_of_another_project_is_restored(worker: Worker) -> None:
    """P5."""
    ada, eve = await worker.person("ada"), await worker.person("eve")
    async with worker.client(ada, await worker.project(ada, {"a.txt": "secret"})) as client:
        await client.command(DeleteFile(path="a.txt"))
        deleted = (await client.command(ListDeletedFiles())).files[0]
    async with worker.client(eve, await worker.project(eve)) as client:
        with pytest.raises(ServerRefused, match="not_found"):
            await client.command(RestoreFile(id=deleted.id))


async def test_a_copy_needs_room(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url, max_project_files=4) as worker:
        ada = await worker.person()
        async with worker.client(ada, await worker.project(ada, {"src/a": "", "src/b": ""})) as client:
            with pytest.raises(ServerRefused, match="too_large"):
                await client.command(CopyFile(path="src", to="copy"))
            assert len(await tree(client)) == 3


async def test_a_copy_holds_every_edit_that_was_saved(database_url: str) -> None:
    """P1: the file rows follow seconds later."""
    async with running_worker(database_url, content_quiet_s=3600, content_latest_s=3600) as worker:
        ada = await worker.person()
        async with worker.client(ada, await worker.project(ada, {"src/a.txt": "text", "other.txt": ""})) as client:
            await client.command(WriteDocument(path="src/a.txt", text="text and more"))
            await client.command(CopyFile(path="src", to="copy"))
            assert await text(client, "copy/a.txt") == "text and more"
