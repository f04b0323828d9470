"""Clones: the files as they are now, and nothing of the people or the history; as cheap for 5,000 files as for 50."""

import hashlib
import time

import pytest

from protocol.documents import OpenDocument, ReadDocument, WriteDocument
from protocol.files import DeleteFile, FileEntry, ListFiles, MakeDirectory, MakeLink, SetFileProperties
from protocol.ids import ProjectId
from protocol.projects import CloneProject, CreateProject, SetVisibility, UpdateProject
from runner.hub_client import ServerRefused
from tests.features.files.test_contents import PNG
from tests.features.projects.people import Commander, becomes_guest, commander, executed
from tests.harness.editor import Editor
from tests.harness.statements import counted_statements
from tests.harness.worker import Worker, running_worker

MANY = (
    "insert into project_files (project_id, path, content, size, checksum, line_count, language, mime_type) "
    "select $1, 'f' || n || '.txt', 'text ' || n, 9, sha256('x'), 1, null, 'text/plain' from generate_series(1, $2) n"
)


async def files_of(person: Commander, project_id: ProjectId) -> dict[str, FileEntry]:
    found: dict[str, FileEntry] = {}
    after: str | None = None
    while True:
        page = await person.command(ListFiles(after=after, limit=1000), project_id)
        found |= {file.path: file for file in page.files}
        after = page.next
        if after is None:
            return found


async def text(person: Commander, project_id: ProjectId, path: str) -> str:
    return (await person.command(ReadDocument(path=path), project_id)).text


async def test_a_clone_has_the_files_of_the_project_and_a_life_of_its_own(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"src/run.sh": "#!/bin/sh\n", "gone.txt": "gone"})
    async with commander(worker, ada) as owner:
        await owner.http.put(f"/files/{project_id}/img/a.png", content=PNG)
        await owner.command(MakeLink(path="link", target="src/run.sh"), project_id)
        await owner.command(MakeDirectory(path="empty"), project_id)
        await owner.command(SetFileProperties(path="src/run.sh", is_executable=True, permissions=0o755), project_id)
        await owner.command(DeleteFile(path="gone.txt"), project_id)
        await owner.command(UpdateProject(description="What it is", tags=["a"], tech_stack=["sh"]), project_id)
        clone = await owner.command(CloneProject(), project_id)
        assert (clone.name, clone.description, clone.tags, clone.tech_stack) == (
            "Sketch (copy)",
            "What it is",
            ["a"],
            ["sh"],
        )
        assert (clone.source_project_id, clone.role, clone.visibility) == (project_id, "owner", "private")
        made, source = await files_of(owner, clone.id), await files_of(owner, project_id)
        assert list(made) == ["empty", "img", "img/a.png", "link", "src", "src/run.sh"]
        for path, file in made.items():
            same = {"id": file.id, "updated_at": file.updated_at}
            assert source[path].model_copy(update=same) == file
        assert (await owner.http.get(f"/files/{clone.id}/img/a.png")).content == PNG
        await owner.command(WriteDocument(path="src/run.sh", text="changed"), clone.id)
        assert await text(owner, project_id, "src/run.sh") == "#!/bin/sh\n"
        await owner.command(DeleteFile(path="src"), clone.id)
        assert "src/run.sh" in await files_of(owner, project_id)


async def test_a_clone_holds_every_edit_that_was_saved_in_the_form_of_its_file(database_url: str) -> None:
    """P1: the file rows follow seconds later."""
    async with running_worker(database_url, content_quiet_s=3600, content_latest_s=3600) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": "\ufeffone\r\n", "b.txt": "b", "untouched.txt": "\r\n"})
        async with worker.client(ada, project_id) as client, commander(worker, ada) as owner:
            editor = await Editor().open(client, "a.txt")
            await editor.type(4, "two\n")
            await editor.channel.when_saved()
            await client.command(WriteDocument(path="b.txt", text="bb"))
            await client.command(OpenDocument(path="untouched.txt"))
            clone = await owner.command(CloneProject(project_name="Other"), project_id)
            data = (await owner.http.get(f"/files/{clone.id}/a.txt")).content
            assert data == "\ufeffone\r\ntwo\r\n".encode()
            made = await files_of(owner, clone.id)
            assert made["a.txt"].checksum == hashlib.sha256(data).hexdigest()
            assert (made["a.txt"].size, made["a.txt"].line_count) == (len(data), 3)
            assert await text(owner, clone.id, "b.txt") == "bb"
            assert (await owner.http.get(f"/files/{clone.id}/untouched.txt")).content == b"\r\n"


