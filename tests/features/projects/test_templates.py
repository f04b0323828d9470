"""Templates: made of a project, found by words, and projects that begin with them."""

import hashlib
import time
from typing import Any
from uuid import UUID, uuid4

import pytest

from protocol.documents import WriteDocument
from protocol.files import MakeDirectory, MakeLink, SetFileProperties
from protocol.ids import ProjectId
from protocol.projects import CreateProject, DeleteProject
from protocol.templates import (
    DeleteTemplate,
    GivenVariable,
    ListTemplatePaths,
    ListTemplates,
    MakeTemplate,
    Template,
    UseTemplate,
)
from runner.hub_client import ServerRefused
from server.features.templates.own import ensure_own_templates, own_templates
from server.store import blobs
from tests.features.files.test_contents import PNG
from tests.features.projects.people import Commander, becomes_guest, commander, executed
from tests.features.projects.test_clones import MANY, files_of, text
from tests.harness.statements import counted_statements
from tests.harness.worker import Worker, running_worker

NAME = GivenVariable(name="name", label="What it is called")


async def made(person: Commander, project_id: ProjectId, *variables: GivenVariable, **details: Any) -> Template:
    command = MakeTemplate(**({"template_name": "Starter"} | details), variables=list(variables))
    return await person.command(command, project_id)


async def used(person: Commander, template: Template, **values: str) -> ProjectId:
    return (await person.command(UseTemplate(id=template.id, project_name="New", values=values))).id


async def names(person: Commander, **wanted: Any) -> list[str]:
    return [template.name for template in (await person.command(ListTemplates(**wanted))).templates]


async def test_a_project_made_from_a_template_has_its_files(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"src/run.sh": "#!/bin/sh\n", ".env": "A=1"})
    async with commander(worker, ada) as owner:
        await owner.http.put(f"/files/{project_id}/img/a.png", content=PNG)
        await owner.command(MakeLink(path="link", target="src/run.sh"), project_id)
        await owner.command(MakeDirectory(path="empty"), project_id)
        await owner.command(SetFileProperties(path="src/run.sh", is_executable=True, permissions=0o755), project_id)
        source = await files_of(owner, project_id)
        template = await made(owner, project_id, description="To begin with", category="web", tags=["a", "a"])
        assert (template.description, template.category, template.tags) == ("To begin with", "web", ["a"])
        assert template.author is not None
        assert (template.author.name, template.is_public, template.usage_count) == ("Ada", False, 0)
        await owner.command(DeleteProject(), project_id)
        project = await owner.command(UseTemplate(id=template.id, project_name="New"))
        assert (project.name, project.description, project.tags) == ("New", "To begin with", ["a"])
        files = await files_of(owner, project.id)
        assert list(files) == list(source)
        for path, file in files.items():
            same = {"id": file.id, "updated_at": file.updated_at}
            assert source[path].model_copy(update=same) == file
        assert (await owner.http.get(f"/files/{project.id}/img/a.png")).content == PNG
        assert await text(owner, project.id, "src/run.sh") == "#!/bin/sh\n"
        async with worker.app.db.acquire() as connection:
            lost = await connection.fetch(
                "select path from project_files where project_id = $1 and parent_id is null and path like '%/%'",
                [project.id],
            )
        assert lost == []
        (listed,) = (await owner.command(ListTemplates(only_own=True))).templates
        assert listed.usage_count == 1


async def test_variables_are_replaced_in_paths_texts_and_links_and_nothing_else_is(worker: Worker) -> None:
    ada = await worker.person()
    content = "\ufeffclass {{name}}:\r\n    '{{ name }} {{other}} {{greeting}}'\r\n"
    project_id = await worker.project(ada, {"src/{{name}}/{{name}}.py": content, "{{other}}.txt": "{{name"})
    async with commander(worker, ada) as owner:
        await owner.command(MakeLink(path="link", target="src/{{name}}"), project_id)
        template = await made(owner, project_id, NAME, GivenVariable(name="greeting", default="{hi} / <b>"))
        assert [(known.name, known.in_paths) for known in template.variables] == [("name", True), ("greeting", False)]
        made_id = await used(owner, template, name="Möwe")
        files = await files_of(owner, made_id)
        assert list(files) == ["link", "src", "src/Möwe", "src/Möwe/Möwe.py", "{{other}}.txt"]
        assert files["link"].symlink_target == "src/Möwe"
        data = (await owner.http.get(f"/files/{made_id}/src/Möwe/Möwe.py")).content
        assert data.decode() == "\ufeffclass Möwe:\r\n    '{{ name }} {{other}} {hi} / <b>'\r\n"
        file = files["src/Möwe/Möwe.py"]
        assert (file.size, file.checksum, file.line_count) == (len(data), hashlib.sha256(data).hexdigest(), 3)
        assert await text(owner, made_id, "{{other}}.txt") == "{{name"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "Say a value for name"),
        ({"name": "x", "color": "red"}, "no variable 'color'"),
        ({"name": "../x"}, "holds no '/'"),
        ({"name": ".."}, "'..'"),
        ({"name": "con."}, "dot or a space"),
        ({"name": ""}, "part of a file's name"),
        ({"name": "{{name}}"}, "one line without"),
        ({"name": "a\nb"}, "one line without"),
        ({"name": "x" * 201}, "at most 200"),
        ({"name": "README"}, "only by case"),
        ({"name": "readme"}, "the same path"),
        ({"name": "é" * 127}, "by its length"),
    ],
)
async def test_values_that_fit_nowhere_are_refused_and_leave_nothing(
    worker: Worker, values: dict[str, str], reason: str
) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"{{name}}.md": "", "readme.md": ""})
    async with commander(worker, ada) as owner:
        template = await made(owner, project_id, NAME)
        with pytest.raises(ServerRefused, match=reason):
            await raw_use(owner, template.id, values)
        async with worker.app.db.acquire() as connection:
            rows = await connection.fetch("select count(*) from projects")
        assert rows[0][0] == 1


