"""The end of an account: what goes, what stays, who is told, and what must be settled before."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from protocol.documents import WriteDocument
from protocol.ids import ProjectId
from protocol.projects import DeleteProject
from server.store.projects import add_collaborator
from tests.harness.listener import Listener
from tests.harness.stock_editor import stock_editor
from tests.harness.worker import Person, Worker


async def command(browser: httpx.AsyncClient, name: str, **body: Any) -> httpx.Response:
    return await browser.post(f"/api/accounts/{name}", json=body, headers={"idempotency-key": str(uuid4())})


async def count(worker: Worker, sql: str, *arguments: object) -> int:
    async with worker.app.db.acquire() as connection:
        [row] = await connection.fetch(f"select count(*) from {sql}", list(arguments))
    return int(row[0])


async def join(worker: Worker, project_id: ProjectId, person: Person) -> None:
    async with worker.app.db.transaction() as tx:
        await add_collaborator.run(tx, project_id=project_id, user_id=person.id, role="editor", invited_by=None)


@pytest.fixture
async def ada(worker: Worker) -> Person:
    return await worker.person("ada")


@pytest.fixture
async def browser(worker: Worker, ada: Person):  # type: ignore[no-untyped-def]
    async with worker.browser(await worker.session(ada)) as browser:
        yield browser


async def test_the_plan_says_what_to_type_what_goes_and_what_is_in_the_way(
    worker: Worker, ada: Person, browser: httpx.AsyncClient
) -> None:
    alone, shared = await worker.project(ada), await worker.project(ada)
    await worker.joined(shared)
    plan = (await command(browser, "deletion")).json()
    assert plan["confirm"] == "ada@example.org"
    assert [project["id"] for project in plan["deleted"]] == [str(alone)]
    assert [(project["id"], project["people"]) for project in plan["blocking"]] == [(str(shared), 1)]


async def test_an_account_is_deleted_with_its_lone_projects_and_credentials(
    worker: Worker, ada: Person, browser: httpx.AsyncClient
) -> None:
    project_id = await worker.project(ada, {"a.txt": "one"})
    assert (await command(browser, "delete", confirm="Ada@Example.org ")).status_code == 200
    assert await count(worker, "users where id = $1", ada.id) == 0
    assert await count(worker, "projects where id = $1", project_id) == 0
    assert (await browser.post("/api/accounts/me")).status_code == 401
    async with worker.http(ada) as http:
        assert (await http.post("/api/accounts/me")).status_code == 401
    assert await count(worker, "audit_log where action = 'accounts/deleted' and subject = $1", str(ada.id)) == 1


async def test_where_somebody_was_is_forgotten_with_their_account(
    worker: Worker, ada: Person, browser: httpx.AsyncClient
) -> None:
    await command(browser, "create_token", label="CI", scopes=["read"])
    assert await count(worker, "audit_log where address is not null and actor_id = $1", ada.id) == 1
    assert (await command(browser, "delete", confirm="ada@example.org")).status_code == 200
    assert await count(worker, "audit_log where action = 'accounts/token_created'") > 0
    assert await count(worker, "audit_log where address is not null or actor_id is not null") == 0


async def test_nothing_is_deleted_unless_the_right_words_are_typed(
    worker: Worker, ada: Person, browser: httpx.AsyncClient
) -> None:
    for typed in ("", "yes", "eve@example.org"):
        assert (await command(browser, "delete", confirm=typed)).status_code == 422
    assert await count(worker, "users where id = $1", ada.id) == 1


async def test_a_project_that_is_deleted_already_keeps_nobody_from_leaving(
    worker: Worker, ada: Person, browser: httpx.AsyncClient
) -> None:
    shared = await worker.project(ada)
    await worker.joined(shared)
    async with worker.client(ada, shared) as client:
        await client.command(DeleteProject())
    assert (await command(browser, "deletion")).json()["blocking"] == []
    assert (await command(browser, "delete", confirm="ada@example.org")).status_code == 200
    assert await count(worker, "projects where id = $1", shared) == 0


async def test_a_project_with_others_in_it_is_settled_first(
    worker: Worker, ada: Person, browser: httpx.AsyncClient
) -> None:
    alone, shared = await worker.project(ada), await worker.project(ada)
    await worker.joined(shared)
    refused = await command(browser, "delete", confirm="ada@example.org")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "Sketch" in refused.json()["detail"]
    assert await count(worker, "projects where id = any($1::uuid[])", [alone, shared]) == 2


async def test_open_sockets_of_the_person_and_in_their_projects_close_at_once(
    worker: Worker, ada: Person, browser: httpx.AsyncClient
) -> None:
    """P5."""
    public = await worker.project(ada)
    async with worker.app.db.acquire() as connection:
        await connection.execute("update projects set visibility = 'public' where id = $1", [public])
    elsewhere = await worker.project(await worker.person("eve"), {"a.txt": ""})
    bob = await worker.person("bob")
    await join(worker, elsewhere, ada)
    async with (
        worker.client(bob, public) as visitor,
        worker.client(ada, elsewhere) as hers,
        stock_editor(worker, ada.token, elsewhere, "a.txt") as stock,
    ):
        assert (await command(browser, "delete", confirm="ada@example.org")).status_code == 200
        assert (await visitor.when_closed()).close_code == 4410
        assert (await hers.when_closed()).close_code == 4401
        assert (await stock.connection.when_closed())[0] == 4401


async def test_others_are_told_that_the_person_left_and_keep_what_they_wrote(
    worker: Worker, ada: Person, browser: httpx.AsyncClient
) -> None:
    bob = await worker.person("bob")
    project_id = await worker.project(bob, {"a.txt": "one"})
    await join(worker, project_id, ada)
    async with worker.client(bob, project_id) as client:
        async with worker.client(ada, project_id) as hers:
            await hers.command(WriteDocument(path="a.txt", text="hers"))
        listener, left = Listener(client), asyncio.Event()
        take = client.on_event

        def hear(name: str, body: dict[str, Any], seq: int | None) -> None:
            take(name, body, seq)
            if name == "collaborators/left":
                left.set()

        client.on_event = hear
        assert (await command(browser, "delete", confirm="ada@example.org")).status_code == 200
        async with asyncio.timeout(20):
            await left.wait()
        assert ("collaborators/left", str(ada.id)) in [(name, body.get("userId")) for name, body, _ in listener.events]
    async with worker.http(bob, project_id) as http:
        text = (await http.post("/api/documents/read", json={"path": "a.txt"})).json()["text"]
    assert text == "hers"


async def test_a_bearer_token_deletes_nobody(worker: Worker, ada: Person) -> None:
    async with worker.http(ada) as http:
        assert (await command(http, "delete", confirm="ada@example.org")).status_code == 403
    assert await count(worker, "users where id = $1", ada.id) == 1


async def test_a_person_chooses_the_name_and_the_colour_that_others_see(
    worker: Worker, ada: Person, browser: httpx.AsyncClient
) -> None:
    project_id = await worker.project(ada)
    profile = (await command(browser, "profile")).json()
    assert (profile["name"], profile["email"], profile["isEmailVerified"]) == ("Ada", "ada@example.org", False)
    color = next(offered for offered in profile["colors"] if offered != profile["color"])
    changed = await command(browser, "update_profile", displayName="  Ada   L. ", color=color)
    assert (changed.json()["name"], changed.json()["color"]) == ("Ada L.", color)
    async with worker.client(ada, project_id) as client:
        assert (client.welcome.user.name, client.welcome.user.color) == ("Ada L.", color)


@pytest.mark.parametrize(
    "harm", [{"displayName": " "}, {"displayName": ""}, {"displayName": "a\u202eb"}, {"color": "#ffffff"}]
)
async def test_a_name_that_shows_nothing_or_a_colour_that_cannot_be_read_is_refused(
    browser: httpx.AsyncClient, harm: dict[str, str]
) -> None:
    answer = await command(browser, "update_profile", **({"displayName": "Ada", "color": "#b3261e"} | harm))
    assert answer.status_code == 422
    assert (await command(browser, "profile")).json()["name"] == "Ada"


async def test_a_repeated_deletion_of_somebody_gone_is_refused_as_signed_out(
    ada: Person, browser: httpx.AsyncClient
) -> None:
    """P12: the id of the command goes with the person."""
    headers = {"idempotency-key": str(UUID(int=1))}
    answers = [
        await browser.post("/api/accounts/delete", json={"confirm": "ada@example.org"}, headers=headers)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 401]
