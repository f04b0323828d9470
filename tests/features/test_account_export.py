"""All that the server keeps of a person is given to them as one archive, and nobody else's, and no secret."""

import io
import json
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import httpx
import pytest

from server.store import export
from server.store.db import Database
from tests.harness.worker import Person, Worker, running_worker
from tests.store import catalog
from tests.store.catalog import World
from tests.store.examples import add_project, add_user

FIRST = UUID(int=0)

# Tables that name a person and are not in the archive, each with the reason.
NOT_EXPORTED = {
    "collaboration_sessions": "who is there now",
    "collaborative_cursors": "where they are now",
    "command_ids": "answers of the archive's own sources, kept for retries",
    "document_authors": "which of the texts the person wrote in, whose changes name them by a number",
    "imports": "archives that are being taken in, and how far",
    "passkey_challenges": "secrets of minutes",
    "path_rights": "shown with the memberships where they are used",
    "sign_in_attempts": "secrets of minutes",
    "tickets": "secrets of seconds",
    "uploads": "files that are not there yet",
    "user_events": "tells anew what the other tables hold",
}
TABLE_OF = {
    "passkeys": "authenticators",
    "tokens": "api_tokens",
    "memberships": "project_collaborators",
    "chats": "ai_chat_sessions",
    "terminals": "terminal_sessions",
    "containers": "webcontainer_instances",
    "templates": "project_templates",
    "audit": "audit_log",
    "files": "project_files",
}


async def exported(browser: httpx.AsyncClient) -> ZipFile:
    answer = await browser.get("/account/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    archive = ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


def table(archive: ZipFile, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(archive.read(f"{name}.json"))
    return rows


@pytest.fixture
async def ada(worker: Worker) -> Person:
    return await worker.person("ada")


@pytest.fixture
async def browser(worker: Worker, ada: Person):  # type: ignore[no-untyped-def]
    async with worker.browser(await worker.session(ada)) as browser:
        yield browser


async def test_every_table_that_names_a_person_is_in_the_archive_or_has_a_reason_not_to_be(database: Database) -> None:
    async with database.acquire() as connection:
        naming = {key.table for key in await catalog.foreign_keys(connection) if key.target == "users"}
    held = {TABLE_OF.get(name, name) for name in export.TABLES}
    assert naming - held == NOT_EXPORTED.keys()


async def test_each_table_gives_the_row_of_its_person_and_none_of_another(database: Database, subtests) -> None:  # type: ignore[no-untyped-def]
    worlds = []
    async with database.transaction() as tx:
        for _ in range(2):
            owner_id, member_id = await add_user(tx, "Owner"), await add_user(tx, "Member")
            worlds.append(World(owner_id, member_id, await add_project(tx, owner_id)))
            await catalog.fill_every_table(tx, worlds[-1])
    async with database.acquire() as connection:
        for name, listed in export.TABLES.items():
            with subtests.test(name):
                people = [{world.owner_id, world.member_id} for world in worlds]
                marks = []
                for pair in people:
                    found = set()
                    for user_id in pair:
                        page = {"user_id": user_id, "after_id": FIRST, "limit": 100}
                        found |= {row.mark for row in await listed.all(connection, **page)}
                    marks.append(found)
                assert marks[0]
                assert marks[1]
                assert not marks[0] & marks[1]


async def test_the_archive_holds_the_profile_and_the_texts_of_own_projects(
    worker: Worker, ada: Person, browser: httpx.AsyncClient
) -> None:
    project_id = await worker.project(ada, {"src/läufer.py": "print('hi')\n", "long.txt": "x" * 100_000})
    await worker.project(await worker.person("eve"), {"secret.txt": "eve's"})
    archive = await exported(browser)
    assert json.loads(archive.read("profile.json"))["email"] == "ada@example.org"
    assert archive.read(f"projects/{project_id}/src/läufer.py").decode() == "print('hi')\n"
    assert len(archive.read(f"projects/{project_id}/long.txt")) == 100_000
    assert {row["path"] for row in table(archive, "files")} == {"src", "src/läufer.py", "long.txt"}
    assert not any("secret" in name for name in archive.namelist())
    assert [row["project"] for row in table(archive, "memberships")] == ["Sketch"]
    assert "accounts/exported" in [row["action"] for row in table(archive, "audit")]


async def test_no_secret_is_in_the_archive(worker: Worker, ada: Person, browser: httpx.AsyncClient) -> None:
    archive = await exported(browser)
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert ada.token.encode() not in whole
    assert browser.cookies["flashio-session"].encode() not in whole
    assert [row["name"] for row in table(archive, "tokens")] == ["test"]


async def test_a_table_of_many_pages_is_whole(worker: Worker, ada: Person, browser: httpx.AsyncClient) -> None:
    project_id = await worker.project(ada)
    async with worker.app.db.acquire() as connection:
        await connection.execute(
            "insert into comments (project_id, user_id, content) "
            "select $1, $2, 'comment ' || n from generate_series(1, 250) as n",
            [project_id, ada.id],
        )
    comments = table(await exported(browser), "comments")
    assert {comment["content"] for comment in comments} == {f"comment {n}" for n in range(1, 251)}
    assert len(comments) == 250


async def test_recovery_copies_are_in_the_archive(worker: Worker, ada: Person, browser: httpx.AsyncClient) -> None:
    project_id = await worker.project(ada)
    async with worker.app.db.acquire() as connection:
        await connection.execute(
            "insert into recoveries (project_id, user_id, path, reason, text, size_bytes, expires_at) "
            "values ($1, $2, 'a.txt', 'test', 'kept', 4, now() + interval '1 day')",
            [project_id, ada.id],
        )
    archive = await exported(browser)
    [copy] = table(archive, "recoveries")
    assert archive.read(f"recoveries/{copy['id']}.txt") == b"kept"


async def test_only_who_signed_in_takes_their_data_along(worker: Worker, ada: Person) -> None:
    async with worker.http(ada) as http:
        assert (await http.get("/account/export")).status_code == 403
    async with worker.browser() as nobody:
        assert (await nobody.get("/account/export")).status_code == 401


async def test_a_page_of_somebody_else_takes_nothing(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/account/export", headers={"origin": "http://evil.example"})).status_code == 403


async def test_archives_are_limited_per_person(database_url: str) -> None:
    async with running_worker(database_url, exports_per_hour=1) as worker:
        for name in ("ada", "bob"):
            async with worker.browser(await worker.session(await worker.person(name))) as browser:
                statuses = [(await browser.get("/account/export")).status_code for _ in range(2)]
                assert statuses == [200, 429]
