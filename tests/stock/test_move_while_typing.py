"""Two people, one on our client and one on an unmodified y-websocket, type while the directory around them moves."""

import asyncio
from pathlib import Path

import httpx
import pytest

from protocol.documents import ReadDocument
from protocol.files import ListFiles, MoveFile
from runner.hub_client import HubClient
from tests.harness.archives import zipped
from tests.harness.editor import Editor
from tests.harness.live_server import LiveServer
from tests.harness.stock_clients import StockClient, StockClients

FILES = 2_000
KEYSTROKES = 100
MOVES = ("many/code", "elsewhere/deep/code", "many/back")
PLACE, FILE = "many/src", "part7/0007.txt"
OWNER = "demo@flashio.local"


def import_files(server: LiveServer, folder: Path) -> None:
    """Two thousand files of a hundred lines, as an archive brings them."""
    archive = folder / "many.zip"
    archive.write_bytes(zipped({f"part{n % 20}/{n:04}.txt": f"{n}\n".encode() * 100 for n in range(FILES)}))
    where = ("--into", server.project_id, "--directory", PLACE)
    server.run("project", "import", str(archive), "--owner", OWNER, *where)


async def a_colleague(server: LiveServer) -> str:
    """The token of somebody else who edits the demo project."""
    server.run("user", "create", "mover@example.org", check=False)
    token = server.run("token", "create", "mover@example.org").stdout.strip()
    invitation = {"role": "editor", "email": "mover@example.org"}
    ours = {"authorization": f"Bearer {server.token}", "x-project": server.project_id}
    async with httpx.AsyncClient(base_url=server.url) as http:
        key = {"idempotency-key": "7b0cbd2c-0c1c-4a53-8b5c-2d1f6d8a4e01"}
        invited = await http.post("/api/collaborators/invite", json=invitation, headers=ours | key)
        assert invited.status_code == 200, invited.text
        theirs = {"authorization": f"Bearer {token}"} | {"idempotency-key": "7b0cbd2c-0c1c-4a53-8b5c-2d1f6d8a4e02"}
        body = {"secret": invited.json()["secret"]}
        accepted = await http.post("/api/collaborators/accept", json=body, headers=theirs)
        assert accepted.status_code == 200, accepted.text
    return token


async def paths(client: HubClient, below: str) -> set[str]:
    found: set[str] = set()
    after: str | None = f"{below}/"
    while after is not None:
        page = await client.command(ListFiles(after=after, limit=1000))
        found |= {file.path for file in page.files if file.path.startswith(f"{below}/") and not file.is_directory}
        after = page.next
    return found


async def type_with_ours(editor: Editor, typed: asyncio.Semaphore) -> None:
    for _ in range(KEYSTROKES):
        await editor.type(0, "a")
        await editor.channel.when_saved()
        typed.release()


async def type_with_theirs(stock: StockClient, typed: asyncio.Semaphore) -> None:
    for _ in range(KEYSTROKES):
        await stock.insert(0, "b")
        typed.release()


@pytest.mark.timeout(180)
async def test_nobody_is_disconnected_and_text_and_paths_are_right_everywhere(
    server: LiveServer, stock: StockClients, tmp_path: Path
) -> None:
    import_files(server, tmp_path)
    theirs = await stock.synced(f"{PLACE}/{FILE}", token=await a_colleague(server))
    async with server.client() as client:
        ours = await Editor().open(client, f"{PLACE}/{FILE}")
        typed = asyncio.Semaphore(0)
        async with asyncio.TaskGroup() as group:
            group.create_task(type_with_ours(ours, typed))
            group.create_task(type_with_theirs(theirs, typed))
            place = PLACE
            for to in MOVES:
                await typed.acquire()
                await client.command(MoveFile(path=place, to=to))
                place = to
        await theirs.until("saved")
        text = str((await ours.when_level()).text)
        await theirs.until("text", text)
        assert sorted(text) == sorted("a" * KEYSTROKES + "b" * KEYSTROKES + "7\n" * 100)
        for path in (f"{PLACE}/{FILE}", *(f"{place}/{FILE}" for place in MOVES)):
            read = await client.command(ReadDocument(path=path))
            assert (read.path, read.text) == (f"{place}/{FILE}", text)
        assert await paths(client, place) == {f"{place}/part{n % 20}/{n:04}.txt" for n in range(FILES)}
    state = await theirs.state()
    assert (state.closes, state.denials, state.connected) == ([], [], True)
