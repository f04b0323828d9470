"""Every command, door and stream that names a path obeys the rules on it: each role, each kind of rule, each dialect.

The commands of this table are found by their fields: one that names a path and is not in it fails here.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from protocol.collaborators import SetPathRight
from protocol.documents import ListRecoveries
from protocol.files import DeleteFile, ListDeletedFiles, ListFiles
from protocol.ids import ProjectId
from runner.hub_client import HubClient, ServerRefused
from server.access.roles import ABILITIES, Ability, Role
from server.store.recoveries import add_recovery
from tests.features.test_rights_table import COMMANDS, everybody
from tests.harness.editor import Editor
from tests.harness.stock_editor import stock_editor
from tests.harness.worker import Person, Worker
from tools.rights_table import registered

RULED = "ruled"  # a directory that each rule of this table is about
ACCESSES = ("hidden", "read_only")
LIMITED = (Role.EDITOR, Role.REVIEWER, Role.VIEWER)
OK, NOT_FOUND, FORBIDDEN = "ok", "not_found", "forbidden"
READ, WRITE, DELETE = Ability.READ, Ability.WRITE, Ability.DELETE
BYTES = b"\x89PNG\0"
TUS = {"tus-resumable": "1.0.0"}


@dataclass
class Scene:
    """A project with files in the ruled directory and outside; `gone` is the tombstone of a ruled file."""

    worker: Worker
    project_id: ProjectId
    people: dict[Role, Person]
    gone: UUID
    recoveries: dict[Role, UUID] = field(default_factory=dict)


FILES = {"a.txt": "a", "b.txt": "b", f"{RULED}/a.txt": "a", f"{RULED}/gone.txt": "", "box/ruled/a.txt": ""}


@asynccontextmanager
async def scene(database_url: str, access: str) -> AsyncIterator[Scene]:
    async with everybody(database_url) as (worker, project_id, people):
        owner = people[Role.OWNER]
        async with worker.client(owner, project_id) as client, worker.http(owner, project_id) as http:
            for path in (*FILES, f"{RULED}/a.bin"):
                data = BYTES if path.endswith("bin") else FILES[path].encode()
                assert (await http.put(f"/files/{project_id}/{path}", content=data)).is_success
            await client.command(DeleteFile(path=f"{RULED}/gone.txt"))
            (gone,) = (await client.command(ListDeletedFiles())).files
            made = Scene(worker, project_id, people, gone.id)
            for role in LIMITED:
                await client.command(SetPathRight(glob=RULED, role=role.value, access=access))  # type: ignore[arg-type]
                made.recoveries[role] = await kept(made, people[role])
        yield made


async def kept(scene: Scene, person: Person) -> UUID:
    """A recovery copy of somebody, of a ruled file."""
    app = scene.worker.app
    async with app.db.transaction() as tx:
        return await add_recovery.one(
            tx,
            project_id=scene.project_id,
            document_id=None,
            user_id=person.id,
            path=f"{RULED}/a.txt",
            reason="forbidden",
            text="kept",
            size_bytes=4,
            expires_at=app.clock.now().replace(year=2100),
            keep=50,
        )


# Command -> what to ask, and which ability it needs for the ruled path.
PROBES: dict[str, list[tuple[dict[str, Any], Ability]]] = {
    "documents/open": [({"path": f"{RULED}/a.txt"}, READ), ({"path": f"{RULED}/new.txt", "create": True}, WRITE)],
    "documents/read": [({"path": f"{RULED}/a.txt"}, READ)],
    "documents/write": [
        ({"path": f"{RULED}/a.txt", "text": "x"}, WRITE),
        ({"path": f"{RULED}/new.txt", "text": "x"}, WRITE),
    ],
    "files/create": [({"path": f"{RULED}/new.txt"}, WRITE), ({"path": f"{RULED}/a.txt"}, WRITE)],
    "files/directory": [({"path": f"{RULED}/new"}, WRITE)],
    "files/link": [({"path": f"{RULED}/link", "target": "a.txt"}, WRITE)],
    "files/properties": [({"path": f"{RULED}/a.txt", "is_hidden": True}, WRITE)],
    "files/move": [
        ({"path": f"{RULED}/a.txt", "to": "out.txt"}, WRITE),
        ({"path": "a.txt", "to": f"{RULED}/in.txt"}, WRITE),
        ({"path": RULED, "to": "elsewhere"}, WRITE),
    ],
    "files/copy": [
        ({"path": f"{RULED}/a.txt", "to": "copy.txt"}, READ),
        ({"path": "a.txt", "to": f"{RULED}/copy.txt"}, WRITE),
    ],
    "files/delete": [({"path": f"{RULED}/a.txt"}, DELETE), ({"path": RULED}, DELETE)],
    "files/restore": [({"id": "gone"}, WRITE), ({"id": "gone", "to": f"{RULED}/back.txt"}, WRITE)],
    "documents/recovery": [({"id": "recovery"}, READ)],
}
# Of a directory that holds ruled files, and a ruled directory for somebody else's name of it.
HOLDING: dict[str, dict[str, Any]] = {
    "files/move": {"path": "box", "to": "crate"},
    "files/delete": {"path": "box"},
}
LISTS = {"files/list", "files/tombstones", "documents/recoveries"}
PATH_FIELDS = {"path", "to", "target", "paths", "from", "directory"}
NAMES_NO_FILE = {"collaborators/path_rights", "collaborators/set_path_right", "collaborators/remove_path_right"}


def expected(access: str, role: Role, name: str, ability: Ability) -> str:
    """Who has not even the ability is refused before anything is said of the path."""
    if not COMMANDS[name][role]:
        return FORBIDDEN
    if access == "hidden" or (name == "documents/open" and ability is WRITE):  # who may not make it is told: not there
        return NOT_FOUND
    return OK if ability is READ else FORBIDDEN


def test_every_command_that_names_a_path_is_in_this_table() -> None:
    naming = {
        spec.command.name
        for feature in registered()
        for spec in feature.commands
        if PATH_FIELDS & set(spec.command.model_fields) and spec.command.name not in NAMES_NO_FILE
    }
    assert naming <= set(PROBES) | LISTS


@pytest.mark.parametrize("access", ACCESSES)
@pytest.mark.parametrize("door", ["ws", "http"])
async def test_a_rule_holds_for_every_command(database_url: str, access: str, door: str, subtests) -> None:  # type: ignore[no-untyped-def]
    """P5."""
    async with scene(database_url, access) as made:
        for role in LIMITED:
            async with asker(made, role, door) as ask:
                for name, body, ability in asked(door):
                    with subtests.test(f"{role} {name} {body}"):
                        assert await ask(name, body) == expected(access, role, name, ability)
                for name, body in HOLDING.items():
                    with subtests.test(f"{role} {name} {body}"):
                        assert await ask(name, body) == FORBIDDEN


def asked(door: str) -> list[tuple[str, dict[str, Any], Ability]]:
    """Opening needs a socket; all else goes through every door."""
    probes = [(name, *probe) for name, of_name in PROBES.items() for probe in of_name]
    return [probe for probe in probes if door == "ws" or probe[0] != "documents/open"]


@asynccontextmanager
async def asker(made: Scene, role: Role, door: str) -> AsyncIterator[Callable[[str, dict[str, Any]], Awaitable[str]]]:
    """Runs a command of somebody through a door; returns `ok` or the code of the error."""
    person = made.people[role]
    ids = {"gone": str(made.gone), "recovery": str(made.recoveries[role])}

    def filled(body: dict[str, Any]) -> dict[str, Any]:
        return {name: ids.get(value, value) if name == "id" else value for name, value in body.items()}

    async with AsyncExitStack() as stack:
        if door == "ws":
            client = await stack.enter_async_context(made.worker.client(person, made.project_id))

            async def ask(name: str, body: dict[str, Any]) -> str:
                try:
                    await client.request(name, filled(body), uuid4())
                except ServerRefused as refused:
                    return refused.code
                return OK
        else:
            http = await stack.enter_async_context(made.worker.http(person, made.project_id))

            async def ask(name: str, body: dict[str, Any]) -> str:
                headers = {"idempotency-key": str(uuid4())}
                answer = await http.post(f"/api/{name}", json=filled(body), headers=headers)
                return OK if answer.is_success else str(answer.json()["code"])

        yield ask


@pytest.mark.parametrize("access", ACCESSES)
async def test_lists_leave_out_what_is_hidden_and_nothing_else(database_url: str, access: str, subtests) -> None:  # type: ignore[no-untyped-def]
    """P5."""
    async with scene(database_url, access) as made:
        for role in (*LIMITED, Role.OWNER):
            with subtests.test(role):
                async with made.worker.client(made.people[role], made.project_id) as client:
                    hides = access == "hidden" and role in LIMITED
                    paths, marks = await listed(client)
                    outside = {"a.txt", "b.txt", "box"}
                    inside = {RULED, f"{RULED}/a.bin", f"{RULED}/a.txt", "box/ruled", "box/ruled/a.txt"}
                    assert paths == (outside if hides else outside | inside)
                    assert marks <= paths
                    assert len((await client.command(ListDeletedFiles())).files) == (0 if hides else 1)
                    copies = (await client.command(ListRecoveries())).recoveries
                    assert len(copies) == (1 if role in LIMITED and not hides else 0)


async def listed(client: HubClient) -> tuple[set[str], set[str]]:
    """The paths of all pages, of one file each, and the marks between them."""
    paths, marks, after = set(), set(), None
    while True:
        page = await client.command(ListFiles(after=after, limit=1))
        paths |= {file.path for file in page.files}
        after = page.next
        if after is None:
            return paths, marks
        marks.add(after)


@pytest.mark.parametrize("access", ACCESSES)
async def test_contents_over_http_obey_the_rule(database_url: str, access: str, subtests) -> None:  # type: ignore[no-untyped-def]
    """P5: GET, HEAD and ranges read; PUT, tus and what ends an upload write."""
    async with scene(database_url, access) as made:
        for role in LIMITED:
            writes = Ability.WRITE in ABILITIES[role]
            async with made.worker.http(made.people[role], made.project_id) as http:
                reading, writing = (404, 404) if access == "hidden" else (200, 403)
                for name, answer in (await contents(http, made)).items():
                    with subtests.test(f"{role} {name}"):
                        if name.startswith("read"):
                            assert answer.status_code in ((reading, 206) if reading == 200 else (reading,))
                        else:
                            assert answer.status_code == writing if writes or access == "hidden" else 403
        async with made.worker.http(made.people[Role.OWNER], made.project_id) as http:
            assert all(answer.is_success for answer in (await contents(http, made)).values())


async def contents(http: httpx.AsyncClient, made: Scene) -> dict[str, httpx.Response]:
    files, path = f"/files/{made.project_id}", f"{RULED}/a"
    return {
        "read text": await http.get(f"{files}/{path}.txt"),
        "read bytes": await http.get(f"{files}/{path}.bin"),
        "read head": await http.head(f"{files}/{path}.bin"),
        "read part": await http.get(f"{files}/{path}.bin", headers={"range": "bytes=1-2"}),
        "put text": await http.put(f"{files}/{path}.txt", content=b"other"),
        "put bytes": await http.put(f"{files}/{path}.bin", content=BYTES),
        "put new": await http.put(f"{files}/{RULED}/new.bin", content=BYTES),
        "begin upload": await http.post(
            f"/uploads/{made.project_id}",
            headers=TUS | {"upload-length": "1", "upload-metadata": "path cnVsZWQvdXAudHh0"},  # ruled/up.txt
        ),
    }


async def test_an_upload_that_began_before_the_rule_ends_in_a_refusal(database_url: str) -> None:
    """P5."""
    async with (
        everybody(database_url) as (worker, project_id, people),
        worker.http(people[Role.EDITOR], project_id) as http,
        worker.client(people[Role.OWNER], project_id) as owner,
    ):
        headers = TUS | {"upload-length": "1", "upload-metadata": "path cnVsZWQvdXAudHh0"}
        place = (await http.post(f"/uploads/{project_id}", headers=headers)).headers["location"]
        await owner.command(SetPathRight(glob=RULED, role="editor", access="hidden"))
        sent = await http.patch(
            place,
            content=b"x",
            headers=TUS | {"upload-offset": "0", "content-type": "application/offset+octet-stream"},
        )
        assert sent.status_code == 404
        assert await listed(owner) == ({"a.txt"}, {"a.txt"})


@pytest.mark.parametrize("role", LIMITED)
@pytest.mark.parametrize("access", ACCESSES)
async def test_streams_obey_the_rule_in_both_dialects(database_url: str, access: str, role: Role) -> None:
    """P5, P11: hidden is not there; read-only is read, shows cursors, and takes no edit."""
    async with scene(database_url, access) as made, AsyncExitStack() as stack:
        worker, project_id, person, path = made.worker, made.project_id, made.people[role], f"{RULED}/a.txt"
        owner = await stack.enter_async_context(worker.client(made.people[Role.OWNER], project_id))
        watcher = await Editor().open(owner, path)
        client = await stack.enter_async_context(worker.client(person, project_id))
        if access == "hidden":
            with pytest.raises(ServerRefused, match="not_found"):
                await client.open(path)
            connection = await stack.enter_async_context(worker.yjs(person.token, project_id, path))
            assert (await connection.when_closed())[0] == 4404
            return
        stock = await stack.enter_async_context(stock_editor(worker, person.token, project_id, path))
        ours = await Editor().open(client, path)
        assert ours.channel.opened.access == "read"
        await watcher.type(1, " seen")
        await ours.until("a seen")
        await stock.until(lambda: str(stock.text) == "a seen")
        await stock.point(1, "{}")
        await watcher.until_aware()
        await ours.type(0, "mine")
        await stock.type(0, "mine")
        assert (await ours.channel.when_ended())["code"] == "forbidden"
        assert (await stock.connection.when_closed())[0] == 4403
        assert str(watcher.text) == "a seen"


async def test_the_owner_and_roles_without_a_rule_are_never_limited(database_url: str) -> None:
    async with (
        everybody(database_url) as (worker, project_id, people),
        worker.client(people[Role.OWNER], project_id) as owner,
    ):
        await owner.command(SetPathRight(glob="**", role="viewer", access="hidden"))
        assert (await listed(owner))[0] == {"a.txt"}
        for role, seen in ((Role.EDITOR, {"a.txt"}), (Role.REVIEWER, {"a.txt"}), (Role.VIEWER, set())):
            async with worker.client(people[role], project_id) as client:
                assert (await listed(client))[0] == seen