async def raw_use(person: Commander, template_id: UUID, values: dict[str, str]) -> None:
    """As `UseTemplate`, whatever the values are."""
    body = {"id": str(template_id), "projectName": "New", "values": values}
    answer = await person.http.post("/api/templates/use", json=body, headers={"idempotency-key": str(uuid4())})
    if answer.status_code != 200:
        raise ServerRefused({**answer.json(), "message": answer.json()["detail"]})


async def test_a_variable_that_stands_nowhere_or_is_declared_twice_is_refused(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": "{{nam}} {{ name }}"})
    async with commander(worker, ada) as owner:
        with pytest.raises(ServerRefused, match=r"No path and no text holds \{\{name"):
            await made(owner, project_id, NAME)
        with pytest.raises(ServerRefused, match="declared twice"):
            await made(owner, project_id, NAME, NAME)
        assert await names(owner, only_own=True) == []


async def test_a_template_holds_every_edit_that_was_saved(database_url: str) -> None:
    """P1: the file rows follow seconds later."""
    async with running_worker(database_url, content_quiet_s=3600, content_latest_s=3600) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": "old"})
        async with commander(worker, ada) as owner:
            await owner.command(WriteDocument(path="a.txt", text="new {{name}}"), project_id)
            made_id = await used(owner, await made(owner, project_id, NAME), name="text")
            assert await text(owner, made_id, "a.txt") == "new text"


async def test_templates_are_found_by_category_tag_and_words_and_private_ones_by_their_maker(worker: Worker) -> None:
    """P5."""
    ada, bob = await worker.person(), await worker.person("bob")
    project_id = await worker.project(ada, {"a.txt": ""})
    async with commander(worker, ada) as owner, commander(worker, bob) as other:
        web = await made(owner, project_id, template_name="Web", category="web", tags=["js", "small"], is_public=True)
        await made(owner, project_id, template_name="Game", category="games", tags=["js"], is_public=True)
        mine = await made(owner, project_id, template_name="Mine", category="web", tags=["js"])
        for _ in range(2):
            await used(other, web)
        assert await names(other) == ["Web", "Game"]
        assert await names(other, tag="js") == ["Web", "Game"]
        assert await names(other, tag="small") == await names(other, category="web") == ["Web"]
        assert await names(other, search="gam") == ["Game"]
        assert await names(other, search="?") == await names(other, only_own=True) == []
        assert set(await names(owner)) == {"Web", "Game", "Mine"}
        assert {row.is_own for row in (await other.command(ListTemplates())).templates} == {False}
        assert {row.is_own for row in (await owner.command(ListTemplates())).templates} == {True}
        first = await owner.command(ListTemplates(limit=2))
        second = await owner.command(ListTemplates(limit=2, after=first.next))
        assert sorted(row.name for row in [*first.templates, *second.templates]) == ["Game", "Mine", "Web"]
        for command in (UseTemplate(id=mine.id, project_name="x"), ListTemplatePaths(id=mine.id)):
            with pytest.raises(ServerRefused, match="not_found"):
                await other.command(command)  # type: ignore[arg-type]
        for template in (web, mine):
            with pytest.raises(ServerRefused, match="not_found"):
                await other.command(DeleteTemplate(id=template.id))
        await owner.command(DeleteTemplate(id=mine.id))
        assert await names(owner, only_own=True, search="mine") == []


@pytest.mark.parametrize("mark", ["", "5", "x y", "1 1", f"{1 << 63} {UUID(int=1)}", f"-1 {UUID(int=1)}"])
async def test_a_mark_that_is_none_of_ours_is_refused(worker: Worker, mark: str) -> None:
    async with commander(worker, await worker.person()) as person:
        with pytest.raises(ServerRefused, match="invalid"):
            await person.command(ListTemplates(after=mark))


@pytest.mark.parametrize("role", ["editor", "viewer"])
async def test_only_who_manages_a_project_makes_a_template_of_it(worker: Worker, role: str) -> None:
    """P5: a public template would publish its files."""
    ada = await worker.person()
    project_id = await worker.project(ada, {"a.txt": ""})
    async with commander(worker, await worker.joined(project_id, "bob", role)) as member:
        with pytest.raises(ServerRefused, match="forbidden"):
            await made(member, project_id)


async def test_a_guest_uses_no_template(worker: Worker) -> None:
    """P5."""
    ada, kim = await worker.person(), await worker.person("kim")
    project_id = await worker.project(ada, {"a.txt": ""})
    await becomes_guest(worker, kim)
    async with commander(worker, ada) as owner, commander(worker, kim) as guest:
        template = await made(owner, project_id, is_public=True)
        with pytest.raises(ServerRefused, match="forbidden"):
            await used(guest, template)


async def test_one_person_makes_only_so_many_templates(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url, templates_per_person=1) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": ""})
        async with commander(worker, ada) as owner:
            await made(owner, project_id)
            with pytest.raises(ServerRefused, match="limit_reached"):
                await made(owner, project_id)


async def test_values_cannot_blow_a_text_up_beyond_the_limit_of_documents(database_url: str) -> None:
    """P10."""
    async with running_worker(database_url, max_document_bytes=4096) as worker:
        ada = await worker.person()
        project_id = await worker.project(ada, {"a.txt": "{{n}}" * 100})
        async with commander(worker, ada) as owner:
            template = await made(owner, project_id, GivenVariable(name="n"))
            with pytest.raises(ServerRefused, match="too_large"):
                await used(owner, template, n="x" * 200)
            await used(owner, template, n="x")


async def test_bytes_that_only_a_template_refers_to_are_kept(worker: Worker) -> None:
    ada = await worker.person()
    project_id = await worker.project(ada)
    async with commander(worker, ada) as owner:
        await owner.http.put(f"/files/{project_id}/a.png", content=PNG)
        template = await made(owner, project_id)
        await executed(worker, "delete from projects where id = $1", project_id)
        await executed(worker, "update blobs set used_at = now() - interval '1 year'")
        async with worker.app.db.transaction() as tx:
            doomed = await blobs.blobs.doom_unused.run(tx, before=worker.app.clock.now(), limit=10)
        assert doomed == 0
        made_id = await used(owner, template)
        assert (await owner.http.get(f"/files/{made_id}/a.png")).content == PNG


async def statements_for(worker: Worker, person: Commander, count: int) -> tuple[int, int, float]:
    """Statements to make a template of so many files, to use it, and the seconds that took together."""
    project = await person.command(CreateProject(project_name=f"{count} files"))
    await executed(worker, MANY, project.id, count)
    await executed(
        worker, "update project_files set content = content || ' {{name}}' where project_id = $1", project.id
    )
    began = time.monotonic()
    async with counted_statements(worker) as making:
        template = await made(person, project.id, NAME)
    async with counted_statements(worker) as using:
        made_id = await used(person, template, name="x")
    took_s = time.monotonic() - began
    assert len(await files_of(person, made_id)) == count
    return len(making), len(using), took_s


async def test_templates_take_as_many_statements_for_5000_files_as_for_50_and_seconds(database_url: str) -> None:
    async with (
        running_worker(database_url, database_pool_size=2) as worker,  # one connection for all commands
        commander(worker, await worker.person()) as owner,
    ):
        await statements_for(worker, owner, 1)  # what the driver asks about types, it asks once
        *few, _ = await statements_for(worker, owner, 50)
        *many, took_s = await statements_for(worker, owner, 5_000)
        async with worker.app.db.acquire() as connection:
            documents = await connection.fetch("select count(*) from documents")
    assert few == many
    assert documents[0][0] == 0
    assert took_s < 20


async def test_the_servers_own_templates_are_there_for_everybody_and_brought_once(worker: Worker) -> None:
    for _ in range(2):
        await ensure_own_templates(worker.app.db)
    async with commander(worker, await worker.person()) as person:
        found = (await person.command(ListTemplates())).templates
        assert sorted(row.name for row in found) == sorted(own.name for own in own_templates())
        assert {row.author for row in found} == {None}
        for template in found:
            files = await files_of(person, await used(person, template))
            assert "{{" not in "".join(files)
            assert any(not file.is_directory for file in files.values())


async def test_a_newer_version_of_an_own_template_takes_the_place_of_the_old_one(worker: Worker) -> None:
    await ensure_own_templates(worker.app.db)
    await executed(worker, "update project_templates set version = 'older', usage_count = 7, name = 'Old'")
    await executed(worker, "update template_files set content = 'old'")
    await ensure_own_templates(worker.app.db)
    async with commander(worker, await worker.person()) as person:
        found = (await person.command(ListTemplates(tag="python"))).templates
        assert [(row.name, row.usage_count) for row in found] == [("Python program", 7)]
        made_id = await used(person, found[0], package="lander")
        assert "class Greeting" in await text(person, made_id, "tests/test_lander.py")


@pytest.mark.parametrize("own", own_templates(), ids=lambda own: own.slug)
def test_every_variable_of_an_own_template_stands_somewhere_and_has_a_default(own: Any) -> None:
    everything = "\n".join([*own.texts, *(content or "" for content in own.texts.values())])
    for variable in own.variables:
        assert f"{{{{{variable.name}}}}}" in everything
        assert variable.default
