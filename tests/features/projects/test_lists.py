"""Finding projects: whose they are, who may see them, by words, page by page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from protocol.ids import ProjectId
from protocol.projects import CreateProject, ListProjects
from server.features.projects.words import tsquery
from server.store import projects as store
from tests.features.projects.people import Commander, becomes_guest, commander, executed, joins
from tests.harness.worker import Worker, running_worker


@asynccontextmanager
async def two_people(worker: Worker) -> AsyncIterator[tuple[Commander, Commander]]:
    ada, bob = await worker.person("ada"), await worker.person("bob")
    async with commander(worker, ada) as first, commander(worker, bob) as second:
        yield first, second


async def names(person: Commander, **wanted: Any) -> list[str]:
    return [project.name for project in (await person.command(ListProjects(**wanted))).projects]


async def make(person: Commander, name: str, **details: Any) -> ProjectId:
    return (await person.command(CreateProject(project_name=name, **details))).id


async def test_a_new_project_is_its_makers_own_and_as_they_described_it(worker: Worker) -> None:
    async with commander(worker, await worker.person()) as ada:
        made = await ada.command(
            CreateProject(
                project_name="  Moon lander ",
                description="Lands.",
                prompt="Make me a game",
                tags=["game", "space", "game"],
                tech_stack=["python"],
            )
        )
        assert (made.name, made.description, made.prompt) == ("Moon lander", "Lands.", "Make me a game")
        assert (made.tags, made.tech_stack) == (["game", "space"], ["python"])
        assert (made.role, made.status, made.visibility, made.owner.name) == ("owner", "draft", "private", "Ada")
        assert (await ada.command(ListProjects(which="mine"))).projects == [made]


async def test_each_list_holds_what_it_says(worker: Worker) -> None:
    async with two_people(worker) as (ada, bob):
        shared = await make(bob, "Shared")
        await make(bob, "Team", visibility="team")
        await make(bob, "Secret")
        await make(bob, "Open", visibility="public")
        await make(ada, "Own", visibility="team")
        assert await names(ada, which="shared") == []
        await joins(worker, shared, ada.person, "reviewer")
        assert await names(ada, which="mine") == ["Own"]
        assert await names(ada, which="shared") == ["Team", "Shared"]
        assert await names(ada, which="public") == ["Open"]
        assert await names(ada) == ["Own", "Shared"]
        roles = {row.name: row.role for row in (await ada.command(ListProjects(which="shared"))).projects}
        assert roles == {"Team": "viewer", "Shared": "reviewer"}


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("lander", ["Moon lander"]),
        ("LAND moo", ["Moon lander"]),
        ("gam", ["Moon lander"]),
        ("tic", ["Tic-tac-toe"]),
        ("tac", ["Tic-tac-toe"]),
        ("naïve", ["Notes"]),
        ("日本", ["Notes"]),
        ("moon notes", []),
        ("ander", []),
        ("!!! ' -- :* & |", []),
        ("   ", ["Notes", "Tic-tac-toe", "Moon lander"]),
    ],
)
async def test_a_search_finds_the_beginnings_of_all_its_words(worker: Worker, search: str, found: list[str]) -> None:
    async with two_people(worker) as (ada, bob):
        await make(ada, "Moon lander", tags=["games"], visibility="public")
        await make(ada, "Tic-tac-toe", visibility="public")
        await make(ada, "Notes", description="A naïve list, in 日本語", visibility="public")
        assert await names(bob, which="public", search=search) == found
        assert await names(ada, which="mine", search=search) == found


def test_what_holds_no_word_asks_for_nothing() -> None:
    assert tsquery("?! _ '") is None


@pytest.mark.parametrize("which", [None, "mine", "shared", "public"])
async def test_a_list_comes_in_pages_without_gaps_or_repetitions(worker: Worker, which: Any) -> None:
    async with two_people(worker) as (ada, bob):
        expected = [f"P{n}" for n in range(7)]
        for name in expected:
            await joins(worker, await make(ada, name, visibility="public"), bob.person, "viewer")
        seen: list[str] = []
        after: str | None = None
        while True:
            command = ListProjects(which=which, limit=2, after=after, search="p")
            page = await (ada if which == "mine" else bob).command(command)
            seen += [project.name for project in page.projects]
            after = page.next
            if after is None:
                break
    assert seen == expected[::-1]


async def test_archived_projects_are_listed_apart_when_that_is_asked_for(worker: Worker) -> None:
    async with two_people(worker) as (ada, _):
        await make(ada, "New")
        await executed(worker, "update projects set archived_at = now() where id = $1", await make(ada, "Old"))
        assert await names(ada, is_archived=True) == ["Old"]
        assert await names(ada, is_archived=False) == ["New"]
        assert await names(ada) == ["Old", "New"]


async def test_a_token_for_one_project_lists_that_one_only(worker: Worker) -> None:
    """P5."""
    async with two_people(worker) as (ada, _):
        project_id = await make(ada, "One")
        await make(ada, "Other")
        await executed(worker, "update api_tokens set project_id = $1 where user_id = $2", project_id, ada.person.id)
    async with commander(worker, ada.person) as narrowed:
        narrowed.worker.app.door.sign_ins.forget(None)
        assert await names(narrowed) == ["One"]


async def test_a_search_among_all_public_projects_reads_the_index_of_words(worker: Worker) -> None:
    ada = await worker.person()
    many = (
        "with made as (insert into projects (name, visibility, user_id) "
        "select 'Sample ' || n, 'public', $1 from generate_series(1, 5000) as n returning id, user_id) "
        "insert into project_collaborators (project_id, user_id, role, accepted_at) "
        "select id, user_id, 'owner', now() from made"
    )
    await executed(worker, many, ada.id)
    statement = store.search_public_projects
    given = {"user_id": ada.id, "words": "'sample':* & '4711':*", "limit": 50}
    async with worker.app.db.transaction() as tx:
        await tx.execute("analyze projects")
        rows = await tx.fetch(f"explain {statement.sql}", [given.get(name) for name in statement.parameters])
    assert any("projects_words" in row[0] for row in rows), rows


async def test_guests_see_public_projects_only_where_a_setting_lets_them(database_url: str) -> None:
    """P5."""
    for setting, found in ((False, []), (True, ["Open"])):
        async with running_worker(database_url, guests=setting) as worker:
            owner, guest = await worker.person(f"ada-{setting}"), await worker.person(f"guest-{setting}")
            await executed(worker, "delete from projects where visibility = 'public'")
            async with commander(worker, owner) as ada:
                await make(ada, "Open", visibility="public")
            await becomes_guest(worker, guest)
            async with commander(worker, guest) as kim:
                assert await names(kim, which="public") == found