async def test_a_document_that_is_set_aside_is_cloned_as_it_was_shown_last(database_url: str) -> None:
    """P8: one bad document keeps no other from being cloned."""
    async with running_worker(database_url, content_quiet_s=3600, content_latest_s=3600) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"bad.txt": "as it began", "good.txt": "good"})
        async with commander(worker, ada) as owner:
            for path in ("bad.txt", "good.txt"):
                await owner.command(WriteDocument(path=path, text=f"{path} changed"), project_id)
            await executed(
                worker,
                "update document_updates set update_v1 = 'rotten' where seq = 2 and document_id = "
                "(select id from project_files where path = 'bad.txt')",
            )
            clone = await owner.command(CloneProject(), project_id)
            assert await text(owner, clone.id, "bad.txt") == "as it began"
            assert await text(owner, clone.id, "good.txt") == "good.txt changed"


async def statements_for(worker: Worker, person: Commander, count: int) -> tuple[int, float]:
    """How many statements the clone of a project with so many files takes, and how many seconds."""
    project = await person.command(CreateProject(project_name=f"{count} files"))
    await executed(worker, MANY, project.id, count)
    async with counted_statements(worker) as statements:
        began = time.monotonic()
        clone = await person.command(CloneProject(), project.id)
        took_s = time.monotonic() - began
    assert len(await files_of(person, clone.id)) == count
    return len(statements), took_s


async def test_cloning_takes_as_many_statements_for_5000_files_as_for_50_and_seconds(database_url: str) -> None:
    async with (
        running_worker(database_url, database_pool_size=2) as worker,  # one connection for all commands
        commander(worker, await worker.person()) as owner,
    ):
        await statements_for(worker, owner, 1)  # what the driver asks about types, it asks once
        few, _ = await statements_for(worker, owner, 50)
        many, took_s = await statements_for(worker, owner, 5_000)
        async with worker.app.db.acquire() as connection:
            documents = await connection.fetch("select count(*) from documents")
    assert few == many > 0
    assert documents[0][0] == 0
    assert took_s < 10


async def test_who_reads_a_public_project_clones_it_but_no_stranger_and_no_guest_clones_anything(
    worker: Worker,
) -> None:
    """P5."""
    ada, eve, kim = await worker.person(), await worker.person("eve"), await worker.person("kim")
    project_id = await worker.project(ada, {"a.txt": "text"})
    await becomes_guest(worker, kim)
    async with commander(worker, ada) as owner, commander(worker, eve) as reader:
        with pytest.raises(ServerRefused, match="not_found"):
            await reader.command(CloneProject(), project_id)
        await owner.command(SetVisibility(visibility="public"), project_id)
        clone = await reader.command(CloneProject(), project_id)
        assert (clone.owner.id, await text(reader, clone.id, "a.txt")) == (eve.id, "text")
        with pytest.raises(ServerRefused, match="not_found"):
            await owner.command(ListFiles(), clone.id)
    async with commander(worker, kim) as guest:
        with pytest.raises(ServerRefused):
            await guest.command(CloneProject(), project_id)


async def test_a_project_over_the_limits_of_now_is_not_cloned(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {f"{n}.txt": "" for n in range(4)})
    async with running_worker(database_url, max_project_files=3) as worker, commander(worker, ada) as owner:
        with pytest.raises(ServerRefused, match="too_large"):
            await owner.command(CloneProject(), project_id)
