"""Two people type in one of 2,000 files while its directory moves: nobody loses the editor."""

import asyncio

from protocol.documents import ReadDocument
from protocol.files import ListFiles, MoveFile
from runner.hub_client import HubClient
from server.bus.local import Exchange, LocalBus
from tests.harness.editor import Editor
from tests.harness.listener import Listener
from tests.harness.worker import running_worker

FILES = 2_000
KEYSTROKES = 150
MOVES = ("code", "lib/deep/code", "src")


async def type_on(editor: Editor, letter: str, has_typed: asyncio.Event) -> None:
    for _ in range(KEYSTROKES):
        await editor.type(0, letter)
        await editor.channel.when_saved()
        has_typed.set()


async def paths(client: HubClient) -> list[str]:
    found: list[str] = []
    after: str | None = None
    while True:
        page = await client.command(ListFiles(after=after, limit=1000))
        found += [file.path for file in page.files]
        after = page.next
        if after is None:
            return found


async def test_a_directory_of_2000_files_moves_while_two_people_type_in_one_of_them(database_url: str) -> None:
    """P9. Three moves, on workers of their own: the text and the paths are right everywhere."""
    exchange = Exchange()
    async with (
        running_worker(database_url, bus=LocalBus(exchange)) as here,
        running_worker(database_url, bus=LocalBus(exchange)) as there,
    ):
        ada = await here.person()
        files = {f"src/part{n % 20}/{n:04}.txt": f"{n}\n" for n in range(FILES)}
        project_id, path = await here.project(ada, files), "src/part7/0007.txt"
        async with here.client(ada, project_id) as first, there.client(ada, project_id) as second:
            listener = Listener(second)
            one, two = await Editor().open(first, path), await Editor().open(second, path)
            has_typed = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(type_on(one, "a", has_typed))
                group.create_task(type_on(two, "b", has_typed))
                place = "src"
                for to in MOVES:
                    has_typed.clear()
                    await has_typed.wait()
                    await first.command(MoveFile(path=place, to=to))
                    place = to
            text = str((await one.when_level()).text)
            assert text == str((await two.when_level()).text)
            assert sorted(text) == sorted("a" * KEYSTROKES + "b" * KEYSTROKES + "7\n")
            for client in (first, second):
                read = await client.command(ReadDocument(path=path))
                assert (read.path, read.text) == (path, text)
                assert set(files) <= set(await paths(client))
            old = await second.command(ReadDocument(path="lib/deep/code/part7/0007.txt"))
            assert (old.path, old.text) == (path, text)
            moves = [body["moved"] for name, body, _ in listener.events if name == "files/moved"]
            assert [len(moved) for moved in moves] == [FILES + 21] * len(MOVES)
