"""Whoever copies a whole project copies what they see of it: clones, templates, archives; imports obey rules, too."""

import pytest

from protocol.collaborators import GivenPermissions, SetPathRight, SetPermissions
from protocol.files import ListFiles
from protocol.ids import ProjectId
from protocol.projects import CloneProject
from protocol.templates import ListTemplatePaths, MakeTemplate
from tests.features.archives.test_exporting import read_zip
from tests.features.projects.people import commander
from tests.features.projects.test_clones import files_of
from tests.harness.archive_client import Archives
from tests.harness.archives import zipped
from tests.harness.worker import Person, Worker

FILES = {"a.txt": "a", "keys/deep/b.pem": "b", ".env": "A=1", "fixed/c.txt": "c"}
SEEN = {"a.txt", "fixed", "fixed/c.txt"}


async def limited(worker: Worker) -> tuple[Person, Person, ProjectId]:
    """Ada's project, in which Bob, an editor, sees no keys and may not change what is fixed."""
    ada = await worker.person()
    project_id = await worker.project(ada, FILES)
    bob = await worker.joined(project_id)
    async with worker.client(ada, project_id) as owner:
        for glob, access in (("keys", "hidden"), (".env*", "hidden"), ("fixed", "read_only")):
            await owner.command(SetPathRight(glob=glob, role="editor", access=access))  # type: ignore[arg-type]
    return ada, bob, project_id


async def test_a_clone_holds_what_its_maker_sees(worker: Worker) -> None:
    """P5."""
    ada, bob, project_id = await limited(worker)
    async with commander(worker, bob) as editor, commander(worker, ada) as owner:
        clone = await editor.command(CloneProject(), project_id)
        assert set(await files_of(editor, clone.id)) == SEEN
        whole = await owner.command(CloneProject(), project_id)
        assert set(await files_of(owner, whole.id)) == {*SEEN, "keys", "keys/deep", "keys/deep/b.pem", ".env"}


async def test_a_template_holds_what_its_maker_sees(worker: Worker) -> None:
    """P5."""
    ada, bob, project_id = await limited(worker)
    async with commander(worker, bob) as editor, commander(worker, ada) as owner:
        manages = GivenPermissions(can_manage_permissions=True)
        await owner.command(SetPermissions(user_id=bob.id, permissions=manages), project_id)
        template = await editor.command(MakeTemplate(template_name="Starter"), project_id)
        listed = await editor.command(ListTemplatePaths(id=template.id))
        assert {entry.path for entry in listed.paths} == SEEN
        assert "keys" not in template.model_dump_json()


async def test_an_archive_holds_what_its_reader_sees(worker: Worker) -> None:
    """P5."""
    _, bob, project_id = await limited(worker)
    async with worker.http(bob) as http:
        assert set(read_zip(await Archives(http, worker).exported(str(project_id)))) == {
            "a.txt",
            "fixed/",
            "fixed/c.txt",
        }


@pytest.mark.parametrize("path", ["fixed/new.txt", "keys/new.pem", "keys/deep/b.pem", ".ENV", "x/.env.local"])
async def test_an_archive_brings_nothing_where_its_sender_may_not_write(worker: Worker, path: str) -> None:
    """P5: all of it is refused, in words that tell of no file."""
    ada, bob, project_id = await limited(worker)
    async with worker.http(bob) as http, worker.client(ada, project_id) as owner:
        ended = await Archives(http, worker).imported(zipped({"ok.txt": b"", path: b"mine"}), into=str(project_id))
        assert (ended["state"], "may not change" in ended["reason"], path in ended["reason"]) == (
            "refused",
            True,
            False,
        )
        paths = {file.path for file in (await owner.command(ListFiles())).files}
        assert paths == {*SEEN, "keys", "keys/deep", "keys/deep/b.pem", ".env"}


async def test_an_archive_comes_in_where_its_sender_may_write(worker: Worker) -> None:
    _, bob, project_id = await limited(worker)
    async with worker.http(bob) as http:
        ended = await Archives(http, worker).imported(zipped({"ok/d.txt": b"d"}), into=str(project_id))
        assert ended["state"] == "done"
